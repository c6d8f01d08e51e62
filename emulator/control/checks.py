"""Whether what is sent to `/_emulator/` is what it should be, told in one sentence where it is not."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from emulator import errors

LONGEST_QUOTE = 200


def checked(content: object, members: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """`content`, an object with no other members than these (name to JSON Schema). Raises ApiError."""
    schema = {
        "type": "object",
        "properties": dict(members),
        "required": list(required),
        "additionalProperties": False,
    }
    found = best_match(Draft202012Validator(schema).iter_errors(content))
    if found is not None:
        where = ".".join(str(part) for part in found.absolute_path)
        problem = found.message
        if len(problem) > LONGEST_QUOTE:  # it begins with the value and ends with what is wrong with it
            problem = f"{problem[: LONGEST_QUOTE // 2]} ... {problem[-LONGEST_QUOTE // 2 :]}"
        raise errors.bad_control_request(f"{where}: {problem}" if where else problem)
    assert isinstance(content, dict)  # noqa: S101 - the schema says so
    return content
