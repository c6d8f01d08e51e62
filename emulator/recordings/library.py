"""Which recording answers a job: the one that was named, or the one in the folder that matches."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.bundled import FIXTURES
from emulator.problem_types.text_generation.facts import TEXT_GENERATION, base_model_name
from emulator.recordings.recording import SUFFIXES, Recording, load, name_of

BUNDLED = "bundled"
BUNDLED_FOLDER = FIXTURES / "recordings"


@dataclass(frozen=True)
class Found:
    """A recording and its file."""

    file: Path
    recording: Recording

    @property
    def name(self) -> str:
        """What it is called."""
        return name_of(self.file)


class Library:
    """The recordings of a folder, read when they are needed, and those that ship with the package.

    `place` is a folder, `bundled`, or nothing. Raises ValueError where it is no folder.
    """

    def __init__(self, place: str) -> None:
        self._folder = BUNDLED_FOLDER if place == BUNDLED else Path(place).expanduser().absolute() if place else None
        if self._folder is not None and not self._folder.is_dir():
            raise ValueError(f"--replay: {self._folder} is no folder")
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, int], Recording]] = {}
        for file in self._files():
            self.at(file)

    def at(self, file: Path) -> Found:
        """The recording in a file. Raises ValueError that says what is wrong with it."""
        try:
            state = file.stat()
            version = (state.st_mtime_ns, state.st_size)
            with self._lock:
                known = self._read.get(file)
            if known is None or known[0] != version:
                known = (version, load(file))  # without the lock: a disk may take its time
                with self._lock:
                    self._read[file] = known
        except (OSError, ValueError) as problem:
            raise ValueError(f"{file}: {_reason(problem)}") from None
        return Found(file, known[1])

    def named(self, name: str) -> Found:
        """The recording of that name, or in the file of that absolute path. Raises ValueError."""
        if os.path.isabs(name):
            if not name.endswith(SUFFIXES):
                raise ValueError(f"{name}: a recording is a file that ends in {' or '.join(SUFFIXES)}")
            return self.at(Path(name))
        folders = dict.fromkeys(folder for folder in (self._folder, BUNDLED_FOLDER) if folder is not None)
        wanted = name.removesuffix(".gz").removesuffix(".json")
        for folder in folders:
            for suffix in SUFFIXES:
                if "/" not in wanted and os.path.isfile(folder / f"{wanted}{suffix}"):
                    return self.at(folder / f"{wanted}{suffix}")
        hint = "; give a file of another folder with its absolute path" if "/" in name else ""
        raise ValueError(f"there is no recording {name!r} in {' or '.join(map(str, folders))}{hint}")

    def known(self, name: str) -> None:
        """Pass where there is a recording of that name. Raises ApiError."""
        try:
            self.named(name)
        except ValueError as problem:
            raise errors.bad_control_request(str(problem)) from None

    def matching(self, job_name: str, problem_type: str, request: Mapping[str, Any]) -> Found | None:
        """The first of the folder that matches a job; those that match by its name come before the others.

        Raises ValueError for a recording that cannot be read.
        """
        base_model = _base_model(problem_type, request)
        found = [one for file in self._files() if _matches(one := self.at(file), job_name, base_model)]
        return min(found, key=lambda one: "job_name" not in one.recording.match, default=None)

    def _files(self) -> list[Path]:
        """The files of the folder. Raises ValueError where it is gone."""
        if self._folder is None:
            return []
        try:
            return sorted(file for file in self._folder.iterdir() if file.name.endswith(SUFFIXES))
        except OSError as problem:
            raise ValueError(f"the folder {self._folder} cannot be read: {_reason(problem)}") from None


def _reason(problem: OSError | ValueError) -> str:
    return str((problem.strerror if isinstance(problem, OSError) else None) or problem)


def _matches(found: Found, job_name: str, base_model: str | None) -> bool:
    match = found.recording.match
    name_fits = fnmatchcase(job_name, match.get("job_name", "*"))
    model_fits = match.get("base_model") in {None, base_model}
    return bool(match) and name_fits and model_fits


def _base_model(problem_type: str, request: Mapping[str, Any]) -> str | None:
    if problem_type != TEXT_GENERATION.name:
        return None
    return base_model_name(request["AutoMLProblemTypeConfig"][TEXT_GENERATION.config])
