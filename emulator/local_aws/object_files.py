"""Where the content of each object lies: in a folder that a person can read, and never outside of it.

`BUCKET/KEY` is the current version as a plain file, where a file can have that name. All else, and all that is still
being written, is in a side folder under names of our own, so that no key decides on a path there: `../x`, `/x`, `a/`
and `a//b`, a name over 255 bytes, `a` beside `a/b`, `A` beside `a` where the file system takes them for one, keys
behind a symbolic link, versions that are not current.
"""

import errno
import logging
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from emulator.s3.bucket_names import is_allowed

_SIDE = ".automl-emulator"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # of a name that leads nowhere else: S3 allows fewer
_LONGEST_NAME = 255
_DEEPEST = 100
_BLOCK = 1024 * 1024
_NO_DATA = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # what file managers leave in a folder

logger = logging.getLogger(__name__)


class Content(Protocol):
    """An open file."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes, at most so many."""

    def fileno(self) -> int:
        """Its descriptor."""


class ObjectFiles:
    """The files below a root, of which each bucket has a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._side = root / _SIDE
        self._side.mkdir(exist_ok=True)

    def side(self, token: str) -> Path:
        """The file of a content in the side folder."""
        return self._side / token

    def bucket_folder(self, bucket: str) -> Path | None:
        """The folder of a bucket; None where a path of its name could be wrong."""
        return self.root / bucket if _BUCKET.fullmatch(bucket) else None

    def plain(self, bucket: str, key: str) -> Path | None:
        """The file that has an object's own name; None where no file can have it."""
        folder = self.bucket_folder(bucket)
        names = key.split("/")
        if folder is None or len(names) > _DEEPEST or not all(map(_is_file_name, names)):
            return None
        return folder.joinpath(*names)

    def write(self, source: Content) -> str:
        """Put a content into the side folder, down to the disk, and return its token. Raises OSError."""
        token = uuid.uuid4().hex
        try:
            with self.side(token).open("xb") as file:
                shutil.copyfileobj(source, file, _BLOCK)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self.drop(token)
            raise
        return token

    def take(self, path: Path, content: Content) -> str:
        """Move a file into the side folder, down to the disk, and return its token. Raises OSError.

        `content` is the open file: it is copied where it cannot be moved, or where another request has moved it.
        """
        token = uuid.uuid4().hex
        os.fsync(content.fileno())
        try:
            path.rename(self.side(token))
        except OSError as problem:
            if problem.errno not in {errno.EXDEV, errno.ENOENT}:
                raise
            return self.write(content)
        return token

    def drop(self, token: str) -> None:
        """Remove a content from the side folder."""
        self.side(token).unlink(missing_ok=True)

    def is_free(self, path: Path) -> bool:
        """Whether a plain file can be made: nothing is there, and only folders are above."""
        try:
            self._make_parents(path)
        except OSError:
            return False
        return not os.path.lexists(path)

    def place(self, token: str, path: Path) -> None:
        """Make a content of the side folder the plain file. Raises OSError."""
        self._make_parents(path)
        self.side(token).replace(path)

    def withdraw(self, path: Path, token: str) -> None:
        """Take a plain file back into the side folder, and remove the folders that it leaves empty. Raises OSError."""
        if not self.is_file(path):
            return
        try:
            path.rename(self.side(token))
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            unfinished = self.side(f"{token}.part")
            shutil.copy2(path, unfinished)
            unfinished.replace(self.side(token))
            path.unlink()
        for folder in path.parents:
            if folder.parent == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return

    def remove_bucket(self, folder: Path) -> None:
        """Remove a bucket's folder with the folders in it. Raises OSError where there are files that are no objects."""
        for below, _, files in os.walk(folder, topdown=False):
            for name in _NO_DATA.intersection(files):
                Path(below, name).unlink()
            Path(below).rmdir()

    def found(self, bucket: str) -> Iterator[tuple[str, Path]]:
        """Every plain file in a bucket's folder: its key and its path."""
        folder = self.bucket_folder(bucket)
        if folder is not None:
            yield from _files(folder, "")

    def found_buckets(self) -> Iterator[str]:
        """The names of all folders that are buckets of their own, or are to become one."""
        for entry in sorted(os.scandir(self.root), key=lambda entry: entry.name):
            if is_allowed(entry.name) and entry.is_dir(follow_symlinks=False):
                yield entry.name
            elif entry.name not in _NO_DATA | {_SIDE}:
                logger.warning("%s is no bucket: not a folder, or not a name that S3 allows", entry.path)

    def is_file(self, path: Path) -> bool:
        """Whether there is a file, and no link to one."""
        try:
            return stat.S_ISREG(path.lstat().st_mode)
        except OSError:
            return False

    def contents(self) -> set[str]:
        """The tokens of all contents in the side folder."""
        return {entry.name for entry in os.scandir(self._side)}

    def _make_parents(self, path: Path) -> None:
        """Make the folders above a file. Raises OSError where one is no folder, or a link to one."""
        for folder in reversed(path.parents[: len(path.relative_to(self.root).parts) - 1]):
            try:
                folder.mkdir()
            except FileExistsError:
                if not stat.S_ISDIR(folder.lstat().st_mode):
                    raise


def _is_file_name(name: str) -> bool:
    if name in {"", ".", ".."} or "\x00" in name:
        return False
    try:
        return len(name.encode()) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as problem:
        logger.warning("%s is left out: %s", folder, problem.strerror)
        return
    for entry in entries:
        path = Path(entry.path)
        status = entry.stat(follow_symlinks=False)
        if not _is_file_name(entry.name):
            logger.warning("%s is left out: its name is not in UTF-8", os.fsencode(path))
        elif stat.S_ISDIR(status.st_mode):
            yield from _files(path, f"{prefix}{entry.name}/")
        elif not stat.S_ISREG(status.st_mode):
            logger.warning("%s is left out: not a file, or a link to one", path)
        elif entry.name not in _NO_DATA:
            yield prefix + entry.name, path
