"""The list of buckets, by name and in pages: importing this is enough.

What is relied on of moto's inside: `S3Response.all_buckets` answers ListBuckets, `S3Backend.list_buckets` finds them as
they were made.
"""

import base64
import binascii
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from emulator import errors

MOST = 10_000
"""Of one page."""

_OWNER = {
    "ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
}  # the one that moto's access lists name


def _all_buckets(self: S3Response) -> Any:
    self.data["Action"] = "ListAllMyBuckets"
    self._authenticate_and_authorize_s3_action()
    prefix = self._get_param("prefix")
    most = _page_size(self._get_param("max-buckets"))
    after = _read(self._get_param("continuation-token"))
    found = self.backend.list_buckets(prefix, self._get_param("bucket-region"), None)
    left = sorted((bucket for bucket in found if bucket.name > after), key=lambda bucket: bucket.name)
    page = left[:most]
    result: dict[str, Any] = {"Owner": _OWNER, "Buckets": [_told(bucket) for bucket in page]}
    if prefix:
        result["Prefix"] = prefix
    if len(left) > len(page):
        result["ContinuationToken"] = base64.urlsafe_b64encode(page[-1].name.encode()).decode()
    self.data["Action"] = "ListBuckets"
    return self.serialized(ActionResult(result))


def _told(bucket: FakeBucket) -> dict[str, Any]:
    return {"Name": bucket.name, "CreationDate": bucket.creation_date_ISO8601, "BucketRegion": bucket.region_name}


def _page_size(asked: str | None) -> int:
    """How many buckets a page has; whoever asked was refused what is no number."""
    size = MOST if asked is None else int(asked)
    if not 1 <= size <= MOST:
        raise errors.s3.out_of_range("max-buckets", 1, MOST)
    return size


def _read(token: str | None) -> str:
    """The name after which a list goes on. Raises InvalidArgument."""
    try:
        return base64.b64decode(token or "", b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise errors.s3.invalid_token("continuation token") from None


S3Response.all_buckets = _all_buckets  # type: ignore[method-assign]
