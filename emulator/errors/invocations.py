"""What the runtime tells of an invocation, its own errors and those of the model's container."""

from emulator.errors.kinds import ApiError, ContainerError, ModelError, Violation, listed


@listed("inferred", "form of a constraint on a sensitive member; the service model names the limit")
def invocation_too_large(limit: int) -> ApiError:
    """A body over the limit, in bytes."""
    return _constraint("body", None, f"Member must have length less than or equal to {limit}")


@listed("inferred", "form of constraints in the API; the service model names them")
def invocation_constraint(path: str, value: str, phrase: str) -> ApiError:
    """A member of an invocation that breaks a constraint of the service model."""
    return _constraint(path, value, phrase)


@listed("inferred", "documented as of other kinds of endpoints alone; words ours")
def header_not_supported(header: str, endpoint: str) -> ApiError:
    """A target within an endpoint, which an endpoint of one model and one container does not have."""
    return ApiError("ValidationError", f"{header} is not supported for endpoint {endpoint}.")


@listed("inferred", "documented: InvokeEndpointAsync needs an AsyncInferenceConfig; words ours")
def not_asynchronous(endpoint: str) -> ApiError:
    """InvokeEndpointAsync for an endpoint without AsyncInferenceConfig, which is every one of the emulator's."""
    return ApiError("ValidationError", f"Endpoint {endpoint} does not support asynchronous inference.")


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


def _constraint(path: str, value: str | None, phrase: str) -> ApiError:
    return ApiError("ValidationError", f"1 validation error detected: {Violation(path, value, phrase)}")
