"""Which model runs in place of each base model, as the user chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Choice:
    """A size (tiny, small, full) for all, and for single base models a folder or a repository of the hub."""

    size: str = "tiny"
    places: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, models: str, model: Sequence[str], known: Sequence[str]) -> Self:
        """The choice that the settings `models` and `model` make.

        Raises ValueError where an item of `model` is not NAME=PLACE, or names no base model.
        """
        places = [item.partition("=")[::2] for item in model]
        for item, (name, place) in zip(model, places, strict=True):
            if not place:
                raise ValueError(f"model: {item!r} is not of the form NAME=FOLDER or NAME=REPOSITORY")
            if name not in known:
                raise ValueError(f"model: {name} is no base model; there are {', '.join(known)}")
        return cls(models, tuple(places))

    def place(self, name: str) -> str | None:
        """The folder or repository for a base model; None where its size decides. The last one named counts."""
        return dict(self.places).get(name)


def is_folder(place: str) -> bool:
    """Whether a place is meant as a folder: there is one, or it is written as a path."""
    return place.startswith((".", "/", "~")) or place.count("/") > 1 or Path(place).is_dir()
