"""Buckets whose versioning is suspended keep the versions that they have: importing this is enough.

What is relied on of moto's inside: `put_object` of a bucket whose versioning is not enabled replaces all versions of a
key, and `delete_object` takes all of them away. Whoever writes does so alone, so nobody sees what is between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, S3Backend

_put_object: Any = S3Backend.put_object
_delete_object: Any = S3Backend.delete_object

_NULL = "null"
"""The version of what is written while versioning is suspended, or before there was any."""


def _put(self: S3Backend, bucket_name: str, key_name: str, value: bytes, **others: Any) -> FakeKey:
    bucket = self.get_bucket(bucket_name)
    with _others_aside(bucket, key_name):
        made: FakeKey = _put_object(self, bucket_name, key_name, value, **others)
    return made


def _delete(
    self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
) -> tuple[bool, dict[str, Any]]:
    bucket = self.get_bucket(bucket_name)
    if bucket.is_versioned or (version_id in {None, _NULL} and not _is_suspended(bucket)):
        found: tuple[bool, dict[str, Any]] = _delete_object(self, bucket_name, key_name, version_id, bypass)
        return found
    if not _is_suspended(bucket):  # it has no such version: moto would delete the object
        return False, {}
    with _enabled(bucket):
        found = _delete_object(self, bucket_name, key_name, version_id, bypass)
    if version_id is None and found[0]:
        *versions, marker = bucket.keys.getlist(key_name)
        marker._version_id = found[1]["version-id"] = _NULL
        bucket.keys.setlist(key_name, [*(version for version in versions if version.version_id != _NULL), marker])
    return found


def _is_suspended(bucket: FakeBucket) -> bool:
    return bucket.versioning_status == "Suspended"


@contextmanager
def _others_aside(bucket: FakeBucket, key: str) -> Iterator[None]:
    """Where versioning is suspended, leave the null version alone to be replaced; the others come back before it."""
    versions = list(bucket.keys.getlist(key, [])) if _is_suspended(bucket) else []
    others = [version for version in versions if version.version_id != _NULL]
    if not others:
        yield
        return
    store: dict[str, list[Any]] = bucket.keys
    dict.__setitem__(store, key, [version for version in versions if version.version_id == _NULL])
    try:
        yield
    except BaseException:
        dict.__setitem__(store, key, versions)
        raise
    bucket.keys.setlist(key, [*others, *bucket.keys.getlist(key)])


@contextmanager
def _enabled(bucket: FakeBucket) -> Iterator[None]:
    """Delete as where versioning is enabled: a version, or by a marker."""
    bucket.versioning_status = "Enabled"
    try:
        yield
    finally:
        bucket.versioning_status = "Suspended"


S3Backend.put_object = _put  # type: ignore[method-assign, assignment]
S3Backend.delete_object = _delete  # type: ignore[method-assign]
