"""Where moto's S3 answers otherwise than S3, made to answer as S3 does: importing this is enough.

What is relied on of moto's inside: `IAMPolicyStatement._match` makes a regular expression of an action or a resource
with wildcards; `S3Response._tagging_from_xml` breaks at a set without tags; `S3Response.serialized` is given an
operation's result, whose name is in `data`, and tells all deletions, quiet or not; a key's `status` tells of its
restoring, and of none where `_expiry` is None; `S3Backend._get_results_from_token` gets None for a token that was given
to nobody; `delete_object_tagging`, `put_object_legal_hold` and `put_object_retention` of `S3Backend` take the object
for one that is there.
"""

import functools
import re
from typing import Any
from xml.etree import ElementTree as ET

from moto.iam.access_control import IAMPolicyStatement
from moto.s3.exceptions import InvalidContinuationToken, MissingKey, MissingVersion
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    """Whether a text is of a pattern with `*` and `?`, in a time that no pattern can make long."""
    at = start = 0
    star = -1
    while at < len(text):
        if start < len(pattern) and pattern[start] == "*":
            star, marked, start = start, at, start + 1
        elif start < len(pattern) and pattern[start] in {"?", text[at]}:
            at, start = at + 1, start + 1
        elif star >= 0:
            marked += 1
            at, start = marked, star + 1
        else:
            return None
    return re.match("", text) if not pattern[start:].strip("*") else None


_tags_of_document: Any = S3Response._tagging_from_xml


def _tagging_from_xml(self: S3Response) -> dict[str, str]:
    """An empty set of tags takes all of them from the object."""
    tags = ET.fromstring(self.body).find("{*}TagSet")  # noqa: S314 - it was checked when it came
    found: dict[str, str] = _tags_of_document(self) if tags is not None and len(tags) else {}
    return found


_serialized: Any = S3Response.serialized


def _with_less_where_quiet(self: S3Response, result: Any) -> Any:
    """Of objects that were to be deleted quietly, only those that were not are told."""
    content: Any = result.result
    if self.data.get("Action") == "DeleteObjects" and isinstance(content, dict):
        quiet = ET.fromstring(self.body).findtext("{*}Quiet", "").strip().lower()  # noqa: S314 - likewise
        content["Deleted"] = [] if quiet in {"true", "1"} else content["Deleted"]
    return _serialized(self, result)


S3Response.serialized = _with_less_where_quiet  # type: ignore[method-assign, assignment]
S3Response._tagging_from_xml = _tagging_from_xml  # type: ignore[method-assign]
IAMPolicyStatement._match = staticmethod(_matches)  # type: ignore[method-assign, assignment]


_status: Any = FakeKey.status.fget  # type: ignore[attr-defined]


def _status_of_restored(self: FakeKey) -> str | None:
    """Whoever only looks at an object's status would restore it, and break at a part, which has no bucket."""
    found: str | None = self._status if self._expiry is None else _status(self)
    return found


FakeKey.status = property(_status_of_restored)  # type: ignore[assignment]


def _on_what_is_there(change: Any) -> Any:
    """A change of an object that moto begins without a look at whether there is such an object."""

    @functools.wraps(change)
    def changed(
        self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, *to: Any, **too: Any
    ) -> Any:
        if self.get_object(bucket_name, key_name, version_id=version_id) is None:
            raise MissingVersion if version_id else MissingKey(key=key_name)
        return change(self, bucket_name, key_name, version_id, *to, **too)

    return changed


_results_from_token: Any = S3Backend._get_results_from_token


def _get_results_from_token(self: S3Backend, result_keys: Any, token: str | None) -> Any:
    """None is how moto finds a token that it gave to nobody."""
    if token is None:
        raise InvalidContinuationToken
    return _results_from_token(self, result_keys, token)


S3Backend._get_results_from_token = _get_results_from_token  # type: ignore[method-assign]
S3Backend.delete_object_tagging = _on_what_is_there(S3Backend.delete_object_tagging)  # type: ignore[method-assign]
S3Backend.put_object_legal_hold = _on_what_is_there(S3Backend.put_object_legal_hold)  # type: ignore[method-assign]
S3Backend.put_object_retention = _on_what_is_there(S3Backend.put_object_retention)  # type: ignore[method-assign]
