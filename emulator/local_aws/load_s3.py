"""Fills moto's S3 from what is kept: rows, contents, and files that somebody has put into a bucket's folder."""

import logging
import os
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeDeleteMarker

from emulator.credential_scope import DEFAULT_REGION
from emulator.local_aws.content import KeptKey
from emulator.local_aws.object_files import ObjectFiles
from emulator.local_aws.records import (
    bucket_row,
    new_bucket,
    restore_bucket,
    restore_marker,
    restore_version,
    token_of,
    version_of_file,
    version_row,
)
from emulator.local_aws.rows import S3Rows, VersionRow
from emulator.local_aws.watched_s3 import find_bucket, keys_of

logger = logging.getLogger(__name__)


class Loader:
    """From rows and files to moto. A file that is gone is an object that is gone; a folder that is gone, a bucket."""

    def __init__(self, rows: S3Rows, files: ObjectFiles) -> None:
        self._rows = rows
        self._files = files

    def load(self, account: str) -> dict[str, str]:
        """Load all, and return the record of each bucket. New folders become buckets of this account."""
        for row in self._rows.buckets():
            folder = self._files.bucket_folder(row.name)
            if folder is not None and not os.path.lexists(folder):
                logger.warning("the bucket %s is gone: there is no folder %s", row.name, folder)
                self._rows.drop_bucket(row.name)
            else:
                restore_bucket(row)
        for name in self._files.found_buckets():
            if find_bucket(name) is None:
                self._rows.put_bucket(bucket_row(new_bucket(name, account, DEFAULT_REGION)))
        kept = {row.name: row.record for row in self._rows.buckets()}
        known = set().union(*(self._load_bucket(name) for name in kept))
        for token in self._files.contents() - known:
            self._files.drop(token)
        return kept

    def load_key(self, bucket_name: str, key: str) -> None:
        """Make moto's versions of a key those that are kept."""
        bucket = find_bucket(bucket_name)
        if bucket is not None:
            keys_of(bucket).put_back(key, self._versions(bucket, key, self._rows.versions(bucket_name, key)))

    def _load_bucket(self, name: str) -> set[str]:
        """Load all objects of a bucket; returns the tokens of their contents."""
        bucket = find_bucket(name)
        if bucket is None:
            return set()
        kept = dict(self._rows.keys(name))
        keys = keys_of(bucket)
        for key, rows in kept.items():
            keys.put_back(key, self._versions(bucket, key, rows))
        changed = {key for key, path in self._files.found(name) if self._take_in(bucket, key, path)}
        changed |= {key for key, rows in kept.items() if self._differ(bucket, key, rows)}
        after = {key: [self._row(bucket, key, version) for version in keys.versions(key)] for key in changed}
        self._rows.put_versions(name, {key: (kept.get(key, ()), rows) for key, rows in after.items()})
        return {token_of(version) for key in list(keys) for version in keys.versions(key)}

    def _versions(self, bucket: FakeBucket, key: str, rows: list[VersionRow]) -> list[Any]:
        """The versions of a key that are still there, as moto has them."""
        found: list[Any] = []
        for row in rows:
            if row.size is None:
                found.append(restore_marker(row, key, found[-1] if found else None))
            elif (path := self._content(bucket.name, key, row)) is not None:
                found.append(restore_version(row, bucket, key, path))
        if rows and found and rows[-1].plain and token_of(found[-1]) != rows[-1].token:
            found.append(FakeDeleteMarker(found[-1]))  # the current version was deleted by hand
        return found

    def _differ(self, bucket: FakeBucket, key: str, rows: list[VersionRow]) -> bool:
        """Whether a key's versions are not as they are kept: a file was changed, or is gone, or is elsewhere."""
        versions = keys_of(bucket).versions(key)
        if [row.token for row in rows] != [token_of(version) for version in versions]:
            return True
        return any(
            row.written != version.content.written or row.plain != self._is_plain(bucket, key, version)
            for row, version in zip(rows, versions, strict=True)
            if isinstance(version, KeptKey)
        )

    def _content(self, bucket: str, key: str, row: VersionRow) -> Path | None:
        """The file of a content, moved to its place where that was cut short; None where it is gone."""
        side, plain = self._files.side(row.token), self._files.plain(bucket, key)
        if self._files.is_file(side):
            if not row.plain or plain is None:
                return side
            try:
                self._files.place(row.token, plain)
            except OSError:
                return side
        if row.plain and plain is not None and self._files.is_file(plain):
            return plain
        logger.warning("a version of %s/%s is gone: its file is not there", bucket, key)
        return None

    def _take_in(self, bucket: FakeBucket, key: str, path: Path) -> bool:
        """Make a file an object, where it is none yet; returns whether it was not."""
        versions = keys_of(bucket).versions(key)
        current = versions[-1] if versions else None
        if isinstance(current, KeptKey):
            if current.content.path != path:
                logger.warning("%s is left out: there is another object of this key", path)
            return False
        try:
            found = version_of_file(bucket, key, path)
        except OSError as problem:
            logger.warning("%s is left out: %s", path, problem.strerror)
            return False
        keys_of(bucket).put_back(key, [*versions, found])
        return True

    def _row(self, bucket: FakeBucket, key: str, version: Any) -> VersionRow:
        return version_row(version, self._is_plain(bucket, key, version))

    def _is_plain(self, bucket: FakeBucket, key: str, version: Any) -> bool:
        return isinstance(version, KeptKey) and version.content.path == self._files.plain(bucket.name, key)
