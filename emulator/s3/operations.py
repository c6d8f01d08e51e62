"""Which operation of S3 a request is, by the model that botocore ships."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from emulator import errors

_LACKING = frozenset(
    {
        "abac",
        "analytics",
        "annotation",
        "intelligent-tiering",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "renameObject",
        "requestPayment",
        "session",
        "torrent",
    }
)
"""What moto takes no notice of in a query: it would list, overwrite or delete what another operation is for."""

_LACKING_OPERATIONS = frozenset({"DeleteBucketInventoryConfiguration", "GetObjectRetention", "UpdateObjectEncryption"})
_NO_MARKS = frozenset({"list-type", "select-type"})
"""What tells the version of an operation: alone, it asks for nothing."""


@dataclass(frozen=True)
class Operation:
    """An operation: `asked` is what its query has to have, `model` is botocore's."""

    model: OperationModel
    asked: Mapping[str, str]
    needed: frozenset[str]
    headers: frozenset[str]

    @property
    def rank(self) -> tuple[int, int]:
        """How much of a request it takes notice of."""
        return len(self.asked), len(self.needed) + len(self.headers)

    def fits(self, query: Mapping[str, str], headers: frozenset[str]) -> bool:
        """Whether a request with these parameters and headers may be one of it."""
        return (
            all(name in query and value in {"", query[name]} for name, value in self.asked.items())
            and self.needed <= query.keys()
            and self.headers <= headers
        )


@dataclass(frozen=True)
class Asked:
    """What tells which operation a request is.

    `bucket` and `key` say what its path has, `headers` are the names of its headers, in lower case.
    """

    method: str
    bucket: bool
    key: bool
    query: Mapping[str, str]
    headers: frozenset[str]


def find_operation(asked: Asked) -> Operation | None:
    """The operation that names the most of what a request has; None where there is none.

    Raises NotImplemented for one that moto lacks, MethodNotAllowed for one that S3 has not: moto would take a DELETE of
    anything that it does not know for one of the whole object or bucket.
    """
    marks = _marks(bucket=asked.bucket, key=asked.key) & asked.query.keys()
    of_method = _operations().get((asked.method, asked.bucket, asked.key), [])
    candidates = [found for found in of_method if found.fits(asked.query, asked.headers)]
    operation = max(candidates, key=lambda found: found.rank, default=None)
    if marks & _LACKING or (operation is not None and operation.model.name in _LACKING_OPERATIONS):
        raise errors.s3.not_implemented()
    if asked.method != "HEAD" and marks and (operation is None or marks.isdisjoint(operation.asked)):
        raise errors.method_not_allowed()
    return operation


@cache
def _marks(*, bucket: bool, key: bool) -> frozenset[str]:
    """What asks, in the query of a bucket or of a key, for another operation than one of the whole."""
    of_place = [found for place, kind in _operations().items() if place[1:] == (bucket, key) for found in kind]
    return frozenset(mark for found in of_place for mark in found.asked) - _NO_MARKS


@cache
def _operations() -> dict[tuple[str, bool, bool], list[Operation]]:
    service = ServiceModel(Loader().load_service_model("s3", "service-2"))
    found: dict[tuple[str, bool, bool], list[Operation]] = {}
    for name in service.operation_names:
        model = service.operation_model(name)
        path, _, query = model.http["requestUri"].partition("?")
        place = model.http["method"], "{Bucket}" in path, "{Key+}" in path
        if not model.deprecated and name != "WriteGetObjectResponse":
            found.setdefault(place, []).append(_operation(model, query))
    return found


def _operation(model: OperationModel, query: str) -> Operation:
    asked = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    shape: Any = model.input_shape
    required = [] if shape is None else [shape.members[name] for name in shape.required_members]
    located = {
        place: frozenset(
            member.serialization["name"].lower() if place == "header" else member.serialization["name"]
            for member in required
            if member.serialization.get("location") == place
        )
        for place in ("querystring", "header")
    }
    return Operation(model, asked, located["querystring"], located["header"])
