"""Forms that browsers post to a bucket: moto takes their fields as they come, and answers with them.

What is relied on of moto's inside: `S3Response._bucket_response_post` finds the fields in `querystring`, as lists.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from moto.s3.responses import S3Response

from emulator import errors
from emulator.s3.rules import CANNED_ACLS, LONGEST_KEY

_STATUSES = frozenset({"200", "201", "204"})
_LINE = re.compile("[^\x00-\x08\x0a-\x1f\x7f]*")

_post: Any = S3Response._bucket_response_post


def _checked_post(self: S3Response, request: Any, bucket_name: str) -> Any:
    if "delete" not in request.args:
        _check(self.querystring)
    return _post(self, request, bucket_name)


def _check(fields: dict[str, list[str]]) -> None:
    """Raises InvalidArgument or KeyTooLongError."""
    if "key" not in fields:
        raise errors.s3.no_key_in_form()
    key = fields["key"][0]
    if not key:
        raise errors.s3.empty_key_in_form()
    if len(key.encode(errors="surrogatepass")) > LONGEST_KEY:
        raise errors.s3.key_too_long()
    if fields.get("acl", ["private"])[0] not in CANNED_ACLS:
        raise errors.s3.invalid_header("acl")
    unfit = next((name for name, values in fields.items() if _is_header(name) and not _LINE.fullmatch(values[0])), None)
    if unfit is not None:
        raise errors.s3.no_header_value(unfit)
    _leave_out(fields)


def _is_header(field: str) -> bool:
    """Whether a field is told in a header of each answer with the object."""
    return field.lower().startswith(("x-amz-meta-", "content-"))


def _leave_out(fields: dict[str, list[str]]) -> None:
    """Take out a status or an address that S3 takes no notice of."""
    if fields.get("success_action_status", ["204"])[0] not in _STATUSES:
        del fields["success_action_status"]
    if "success_action_redirect" in fields and not _is_address(fields["success_action_redirect"][0]):
        del fields["success_action_redirect"]


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


S3Response._bucket_response_post = _checked_post  # type: ignore[method-assign]
