"""What is kept of moto's S3: all of its state, as values and never as classes."""

import json

import pytest
from moto.s3 import models

from emulator.local_aws.records import NOT_KEPT_OF_BUCKETS, NOT_KEPT_OF_KEYS
from emulator.local_aws.values import decoded, encoded


def test_moto_has_nothing_that_is_not_kept() -> None:
    """Every attribute of moto's buckets and keys is kept, or known not to be: a new one in a later moto shows here."""
    bucket = models.FakeBucket("bucket", "123456789012", "us-east-1")  # type: ignore[abstract] # as moto makes it
    key = models.FakeKey("key", b"", "123456789012", "aws")
    assert vars(bucket).keys() >= NOT_KEPT_OF_BUCKETS
    assert vars(key).keys() | {"token", "is_latest"} >= NOT_KEPT_OF_KEYS
    for moto, left_out in ((bucket, NOT_KEPT_OF_BUCKETS), (key, NOT_KEPT_OF_KEYS)):
        state = {name: value for name, value in vars(moto).items() if name not in left_out}
        again = {name: decoded(json.loads(json.dumps(encoded(value)))) for name, value in state.items()}
        assert encoded(again) == encoded(state)
        assert [type(value) for value in again.values()] == [type(value) for value in state.values()]
    key.dispose()
    models.s3_backends.bucket_accounts.pop("bucket")


def test_only_known_classes_are_made() -> None:
    """What was stored decides on values, never on a class that is not one of moto's plain ones."""
    with pytest.raises(KeyError):
        decoded({"Popen": {"args": "true"}})
    with pytest.raises(TypeError, match="no JSON"):
        encoded(object())
