"""All that can be commanded of a running emulator."""

from emulator.control.faults import FaultBoard
from emulator.control.outcomes import OutcomeBoard
from emulator.control.reset import Reset
from emulator.control.seed import Seed


class Panel:
    """The boards, the seed and the reset, which clears them too."""

    def __init__(self, faults: FaultBoard, outcomes: OutcomeBoard, seed: Seed, reset: Reset) -> None:
        self.faults = faults
        self.outcomes = outcomes
        self.seed = seed
        self._reset = reset

    def reset(self) -> None:
        """End every job and every endpoint within five seconds, and forget whatever the emulator knows.

        Raises InvalidRequest where that is to outlast the server.
        """
        self._reset()
        self.faults.clear()
        self.outcomes.clear()
        self.seed.reset()
