"""An endpoint asked by one client and by sixteen, over HTTP with boto3; prints a table for RESULTS.md."""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from emulator.base_models.catalogue import BASE_MODEL_NAMES, DEFAULT_BASE_MODEL
from tests.benchmarks.machine import conditions
from tests.benchmarks.timing import comparison, in_turn, table, with_spread
from tests.conftest import fill_bucket
from tests.support.server import running_server
from tests.support.serving import Tuned, tune


@dataclass(frozen=True)
class Run:
    """Seconds for all texts, and the texts."""

    seconds: float
    texts: list[str]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.texts) / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:.1f} answers/s"


def timed(ask: Callable[[], list[str]]) -> Run:
    """One run."""
    began = time.perf_counter()
    texts = ask()
    return Run(time.perf_counter() - began, texts)


def first_token(tuned: Tuned, text: str) -> float:
    """Milliseconds from the call to the first part of the stream."""
    began = time.perf_counter()
    body = tuned.stream(tuned.request(text))["Body"]
    next(iter(body))
    taken = time.perf_counter() - began
    for _ in body:
        pass
    return 1000 * taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--requests", type=int, default=96)
    parser.add_argument("--longest", type=int, default=32, help="most new tokens")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--base-model", choices=BASE_MODEL_NAMES, default=DEFAULT_BASE_MODEL, metavar="NAME")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    print(conditions("automl-emulator", "torch", "transformers", "waitress"))
    with running_server("--device", options.device) as (server, _):
        fill_bucket(server)
        tuned = tune(server, "endpoint", options.base_model)
        inputs = [row["input"] for row in tuned.predictions]
        prompts = [inputs[number % len(inputs)] for number in range(options.requests)]
        # Drawn tokens end a text rarely: all texts are then about as long, and each is its seed's.
        drawn = {"do_sample": True, "temperature": 3.0, "max_new_tokens": options.longest}

        def ask(number: int) -> str:
            return tuned.text(prompts[number], seed=number, **drawn)

        def all_at_once() -> list[str]:
            with ThreadPoolExecutor(options.clients) as clients:
                return list(clients.map(ask, range(len(prompts))))

        timed(all_at_once)
        together, alone = in_turn(
            options.repetitions,
            lambda: timed(all_at_once),
            lambda: timed(lambda: [ask(number) for number in range(len(prompts))]),
        )
        waits = [first_token(tuned, prompt) for prompt in prompts]
    same = sum(one == other for one, other in zip(together[0].texts, alone[0].texts, strict=True))
    print(
        f"\n{options.requests} requests of up to {options.longest} tokens, {options.base_model}, {options.device}; "
        f"{same} of {options.requests} texts equal\n"
    )
    rates = comparison("answers/s", [run.rate for run in together], [run.rate for run in alone], 1)
    print(table(("figure", f"{options.clients} clients", "one after the other", "ratio"), [rates]))
    print(f"\nFirst token of a stream, one client: median {median(waits):.1f} ms, {with_spread(waits, 1)}.")


if __name__ == "__main__":
    main()
