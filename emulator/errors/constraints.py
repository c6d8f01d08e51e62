"""What a request is told that breaks its schema."""

from collections.abc import Sequence

from emulator.errors.kinds import ApiError, Violation, listed

# The constraint layer.

MOST_VIOLATIONS = 10
"""How many violations one message lists; DynamoDB, Kinesis and Bedrock stop there, and count only those."""

CONSTRAINT_PHRASES = {
    "required": "Member must not be null",
    "maxLength": "Member must have length less than or equal to {}",
    "minLength": "Member must have length greater than or equal to {}",
    "maxItems": "Member must have length less than or equal to {}",
    "minItems": "Member must have length greater than or equal to {}",
    "maxProperties": "Member must have length less than or equal to {}",
    "minProperties": "Member must have length greater than or equal to {}",
    "maximum": "Member must have value less than or equal to {}",
    "minimum": "Member must have value greater than or equal to {}",
    "pattern": "Member must satisfy regular expression pattern: {}",
    "enum": "Member must satisfy enum value set: [{}]",
    "items": "Member must satisfy constraint: [{}]",
    "propertyNames": "Map keys must satisfy constraint: [{}]",
    "additionalProperties": "Map value must satisfy constraint: [{}]",
}
"""AWS's phrase for each JSON Schema keyword.

Lengths, pattern, enum and map value: SageMaker (transcripts). The others: siblings on the same framework, as Lambda,
ACM, DynamoDB, EventBridge and Athena answered (transcripts).
"""


@listed("observed", "CreateModel 2019, CreateTrainingJob 2025 (transcripts)")
def validation_failed(violations: Sequence[Violation]) -> ApiError:
    """All broken constraints of one request, in one message."""
    count = len(violations)
    noun = "error" if count == 1 else "errors"
    return ApiError("ValidationException", f"{count} validation {noun} detected: {'; '.join(map(str, violations))}")


# JSON types. The words of the framework's reader of JSON 1.1, as Athena gave them in September 2026 (an emulator's
# recorded measurements); SES, Kinesis, SQS and CodeDeploy use the same. DynamoDB alone has a reader with other words.

_READER = "Athena, JSON 1.1, measured 2026-09-23; Kinesis and SES alike"


@listed("inferred", _READER)
def not_convertible(token: str, target: str) -> ApiError:
    """A scalar of another type; `token` is the JSON token's kind, `target` the type with its article."""
    return ApiError("SerializationException", f"{token} can not be converted to {target}")


@listed("inferred", _READER)
def list_not_expected() -> ApiError:
    """A list where a structure, a map or a scalar belongs."""
    return ApiError("SerializationException", "Start of list found where not expected")


@listed("inferred", _READER)
def structure_not_expected() -> ApiError:
    """An object where a list or a scalar belongs."""
    return ApiError("SerializationException", "Start of structure or map found where not expected.")


@listed("inferred", _READER)
def list_expected() -> ApiError:
    """A scalar where a list belongs."""
    return ApiError("SerializationException", "Expected list or null")


@listed("inferred", "Kinesis, as kinesalite's tests recorded it")
def map_expected() -> ApiError:
    """A scalar where a map belongs."""
    return ApiError("SerializationException", "Expected map or null")


@listed("inferred", _READER)
def structure_expected() -> ApiError:
    """A scalar where a structure belongs."""
    return ApiError("SerializationException", "Expected null")


@listed("inferred", "code: Smithy's protocol tests of malformed unions; words: the API reference's rule")
def union_not_exactly_one(name: str) -> ApiError:
    """A union with no member, or with more than one."""
    return ApiError("SerializationException", f"There must be one and only one config in {name}.")
