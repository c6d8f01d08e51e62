"""An executor that follows commands: it scripts what needs no training, and hands every other job on."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from emulator import errors
from emulator.control.outcomes import STAGES, WITHOUT_TRAINING, Outcome
from emulator.executors import Executor, WorkerProcess
from emulator.executors.scripted import Actor, Script, ScriptedWorker, slowed
from emulator.jobs.orders import read_order
from emulator.jobs.record import AutoMLJob
from emulator.problem_types import TrainingOrder


class Answer(Protocol):
    """What could answer a job in place of a fine-tune."""

    def __call__(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        """The script of the job; None where there is no answer. Raises JobFailure."""

    def foresees(self, job: AutoMLJob, outcome: Outcome) -> bool:
        """Whether it will answer, or fail, a job that was created just now; False where that takes time to tell."""


class Director:
    """Satisfies executors.Executor. `answers` are asked in turn; `replay` is where the settings have recordings."""

    def __init__(self, executor: Executor, answers: tuple[Answer, ...], replay: str = "") -> None:
        self._executor = executor
        self._answers = answers
        self._replay = replay

    def plays(self, job: AutoMLJob) -> bool:
        """Whether a job is not to be trained, as far as that can be told at once."""
        outcome = _outcome(job.outcome)
        return outcome.end in WITHOUT_TRAINING or any(answer.foresees(job, outcome) for answer in self._answers)

    def boot(self) -> None:
        """Prepare for the first worker; returns at once."""
        self._executor.boot()

    def device(self) -> str | None:
        """Where training runs (cpu or cuda), once that is known."""
        return self._executor.device()

    def close(self) -> None:
        """End everything that was started."""
        self._executor.close()

    def start(self, order_file: str, log_file: str) -> WorkerProcess:
        """Do the order as it was commanded. Raises JobFailure where it cannot be done."""
        order = read_order(order_file)
        outcome = _outcome(order.outcome)
        script = self._scripted(order, outcome)
        if script is not None:
            return ScriptedWorker(script, log_file, order.heartbeat)
        try:
            worker = self._executor.start(order_file, log_file)
        except errors.JobFailure as failure:
            raise errors.no_recording_answers(self._replay, str(failure)) if self._replay else failure from None
        if not outcome.seconds_per_stage:
            return worker
        return ScriptedWorker(slowed(worker, outcome.seconds_per_stage), log_file, order.heartbeat, worker)

    def _scripted(self, order: TrainingOrder, outcome: Outcome) -> Script | None:
        if outcome.end in WITHOUT_TRAINING:
            return ending(outcome)
        return next((script for answer in self._answers if (script := answer(order, outcome)) is not None), None)


def _outcome(content: Mapping[str, Any] | None) -> Outcome:
    return Outcome.of(content) if content else Outcome()


def ending(outcome: Outcome) -> Script:
    """The script of a job that is not trained."""
    last = outcome.stage or STAGES[-1]

    def script(actor: Actor) -> None:
        actor.log(f"this job does not train, since its outcome was commanded: {json.dumps(outcome.told())}")
        for stage in STAGES[: STAGES.index(last) + 1]:
            if stage != STAGES[0]:
                actor.status(stage)
            actor.pause(outcome.seconds_per_stage)
        if outcome.end == "fail":
            reason = outcome.reason or str(errors.failure_without_reason(last))
            actor.send("refused", {"reason": reason, "whole": True})
        elif outcome.end == "max-runtime":
            actor.send("expired", {})
        else:
            actor.send("stop", {})
            actor.pause(None)

    return script
