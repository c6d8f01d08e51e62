"""S3 that outlasts the server: moto's buckets and objects, mirrored to a folder and to the database.

Two ways were judged. moto's own request recorder replays every request that ever was: its log grows with each
overwritten object and holds a third more than the bytes, a start takes as long as all requests together, version ids
and dates come out anew, and a file that somebody puts into a folder is not seen. Mirroring keeps the state instead:
contents as files of the objects' own names where that is possible (object_files.py), all else as rows. A start reads
names, sizes and rows; contents are read when they are asked for, and are not held in memory.

Before an answer leaves, all that its request has touched is on the disk: the content first, in the side folder; then
the rows, which name it; then it is moved to its place. A start finishes a move that was cut short, so a version is
there whole and with its metadata, or not at all.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey

from emulator import errors
from emulator.local_aws import watched_s3
from emulator.local_aws.content import KeptKey, adopt
from emulator.local_aws.handed_files import HandedFile
from emulator.local_aws.load_s3 import Loader
from emulator.local_aws.object_files import ObjectFiles
from emulator.local_aws.records import bucket_row, restore_bucket, token_of, version_row
from emulator.local_aws.rows import S3Rows, VersionRow
from emulator.local_aws.watched_s3 import Touched, drop_bucket, find_bucket, keys_of
from emulator.storage.database import Database

Reading = Callable[[], AbstractContextManager[None]]

_MOST_ATTEMPTS = 100

logger = logging.getLogger(__name__)


class DurableS3:
    """The S3 of moto in this process, kept in a folder and a database. Safe to call from any thread."""

    def __init__(self, database: Database, root: Path, account: str) -> None:
        self._rows = S3Rows(database)
        self._files = ObjectFiles(root)
        self._placing = threading.RLock()
        watched_s3.begin()
        self._loader = Loader(self._rows, self._files)
        self._buckets: dict[str, str] = self._loader.load(account)
        """The record of each bucket as it is kept."""

    def close(self) -> None:
        """Leave moto as it was: empty."""
        watched_s3.end()

    def keep(self, touched: Touched, reading: Reading) -> None:
        """Write what a request has touched. Raises InternalFailure where the disk does not take it.

        Then moto's state of it is again what is kept. While `reading`, no other request is making a version.
        """
        pending = [(bucket, None) for bucket in sorted(touched.buckets)] + sorted(touched.keys)
        for number, (bucket, key) in enumerate(pending):
            try:
                self._keep(bucket, key, reading)
            except Exception as problem:
                for left in pending[number:]:
                    self._undo(*left)
                raise _told(problem) from problem

    def _keep(self, bucket: str, key: str | None, reading: Reading) -> None:
        if key is None:
            with self._placing:
                self._keep_bucket(bucket)
        else:
            written: set[str] = set()
            try:
                self._keep_versions(bucket, key, written, reading)
            finally:  # contents that no row names, since the version was replaced meanwhile or could not be kept
                for token in written - {row.token for row in self._rows.versions(bucket, key)}:
                    self._files.drop(token)

    def _undo(self, bucket: str, key: str | None) -> None:
        """Make moto's state of a bucket or a key what is kept."""
        with self._placing:
            if key is not None:
                self._loader.load_key(bucket, key)
            elif (row := self._rows.bucket(bucket)) is not None:
                restore_bucket(row)
            elif bucket not in self._buckets:
                drop_bucket(bucket)

    def _keep_bucket(self, name: str) -> None:
        bucket = find_bucket(name)
        folder = self._files.bucket_folder(name)
        if bucket is not None:
            row = bucket_row(bucket)
            if self._buckets.get(name) != row.record:
                if folder is not None:
                    folder.mkdir(exist_ok=True)
                self._rows.put_bucket(row)
                self._buckets[name] = row.record
        elif name in self._buckets:
            if folder is not None:
                self._files.remove_bucket(folder)
            self._rows.drop_bucket(name)
            del self._buckets[name]

    def _keep_versions(self, bucket_name: str, key: str, written: set[str], reading: Reading) -> None:
        """Write a key's versions to the disk; the tokens of contents that were written go into `written`."""
        for _ in range(_MOST_ATTEMPTS):
            with reading():  # so each of these versions is whole, also those that other requests have made since
                bucket = find_bucket(bucket_name)
                found = [] if bucket is None else keys_of(bucket).versions(key)
            if bucket is None:
                return
            for version in found:
                if type(version) is FakeKey:
                    written |= self._write(version)
            with self._placing:
                versions = keys_of(bucket).versions(key)
                if not any(type(version) is FakeKey for version in versions):  # else replaced meanwhile
                    self._place(bucket_name, key, versions)
                    return
        raise OSError(f"{key} is replaced without a pause")

    def _write(self, version: FakeKey) -> set[str]:
        """Write a version's content, unless another request has replaced or written it; returns its token."""
        with version.lock:
            if type(version) is not FakeKey:
                return set()
            try:
                _ = version.etag  # computed while the buffer is there
                token = self._to_disk(version._value_buffer)
            except ValueError:  # its buffer is closed
                return set()
            adopt(version, token, self._files.side(token))
        return {token}

    def _to_disk(self, buffer: Any) -> str:
        """Write a content, or move the file that it is; returns its token. Raises ValueError where it is closed."""
        buffer.seek(0)
        return self._files.take(buffer.path, buffer) if isinstance(buffer, HandedFile) else self._files.write(buffer)

    def _place(self, bucket: str, key: str, versions: list[Any]) -> None:
        """Keep these versions as rows, the current one as a plain file where it can be."""
        kept = self._rows.versions(bucket, key)
        path = self._files.plain(bucket, key)
        before = next((row.token for row in kept if row.plain), None)
        current = versions[-1] if versions and isinstance(versions[-1], KeptKey) else None
        can_be = path is not None and (before is not None or (current is not None and self._files.is_free(path)))
        plain = current.token if current is not None and can_be else None
        tokens = {token_of(version): version for version in versions}
        if before is not None and before != plain and path is not None and (plain is None or before in tokens):
            self._withdraw(path, before, tokens.get(before))
        rows = _rows(versions, plain)
        self._rows.put_versions(bucket, {key: (kept, rows)})
        if current is not None and path is not None and plain not in {None, before}:
            self._move(current, path, lambda: self._rows.put_versions(bucket, {key: (rows, _rows(versions, None))}))
        for row in kept:
            if row.token not in tokens:
                self._files.drop(row.token)

    def _withdraw(self, path: Path, token: str, version: KeptKey | None) -> None:
        """Take a plain file into the side folder, also where its version is one that stays."""
        with nullcontext() if version is None else version.lock:  # no one reads meanwhile
            self._files.withdraw(path, token)
            if version is not None:
                version.content.path = self._files.side(token)

    def _move(self, current: KeptKey, path: Path, stay: Callable[[], None]) -> None:
        """Make the current version the plain file; where that cannot be, it stays in the side folder."""
        try:
            with current.lock:  # no one reads meanwhile
                self._files.place(current.token, path)
                current.content.path = path
        except OSError as problem:
            logger.warning("%s stays in the side folder: %s", path, problem.strerror)
            stay()


def _told(problem: Exception) -> errors.ApiError:
    logger.warning("a change of S3 is not kept: %r", problem, exc_info=not isinstance(problem, OSError))
    if isinstance(problem, errors.ApiError):
        return problem
    if isinstance(problem, OSError):
        return errors.not_kept(problem.strerror or str(problem))
    return errors.emulator_defect(repr(problem))


def _rows(versions: list[Any], plain: str | None) -> list[VersionRow]:
    return [version_row(version, token_of(version) == plain) for version in versions]
