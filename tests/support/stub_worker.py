"""A worker that does not train: it plays the scenario that the job's name begins with."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Stub:
    """One played job. The scenarios are its methods; any other name holds still once it trains."""

    def __init__(self, order_file: str, events: str, leash: str) -> None:
        self.order = json.loads(Path(order_file).read_text(encoding="utf-8"))
        self._events = os.fdopen(int(events), "wb", buffering=0)
        self._leash = int(leash)

    def play(self) -> None:
        """Begin as every job does, then do as the name says."""
        self.send("status", status="AnalyzingData")
        scenario = self.order["job_name"].split("-")[0]
        if scenario == "refuse":
            self.send("refused", reason="ClientError: the data are bad")
            return
        self.send("status", status="TrainingModels")
        scenarios: dict[str, Callable[[], None]] = {
            "crash": self.crash,
            "deaf": self.deaf,
            "done": self.done,
            "expired": lambda: self.send("expired"),
            "flood": lambda: self.write(b"x" * 3_000_000),
            "garbage": lambda: self.write(b"this is no event\n"),
            "late": self.late,
            "reached": lambda: self.send("finished", **outcome(self.order), job_runtime_reached=True),
            "silent": lambda: None,
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
        os.read(self._leash, 1)

    def crash(self) -> None:
        """Die as a process does that is killed."""
        print("about to crash", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

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
