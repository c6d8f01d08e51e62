"""What a caller is told before any operation has seen the request."""

from emulator.errors.kinds import ApiError, listed


@listed("inferred", "a sibling JSON service answers so (service facts, 2.4)")
def unknown_operation() -> ApiError:
    """No X-Amz-Target, or one that names no operation of the service."""
    return ApiError("UnknownOperationException", None)


@listed("inferred", "a sibling JSON service answers so (service facts, 2.4)")
def unreadable_body() -> ApiError:
    """A body that is no JSON."""
    return ApiError("SerializationException", None)


@listed("ours", "the emulator's own limit")
def body_too_large(limit: int) -> ApiError:
    """A request body over the limit, in bytes."""
    return ApiError("RequestEntityTooLargeException", f"A request must not be larger than {limit} bytes.", 413)


@listed("ours", "the emulator's own limits")
def not_emulated(what: str) -> ApiError:
    """A request that AWS knows and neither the emulator nor moto can answer."""
    return ApiError("UnknownOperationException", f"The emulator does not serve {what}.")


@listed("ours", "a defect of the emulator, told as such")
def emulator_defect(problem: str) -> ApiError:
    """An exception that should not have happened; a 4xx, since SDKs would try a 5xx again and again."""
    return ApiError("InternalFailure", f"The emulator failed on this request, which is a defect in it: {problem}")
