"""A worker that is held back, so that each of its stages takes at least so long."""

import io
import json
import time
from pathlib import Path
from typing import Any

from emulator.executors.scripted import ScriptedWorker, slowed


class Talker:
    """A worker that has said all it has to say."""

    pid = 1

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = io.BytesIO(b"".join(json.dumps(event).encode() + b"\n" for event in events))

    def wait(self) -> int:
        """A good end."""
        return 0


def test_stage_takes_its_time_once(tmp_path: Path) -> None:
    """What a worker tells within a stage does not make it longer, however often it says that it lives or gets on."""
    within = [{"event": "alive"}, {"event": "progress"}] * 100
    statuses = [{"event": "status", "status": status} for status in ("AnalyzingData", "TrainingModels")]
    told = [*within, statuses[0], *within, statuses[1], *within, {"event": "finished"}]
    began = time.monotonic()
    worker = ScriptedWorker(slowed(Talker(*told), 0.2), str(tmp_path / "training.log"), 0)
    with worker.events as events:
        heard = [json.loads(line) for line in events]
    assert worker.wait() == 0
    assert [event for event in heard if event["event"] in {"status", "finished"}] == [*statuses, {"event": "finished"}]
    assert 3 * 0.2 <= time.monotonic() - began < 20  # a pause at each sign of life took a minute
