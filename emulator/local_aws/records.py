"""A bucket of moto's, or a version of an object, as a row of the database, and back."""

import json
import uuid
from collections.abc import Mapping, Set
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend, s3_backends
from moto.utilities.utils import get_partition

from emulator.local_aws.content import KeptKey, adopt
from emulator.local_aws.rows import BucketRow, VersionRow
from emulator.local_aws.values import decoded, encoded
from emulator.local_aws.watched_s3 import WatchedKeys, find_bucket

NOT_KEPT_OF_BUCKETS = frozenset({"keys", "multiparts"})
"""The keys are rows of their own; an upload in parts that was not completed begins anew after a restart."""

NOT_KEPT_OF_KEYS = frozenset(
    {"_value_buffer", "_max_buffer_size", "lock", "multipart", "disposed"}  # how moto holds a content
    | {"_transitions", "_tick", "_time_progressed", "model_name"}  # how it plays the restoring of archived objects
    | {"name", "bucket_name", "account_id", "region_name", "partition", "token", "is_latest"}
)
_NOT_KEPT_OF_MARKERS = frozenset({"key", "name", "token", "is_latest"})
_OF_THE_CONTENT = {
    "_etag": None,
    "checksum_algorithm": None,
    "checksum_value": None,
    "checksum_type": None,
    "checksum_parts": None,
}


def bucket_row(bucket: FakeBucket) -> BucketRow:
    """A bucket with its configuration and tags."""
    tags = backend_of(bucket).tagger.get_tag_dict_for_resource(bucket.arn)
    record = _record(bucket, NOT_KEPT_OF_BUCKETS, {}, tags)
    return BucketRow(bucket.name, bucket.account_id, bucket.region_name, record)


def restore_bucket(row: BucketRow) -> FakeBucket:
    """The bucket in moto, made where it is not there, as the row has it."""
    bucket = find_bucket(row.name) or new_bucket(row.name, row.account, row.region)
    tags = _restore(bucket, row.record)
    _set_tags(bucket, bucket.arn, tags)
    return bucket


def new_bucket(name: str, account: str, region: str) -> FakeBucket:
    """An empty bucket in moto."""
    bucket: FakeBucket = FakeBucket(name, account, region)  # type: ignore[abstract] # as moto itself makes it
    bucket.keys = WatchedKeys(name)
    backend_of(bucket).buckets[name] = bucket
    return bucket


def token_of(version: Any) -> str:
    """The token of a version whose content is in a file, or of a delete marker, which gets one when it is asked."""
    if not hasattr(version, "token"):
        version.token = uuid.uuid4().hex
    token: str = version.token
    return token


def version_row(version: Any, plain: bool) -> VersionRow:
    """A version whose content is in a file, or a delete marker."""
    if isinstance(version, FakeDeleteMarker):
        record = _record(version, _NOT_KEPT_OF_MARKERS, {}, {})
        return VersionRow(token_of(version), False, None, None, record)
    tags = s3_backends[version.account_id][version.partition].tagger.get_tag_dict_for_resource(version.arn)
    record = _record(version, NOT_KEPT_OF_KEYS, _of_new_keys(), tags)
    size, modified_ns = version.content.written
    return VersionRow(version.token, plain, size, modified_ns, record)


def restore_marker(row: VersionRow, key: str, previous: Any) -> FakeDeleteMarker:
    """A delete marker; `previous` is the version that it hides."""
    marker: Any = object.__new__(FakeDeleteMarker)
    vars(marker).update({"key": previous, "name": key, "token": row.token})
    _restore(marker, row.record)
    found: FakeDeleteMarker = marker
    return found


def restore_version(row: VersionRow, bucket: FakeBucket, key: str, path: Path) -> KeptKey:
    """A version whose content is in `path`.

    Where somebody has changed the file since, the metadata and tags stay, and what told of the content goes.
    """
    kept = adopt(_new_key(bucket, key), row.token, path)
    tags = _restore(kept, row.record)
    _set_tags(bucket, kept.arn, tags)  # the ARN names the version
    if kept.content.written != row.written:
        vars(kept).update(_OF_THE_CONTENT)
        _take_from_file(kept)
    return kept


def version_of_file(bucket: FakeBucket, key: str, path: Path) -> KeptKey:
    """A version of which nothing is known but its file."""
    kept = adopt(_new_key(bucket, key), uuid.uuid4().hex, path)
    if bucket.is_versioned:
        vars(kept).update({"_is_versioned": True, "_version_id": str(uuid.uuid4())})
    _take_from_file(kept)
    return kept


def backend_of(bucket: FakeBucket) -> S3Backend:
    """The S3 of moto that a bucket belongs to."""
    return s3_backends[bucket.account_id][get_partition(bucket.region_name)]


def _record(moto: object, left_out: Set[str], as_new: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """What moto knows of a thing as JSON, but for what is `as_new`, encoded, in every new one."""
    state = {name: encoded(value) for name, value in vars(moto).items() if name not in left_out}
    state = {name: value for name, value in state.items() if name not in as_new or as_new[name] != value}
    return json.dumps({"state": state, "tags": tags}, separators=(",", ":"))


def _restore(moto: object, record: str) -> dict[str, str]:
    """Give a new thing of moto's what the record tells; returns its tags."""
    content = json.loads(record)
    vars(moto).update({name: decoded(value) for name, value in content["state"].items()})
    tags: dict[str, str] = content["tags"]
    return tags


@cache
def _of_new_keys() -> dict[str, Any]:
    """What moto knows of an object that it was told nothing of: most are so, and need not repeat it."""
    key = FakeKey("", b"", "", "aws", version_id="null")
    key.dispose()
    return {name: encoded(value) for name, value in vars(key).items() if name not in NOT_KEPT_OF_KEYS}


def _new_key(bucket: FakeBucket, key: str) -> FakeKey:
    return FakeKey(
        name=key,
        bucket_name=bucket.name,
        value=b"",
        account_id=bucket.account_id,
        region_name=backend_of(bucket).region_name,
        version_id="null",
    )


def _take_from_file(kept: KeptKey) -> None:
    size, modified_ns = kept.content.written
    kept.contentsize = size
    kept.last_modified = datetime.fromtimestamp(modified_ns / 1e9, UTC).replace(tzinfo=None)  # as moto has its times


def _set_tags(bucket: FakeBucket, arn: str, tags: dict[str, str]) -> None:
    tagger = backend_of(bucket).tagger
    tagger.delete_all_tags_for_resource(arn)
    if tags:
        tagger.tag_resource(arn, tagger.convert_dict_to_tags_input(tags))
