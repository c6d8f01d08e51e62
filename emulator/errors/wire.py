"""What a caller is told before any operation has seen the request."""

from emulator.errors.kinds import ApiError, listed

_SIBLINGS = "DynamoDB and Kinesis answer so (service facts, 2.4)"


@listed("inferred", "CloudWatch Logs and Kinesis, JSON 1.1 too, send the code without words")
def unknown_operation() -> ApiError:
    """No X-Amz-Target, or one that names no operation of the service."""
    return ApiError("UnknownOperationException", None)


@listed("inferred", _SIBLINGS)
def no_operation_addressed() -> ApiError:
    """A method other than POST, or a content type that is not JSON 1.1's; the only error that is sent as XML."""
    return ApiError("UnknownOperationException", None, 404)


@listed("inferred", _SIBLINGS)
def unreadable_body() -> ApiError:
    """A body that is no JSON."""
    return ApiError("SerializationException", None)


@listed("inferred", "code and status documented among the errors common to AWS's JSON services; words ours")
def body_too_large(limit: int) -> ApiError:
    """A request body over the limit, in bytes. The limit is the emulator's own."""
    return ApiError("RequestEntityTooLargeException", f"A request must not be larger than {limit} bytes.", 413)


@listed("inferred", "code documented among the errors common to AWS's JSON services; words ours")
def malformed_request(problem: str) -> ApiError:
    """A request that is wrong as HTTP: a line, a header, a chunk, or a body that cannot be decompressed."""
    return ApiError("MalformedHttpRequestException", f"The HTTP request is malformed: {problem}.")


@listed("inferred", "code documented among the errors common to AWS's JSON services; status of RFC 6585; words ours")
def headers_too_large(limit: int) -> ApiError:
    """A request line and headers over the limit, in bytes. The limit is the emulator's own."""
    return ApiError("MalformedHttpRequestException", f"The headers must not be larger than {limit} bytes.", 431)


@listed("inferred", "IAM and STS, and all services of AWS's query protocol, answer so")
def unknown_action(action: str) -> ApiError:
    """An Action that the service does not have, in the query protocol."""
    return ApiError("InvalidAction", f"Could not find operation {action}.")


@listed("documented", "S3's list of error codes")
def access_denied() -> ApiError:
    """A request without a signature for what is not public."""
    return ApiError("AccessDenied", "Access Denied", 403)


@listed("documented", "S3's list of error codes")
def method_not_allowed() -> ApiError:
    """A method that S3 does not know for the resource."""
    return ApiError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


@listed("ours", "the emulator's own limits")
def not_emulated(what: str) -> ApiError:
    """A request that AWS may know and neither the emulator nor moto can answer."""
    return ApiError("UnknownOperationException", f"The emulator does not serve {what}.")


@listed("ours", "moto's defects and its gaps in validation, told as such")
def not_answered(what: str, problem: str) -> ApiError:
    """A request at which moto broke; a 4xx, since SDKs would try a 5xx again and again."""
    return ApiError("InternalFailure", f"The emulator could not answer {what}: {problem}")


@listed("ours", "a defect of the emulator, told as such")
def emulator_defect(problem: str) -> ApiError:
    """An exception that should not have happened; a 4xx, since SDKs would try a 5xx again and again."""
    return ApiError("InternalFailure", f"The emulator failed on this request, which is a defect in it: {problem}")
