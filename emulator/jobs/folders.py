"""Where runs have their scratch folders; whatever a killed server left there is gone after the next start."""

import contextlib
import fcntl
import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.executors.last_words import last_words

PREFIX = "automl-emulator-runs-"
LOCK = "lock"
SECONDS_TO_LOCK = 600
"""A folder without a lock may be that of a server that is just about to make one, but not for so long."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunFolder:
    """The scratch folder of one run: the order, the worker's log, and whatever the worker puts beside them."""

    path: Path

    @property
    def order_file(self) -> str:
        """The order as JSON."""
        return str(self.path / "order.json")

    @property
    def log_file(self) -> str:
        """What the worker prints."""
        return str(self.path / "training.log")

    def last_words(self) -> str:
        """The last line of the log."""
        try:
            return last_words(Path(self.log_file)) or "none"
        except FileNotFoundError:
            return "none"


class RunFolders:
    """Gives each run a folder of its own under `parent`, which no other server may use at the same time.

    Without one they are in the system's folder for temporary files, each server's in one that it holds a lock on, so
    that the next server on this machine can tell which of them nobody uses any more.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._lock = None
        if parent is None:
            _sweep(Path(tempfile.gettempdir()))
            self.parent = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock = (self.parent / LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        else:
            self.parent = parent
            _remove(parent)
            parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def folder(self) -> Iterator[RunFolder]:
        """A new folder, which is removed in the end."""
        self.parent.mkdir(parents=True, exist_ok=True)  # cleaners of temporary files may have been here
        path = Path(tempfile.mkdtemp(dir=self.parent))
        try:
            yield RunFolder(path)
        finally:
            _remove(path)

    def close(self) -> None:
        """Remove them all."""
        _remove(self.parent)
        if self._lock is not None:
            self._lock.close()


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        try:
            with (folder / LOCK).open("r+b") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
        except FileNotFoundError:
            if _age(folder) > SECONDS_TO_LOCK:
                with contextlib.suppress(OSError):
                    folder.rmdir()  # a server was killed before it had a lock; whatever has content is not ours
        except OSError:  # in use, or not ours
            continue


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0


def _remove(folder: Path) -> None:
    def tell(_: object, path: str, problem: BaseException) -> None:
        if not isinstance(problem, FileNotFoundError):
            logger.warning("%s could not be removed: %s", path, problem)

    shutil.rmtree(folder, onerror=lambda function, path, info: tell(function, path, info[1]))
