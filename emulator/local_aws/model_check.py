"""Whether a call that moto answers has the members and the JSON types that the service model asks for.

moto takes what it gets: without this, a resource without a name stands in every list from then on.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from emulator import errors, protocol
from emulator.credential_scope import service_of
from emulator.errors import Violation
from emulator.refusals import WSGI

_CHECKED = "sagemaker"
_NULL = errors.CONSTRAINT_PHRASES["required"]
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "timestamp": (int, float, str),
} | dict.fromkeys(("integer", "long", "float", "double"), (int, float))


def check(environ: WSGI) -> None:
    """Refuse a JSON call that no service could read; for SageMaker, one that lacks what its model requires, too.

    Raises UnknownOperationException, SerializationException, ValidationException.
    """
    for_sagemaker = service_of(environ) == _CHECKED
    if environ["REQUEST_METHOD"] != "POST" or (for_sagemaker and not _is_json_1_1(environ)):
        raise errors.no_operation_addressed()
    if "cbor" in environ.get("CONTENT_TYPE", ""):
        return
    body = _plain_body(environ)
    request = protocol.decode_body(body) if body else None
    shape = _request_shape(environ) if for_sagemaker else None
    if not isinstance(request, dict):
        raise errors.unreadable_body()
    found = list(islice(_violations(shape, request, ""), errors.MOST_VIOLATIONS)) if shape else []
    if found:
        raise errors.validation_failed(found)


def _is_json_1_1(environ: WSGI) -> bool:
    return protocol.is_json_1_1(environ.get("CONTENT_TYPE", ""))


def _plain_body(environ: WSGI) -> bytes:
    """The body of a request, decompressed, and left in place for moto."""
    body: bytes = environ["wsgi.input"].read()
    encoding = environ.pop("HTTP_CONTENT_ENCODING", "")
    if encoding:
        body = protocol.decompress(body, encoding)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _request_shape(environ: WSGI) -> Any:
    from moto.core.utils import get_service_model

    model = get_service_model(_CHECKED)
    operation = environ["HTTP_X_AMZ_TARGET"].partition(".")[2]
    if operation not in model.operation_names:
        raise errors.unknown_operation()
    return model.operation_model(operation).input_shape


def _violations(shape: Any, value: Any, path: str) -> Iterator[Violation]:
    kind = shape.type_name
    if kind in _SCALARS:
        if not isinstance(value, _SCALARS[kind]) or (isinstance(value, bool) and kind != "boolean"):
            raise errors.unreadable_body()
    elif not isinstance(value, list if kind == "list" else dict):
        raise errors.unreadable_body()
    else:
        for part, found, name in _parts(shape, value):
            inner = f"{path}.{name}" if path else name
            yield from [Violation(inner, "null", _NULL)] if found is None else _violations(part, found, inner)


def _parts(shape: Any, value: Any) -> Iterator[tuple[Any, Any, str]]:
    """The shape, value and path segment of each part; a null only where something must be."""
    if shape.type_name == "list":
        yield from ((shape.member, part, f"{n}.member") for n, part in enumerate(value, 1) if part is not None)
    elif shape.type_name == "map":
        yield from ((shape.value, part, f"{key}.member") for key, part in value.items() if part is not None)
    else:
        for name, member in shape.members.items():
            if value.get(name) is not None or name in shape.required_members:
                yield member, value.get(name), name[0].lower() + name[1:]
