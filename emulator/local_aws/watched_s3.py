"""moto's S3, made to tell what a request touches.

What is relied on of moto's inside: its backend classes, and the key store of a bucket.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.s3 import models
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, FakeMultipart, S3Backend, s3_backends
from moto.s3.utils import _VersionedKeyStore


@dataclass
class Touched:
    """The buckets and keys that a request may have changed; of a reading one, only those that it changed."""

    writing: bool
    buckets: set[str] = field(default_factory=set)
    keys: set[tuple[str, str]] = field(default_factory=set)

    def note(self, bucket: str, key: str | None, changed: bool) -> None:
        """Take in that a bucket, or a key of it, was used."""
        if changed or self.writing:
            self.buckets.add(bucket)
            if key is not None:
                self.keys.add((bucket, key))

    def settle(self) -> None:
        """Compute the ETags of new versions, which moto does with the content's buffer and without its lock."""
        for name, key in self.keys:
            bucket = find_bucket(name)
            for version in () if bucket is None else keys_of(bucket).versions(key):
                if type(version) is FakeKey and version._etag is None:
                    _ = version.etag


class _Present(threading.local):
    touched: Touched | None = None


_present = _Present()


@contextmanager
def watching(writing: bool) -> Iterator[Touched]:
    """Note what moto touches in this thread."""
    _present.touched = touched = Touched(writing)
    try:
        yield touched
    finally:
        _present.touched = None


def _note(bucket: str, key: str | None = None, *, changed: bool = False) -> None:
    if _present.touched is not None:
        _present.touched.note(bucket, key, changed)


class WatchedKeys(_VersionedKeyStore):
    """The keys of a bucket, each with its versions."""

    def __init__(self, bucket: str) -> None:
        super().__init__()
        self._bucket = bucket

    def __getitem__(self, key: str) -> Any:
        _note(self._bucket, key)
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        _note(self._bucket, key, changed=True)
        super().__setitem__(key, value)

    def getlist(self, key: str, default: Any = None) -> Any:
        """All versions of a key."""
        _note(self._bucket, key)
        return super().getlist(key, default)

    def setlist(self, key: Any, list_: Any) -> Any:
        """Replace all versions of a key."""
        _note(self._bucket, key, changed=True)
        return super().setlist(key, list_)

    def pop(self, key: str) -> None:  # type: ignore[override]
        """Forget a key."""
        _note(self._bucket, key, changed=True)
        super().pop(key)

    def versions(self, key: str) -> list[Any]:
        """A copy of the list of all versions of a key, the oldest first, unnoticed."""
        return list(dict.get(self, key, ()))

    def put_back(self, key: str, versions: list[Any]) -> None:
        """Replace all versions of a key, unnoticed; no versions is no key."""
        if versions:
            dict.__setitem__(self, key, versions)
        else:
            dict.pop(self, key, None)


class WatchedBackend(S3Backend):
    """moto's S3 of an account."""

    def create_bucket(self, bucket_name: str, region_name: str, bucket_namespace: str | None = None) -> FakeBucket:
        """Make a bucket."""
        bucket = super().create_bucket(bucket_name, region_name, bucket_namespace)
        bucket.keys = WatchedKeys(bucket_name)
        _note(bucket_name, changed=True)
        return bucket

    def get_bucket(self, bucket_name: str) -> FakeBucket:
        """Find a bucket."""
        _note(bucket_name)
        return super().get_bucket(bucket_name)

    def delete_bucket(self, bucket_name: str) -> FakeBucket | None:
        """Delete an empty bucket."""
        _note(bucket_name, changed=True)
        return super().delete_bucket(bucket_name)


def keys_of(bucket: FakeBucket) -> WatchedKeys:
    """The keys of a bucket of a WatchedBackend."""
    keys: Any = bucket.keys
    assert isinstance(keys, WatchedKeys)  # noqa: S101 - there are no others
    return keys


def find_bucket(name: str) -> FakeBucket | None:
    """The bucket of that name, whatever its account and partition."""
    partition, account = s3_backends.bucket_accounts.get(name, (None, None))
    return s3_backends[account][partition].buckets.get(name) if partition and account else None


def drop_bucket(name: str) -> None:
    """Forget a bucket and its keys."""
    partition, account = s3_backends.bucket_accounts.pop(name, (None, None))
    if partition and account:
        s3_backends[account][partition].buckets.pop(name, None)


def begin(backend: type[S3Backend] = WatchedBackend) -> None:
    """Begin with an empty S3 of this kind. moto's state is its process's: one S3 that is kept can run in it."""
    for account in list(s3_backends.values()):
        account.reset()
    s3_backends.clear()
    s3_backends.bucket_accounts.clear()
    s3_backends.backend = backend
    tracked: Any
    for tracked in (FakeKey, FakeMultipart, FakeDeleteMarker, models.FakeAcl, models.FakeGrant, models.FakeGrantee):
        tracked.instances_tracked = _Forgetful()


def end() -> None:
    """Leave an empty S3 of moto's own."""
    begin(S3Backend)


class _Forgetful(list[Any]):
    """moto's list of all objects that ever were, which would hold them, and copies of their contents, for ever."""

    def append(self, _: Any) -> None:
        """Keep nothing."""
