"""Access lists of buckets and objects, where moto has none or takes another: importing this is enough.

What is relied on of moto's inside: `S3Response` reads a list from headers or from the body, and `S3Backend` takes no
access list of an upload in parts for none at all.
"""

from typing import Any

from moto.s3.exceptions import MissingKey, MissingVersion
from moto.s3.models import FakeAcl, FakeKey, S3Backend, get_canned_acl
from moto.s3.notifications import S3NotificationEvent, send_event
from moto.s3.responses import S3Response

_acl_of_document: Any = S3Response._acl_from_body


def _acl_from_body(self: S3Response) -> FakeAcl:
    """A list of no grants leaves the owner what owners always have, and others nothing."""
    return _acl_of_document(self) or FakeAcl([])


def _put_object_acl(self: S3Response) -> Any:
    """The list is the request's own, and of the version that it names: moto takes the bucket's for one in a body."""
    key_name, version = self.parse_key_name(), self._get_param("versionId")
    key = self.backend.get_object(self.bucket_name, key_name, version_id=version)
    if key is None:
        raise MissingVersion if version else MissingKey(key=key_name)
    key.set_acl(self._acl_from_headers(self.headers) or self._acl_from_body())
    bucket = self.backend.get_bucket(self.bucket_name)
    send_event(self.backend.account_id, S3NotificationEvent.OBJECT_ACL_UPDATE_EVENT, bucket, key)
    told = {} if key.version_id in {None, "null"} else {"x-amz-version-id": key.version_id}
    return 200, self._get_cors_headers_other() | told, ""


def _set_acl(self: FakeKey, acl: FakeAcl | None) -> None:
    """None is how moto hands on that a request named no access list: the object is its owner's alone."""
    self.acl = acl or get_canned_acl("private")


def _get_object_acl(_: S3Backend, key: FakeKey) -> FakeAcl | None:
    """An object that was kept before `_set_acl` was has none yet."""
    return key.acl or get_canned_acl("private")


S3Response._acl_from_body = _acl_from_body  # type: ignore[method-assign]
S3Response.put_object_acl = _put_object_acl  # type: ignore[method-assign]
S3Backend.get_object_acl = _get_object_acl  # type: ignore[method-assign, assignment]
FakeKey.set_acl = _set_acl  # type: ignore[method-assign]
