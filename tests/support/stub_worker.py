"""A worker that does not train: it plays the scenario that the job's name begins with."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Stub:
    """One played job. The scenarios are its methods; any other name holds still once it trains."""

    def __init__(self, order_file: str, events: str, leash: str) -> None:
        self.order = json.loads(Path(order_file).read_text(encoding="utf-8"))
        self._events = os.fdopen(int(events), "wb", buffering=0)
        self._leash = int(leash)
        threading.Thread(target=self.end_with_the_server, daemon=True).start()

    def play(self) -> None:
        """Begin as every job does, then do as the name says."""
        scenario = self.order["job_name"].split("-")[0]
        if scenario != "mute":
            threading.Thread(target=self.beat, daemon=True).start()
        if scenario == "starting":
            self.hold()
        self.send("status", status="AnalyzingData")
        if scenario == "analyzing":
            self.hold()
        if scenario == "refuse":
            self.send("refused", reason="ClientError: the data are bad")
            return
        self.send("status", status="TrainingModels")
        scenarios: dict[str, Callable[[], None]] = {
            "brief": self.brief,
            "chatter": self.chatter,
            "cut": lambda: self.send("finished", **outcome(self.order), cut_short=True),
            "crash": self.crash,
            "deaf": self.deaf,
            "done": self.done,
            "expired": lambda: self.send("expired"),
            "flood": lambda: self.write(b"x" * 3_000_000),
            "frozen": lambda: os.kill(os.getpid(), signal.SIGSTOP),
            "garbage": lambda: self.write(b"this is no event\n"),
            "hungry": self.hungry,
            "late": self.late,
            "loud": self.loud,
            "reached": lambda: self.send("finished", **outcome(self.order), job_runtime_reached=True),
            "silent": lambda: None,
            "talk": self.talk,
            "verbose": self.verbose,
            "words": self.words,
        }
        scenarios.get(scenario, self.hold)()

    def send(self, event: str, **content: Any) -> None:
        """Write an event as a real worker does."""
        self._events.write(json.dumps({"event": event} | content).encode() + b"\n")

    def write(self, content: bytes) -> None:
        """Write something else, and stay."""
        self._events.write(content)
        self.hold()

    def hold(self) -> None:
        """Do nothing until the server is gone or ends this process."""
        while True:
            signal.pause()

    def end_with_the_server(self) -> None:
        """What a real worker's leash does."""
        os.read(self._leash, 1)
        os.killpg(0, signal.SIGKILL)

    def beat(self) -> None:
        """Give signs of life as a real worker does."""
        while self.order["heartbeat"]:
            self.send("alive")
            time.sleep(self.order["heartbeat"])

    def brief(self) -> None:
        """Take a moment, with a file in the scratch folder, and finish well."""
        Path(self.order["folder"], "scratch").write_bytes(b"x" * 1000)
        time.sleep(random.uniform(0.05, 0.6))  # noqa: S311 - no secret
        self.done()

    def chatter(self) -> None:
        """Send events without end."""
        while True:
            self.send("progress", step=1, steps=1, epoch=1, epochs=1, training_loss=1.0)

    def hungry(self) -> None:
        """Take more and more memory."""
        eaten = []
        while True:
            eaten.append(b"x" * 20_000_000)
            time.sleep(0.02)

    def loud(self) -> None:
        """Print without end."""
        while True:
            sys.stdout.write("x" * 99 + "\n")

    def talk(self) -> None:
        """Print a line, wait until the file `go on` is there, print another and finish well."""
        print("INFO the first line", flush=True)
        while not Path(self.order["folder"], "go on").exists():
            time.sleep(0.02)
        print("INFO the second line ✓", flush=True)
        self.done()

    def crash(self) -> None:
        """Die as a process does that is killed."""
        print("about to crash", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def verbose(self) -> None:
        """Print 4.5 MB and fail."""
        for number in range(45_000):
            print(f"{number:<99}")
        sys.stdout.flush()
        self.send("refused", reason="ClientError: the data are bad")

    def words(self) -> None:
        """Print something and hold still."""
        print("some words", flush=True)
        self.hold()

    def deaf(self) -> None:
        """Go on despite SIGTERM."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.hold()

    def done(self) -> None:
        """Finish well."""
        self.send("finished", **outcome(self.order))

    def late(self) -> None:
        """Finish well, and then say something that no longer counts."""
        self.done()
        self.send("status", status="AnalyzingData")


def outcome(order: dict[str, Any]) -> dict[str, Any]:
    """A result with numbers that no test takes for measured ones."""
    metrics = ("Rouge1", "Rouge2", "RougeL", "RougeLSum", "Perplexity", "ValidationLoss", "TrainingLoss")
    return {
        "metrics": {name: float(number) for number, name in enumerate(metrics)},
        "artifacts": {"model.tar.gz": order["request"]["OutputDataConfig"]["S3OutputPath"] + "/model.tar.gz"},
        "image": "image",
        "environment": {"KEY": "value"},
    }


if __name__ == "__main__":
    Stub(*sys.argv[1:]).play()
