"""Where moto's S3 answers otherwise than S3, made to answer as S3 does: importing this is enough.

What is relied on of moto's inside: `S3Backend` lists buckets as they were made, and takes no access list of an upload
in parts for none at all.
"""

from typing import Any

from moto.s3.models import FakeAcl, FakeBucket, FakeKey, S3Backend, get_canned_acl

_list_buckets: Any = S3Backend.list_buckets


def _buckets_by_name(
    self: S3Backend, prefix: str | None, bucket_region: str | None, max_buckets: str | None
) -> list[FakeBucket]:
    found: list[FakeBucket] = _list_buckets(self, prefix=prefix, bucket_region=bucket_region, max_buckets=None)
    return sorted(found, key=lambda bucket: bucket.name)[: int(max_buckets) if max_buckets else None]


def _set_acl(self: FakeKey, acl: FakeAcl | None) -> None:
    """None is how moto hands on that a request named no access list: the object is its owner's alone."""
    self.acl = acl or get_canned_acl("private")


def _get_object_acl(_: S3Backend, key: FakeKey) -> FakeAcl | None:
    """An object that was kept before `_set_acl` was has none yet."""
    return key.acl or get_canned_acl("private")


S3Backend.list_buckets = _buckets_by_name  # type: ignore[method-assign]
S3Backend.get_object_acl = _get_object_acl  # type: ignore[method-assign, assignment]
FakeKey.set_acl = _set_acl  # type: ignore[method-assign]
