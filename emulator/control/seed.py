"""The seed of the fine-tunes to come, where a test has set one."""

from typing import Any

from emulator.control.checks import checked

_MEMBERS = {"seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}}


class Seed:
    """`value` is None where the settings' seed counts."""

    def __init__(self) -> None:
        self.value: int | None = None

    def set(self, content: object) -> dict[str, Any]:
        """Set the seed of every job that is created from now on, as JSON describes it. Raises ApiError."""
        self.value = int(checked(content, _MEMBERS, ("seed",))["seed"])
        return {"seed": self.value}

    def reset(self) -> None:
        """The settings' seed counts again."""
        self.value = None
