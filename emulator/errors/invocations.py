"""What the runtime tells of an invocation, its own errors and those of the model's container."""

from collections.abc import Sequence

from emulator.errors.constraints import CONSTRAINT_PHRASES, validation_failed
from emulator.errors.kinds import ApiError, ContainerError, ModelError, Violation, listed


@listed("inferred", "form of a constraint on a sensitive member; the service model names the limit")
def invocation_too_large(limit: int) -> ApiError:
    """A body over the limit, in bytes."""
    phrase = CONSTRAINT_PHRASES["maxLength"].format(limit)
    return invocation_constraints([Violation("body", None, phrase)])


@listed("inferred", "form of constraints in the API; the service model names them")
def invocation_constraints(violations: Sequence[Violation]) -> ApiError:
    """Members of an invocation, in its path and headers, that break constraints of the service model."""
    return ApiError("ValidationError", validation_failed(violations).message)


@listed("inferred", "documented as of other kinds of endpoints alone; words ours")
def header_not_supported(header: str, endpoint: str) -> ApiError:
    """A target within an endpoint, which an endpoint of one model and one container does not have."""
    return ApiError("ValidationError", f"{header} is not supported for endpoint {endpoint}.")


@listed("ours", "no asynchronous inference here, whatever an AsyncInferenceConfig says")
def not_asynchronous(endpoint: str) -> ApiError:
    """InvokeEndpointAsync, for an endpoint with an AsyncInferenceConfig too."""
    return ApiError(
        "ValidationError",
        f"Endpoint {endpoint} does not support asynchronous inference: the emulator runs none, whatever its "
        "AsyncInferenceConfig says. Use InvokeEndpoint.",
    )


@listed("observed", "ModelErrors on GitHub, their bodies included")
def model_error(status: int, original_message: str, endpoint: str, region: str, account: str) -> ModelError:
    """What the container answered, or that it answered nothing in time (status 0)."""
    client = 400 <= int(status) < 500 if str(status).isdecimal() else True
    kind = "client" if client else "server"
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    message = (
        f'Received {kind} error ({status}) from primary with message "{original_message}". See '
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group} "
        f"in account {account} for more information."
    )
    code = "CLIENT_ERROR_FROM_MODEL" if client else "INTERNAL_FAILURE_FROM_MODEL"
    return ModelError(message, code, status, original_message, f"arn:aws:logs:{region}:{account}:log-group:{group}")


def model_error_of(answer: ContainerError, endpoint: str, region: str, account: str) -> ModelError:
    """The ModelError for a container's answer."""
    return model_error(answer.status, answer.message, endpoint, region, account)
