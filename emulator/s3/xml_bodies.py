"""Whether a body in XML is one that S3 reads: well-formed, and of the shape that botocore's model gives the operation.

What the model does not know is let pass, since S3's schema grows; what it requires must be there, once where it is no
list, and of its type.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import OperationModel

from emulator import errors

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_ALSO_REQUIRED = {
    "CompletedMultipartUpload": {"Parts"},
    "CompletedPart": {"ETag", "PartNumber"},
    "Grant": {"Grantee", "Permission"},
    "ObjectLockLegalHold": {"Status"},
    "VersioningConfiguration": {"Status"},
}
"""What S3 asks for and the model does not, by the names of shapes."""
_MOST = {"ObjectIdentifierList": 1000, "OwnershipControlsRules": 1, "ServerSideEncryptionRules": 1}
"""How many members S3 takes of some lists."""
_NOT_EMPTY = frozenset({"InputSerialization", "OutputSerialization"})
_CLOSED = frozenset(
    {"BucketVersioningStatus", "FilterRuleName", "ObjectLockLegalHoldStatus", "ObjectLockRetentionMode", "Permission"}
)
"""Shapes whose values are all there will be: of the others S3 knows newer ones, or has errors of their own."""
_LARGEST_INTEGER = {"integer": 2**31 - 1, "long": 2**63 - 1}


def body_shape(model: OperationModel) -> tuple[Any, str] | None:
    """The shape of an operation's body and the name of its root; None where it has none, or no XML."""
    shape: Any = model.input_shape
    if shape is None:
        return None
    payload = shape.serialization.get("payload")
    if payload is not None:
        member = shape.members[payload]
        return (member, member.serialization.get("name", member.name)) if member.type_name == "structure" else None
    return (shape, "SelectObjectContentRequest") if model.name == "SelectObjectContent" else None


def read_xml(body: bytes, shape: Any, root: str) -> ET.Element:
    """The document in a body. Raises MalformedXML where it is not of a shape."""
    parser = ET.XMLParser(target=_NoDoctype())  # noqa: S314 - expat, without a document type
    try:
        parser.feed(body)
        document: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError):
        raise errors.s3.malformed_xml() from None
    if _name(document) != root:
        raise errors.s3.malformed_xml()
    _check(document, shape)
    return document


class _NoDoctype(ET.TreeBuilder):
    """Builds no document that declares entities, which could be of any size."""

    def doctype(self, *_: object) -> None:
        raise ValueError("a document type")


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _check(element: ET.Element, shape: Any) -> None:
    check: Callable[[ET.Element, Any], bool] = _KINDS.get(shape.type_name, _is_text)
    if not check(element, shape):
        raise errors.s3.malformed_xml()


def _is_structure(element: ET.Element, shape: Any) -> bool:
    required = {*shape.required_members} | _ALSO_REQUIRED.get(shape.name, set())
    found: dict[str, list[ET.Element]] = {}
    for child in element:
        found.setdefault(_name(child), []).append(child)
    for name, member in shape.members.items():
        if "location" in member.serialization:
            continue
        if member.serialization.get("xmlAttribute"):
            is_there = any(attribute.endswith("}type") for attribute in element.attrib)
        else:
            children = found.get(member.serialization.get("name", name), [])
            _check_member(children, member)
            is_there = bool(children)
        if not is_there and name in required:
            return False
    return not (element.text or "").strip() and (len(element) > 0 or shape.name not in _NOT_EMPTY)


def _check_member(children: list[ET.Element], member: Any) -> None:
    flattened = member.type_name == "list" and member.serialization.get("flattened")
    if len(children) > (_MOST.get(member.name, len(children)) if flattened else 1):
        raise errors.s3.malformed_xml()
    for child in children:
        _check(child, member.member if flattened else member)


def _is_list(element: ET.Element, shape: Any) -> bool:
    name = shape.member.serialization.get("name", "member")
    for child in element:
        if _name(child) != name:
            return False
        _check(child, shape.member)
    return not (element.text or "").strip()


def _is_text(element: ET.Element, shape: Any) -> bool:
    if shape.name == "ETag" and not (element.text or "").strip():
        return False
    return len(element) == 0 and (shape.name not in _CLOSED or (element.text or "").strip() in shape.enum)


def _is_integer(element: ET.Element, shape: Any) -> bool:
    text = (element.text or "").strip()
    return _INTEGER.fullmatch(text) is not None and abs(int(text)) <= _LARGEST_INTEGER[shape.type_name]


def _is_boolean(element: ET.Element, _: Any) -> bool:
    return (element.text or "").strip().lower() in {"true", "false", "1", "0"}


def _is_timestamp(element: ET.Element, _: Any) -> bool:
    return is_timestamp((element.text or "").strip())


def is_timestamp(text: str) -> bool:
    """Whether a text is a date of ISO 8601."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_KINDS: dict[str, Callable[[ET.Element, Any], bool]] = {
    "structure": _is_structure,
    "list": _is_list,
    "integer": _is_integer,
    "long": _is_integer,
    "boolean": _is_boolean,
    "timestamp": _is_timestamp,
}
