"""What is told of control at `/_emulator/`, and what control makes the emulator tell."""

from emulator.errors.kinds import ApiError, EndpointFailure, JobFailure, listed

COMMON_ERRORS: dict[str, tuple[int, str]] = {
    "AccessDeniedException": (400, "You do not have sufficient access to perform this action."),
    "ExpiredTokenException": (400, "The security token included in the request is expired"),
    "InternalDependencyException": (
        530,
        "Your request caused an exception with an internal dependency. Contact customer support.",
    ),
    "InternalFailure": (
        500,
        "The request processing has failed because of an unknown error, exception or failure.",
    ),
    "ModelError": (500, "Model (owned by the customer in the container) returned 4xx or 5xx error code."),
    "ModelNotReadyException": (
        429,
        (
            "Either a serverless endpoint variant's resources are still being provisioned, or a multi-model endpoint "
            "is still downloading or loading the target model. Wait and try your request again."
        ),
    ),
    "RequestTimeout": (400, "Your socket connection to the server was not read from or written to in time."),
    "ResourceInUse": (400, "Resource being accessed is in use."),
    "ResourceLimitExceeded": (400, "You have exceeded an SageMaker resource limit."),
    "ResourceNotFound": (400, "Resource being access is not found."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "SlowDown": (503, "Please reduce your request rate."),
    "ThrottlingException": (400, "Rate exceeded"),
    "UnrecognizedClientException": (400, "The security token included in the request is invalid."),
}
"""Errors that any call can meet: HTTP status and words, for a fault that gives none.

From the common errors of SageMaker's API reference, the errors of its service model and its runtime's, and S3's list
of error codes. A ModelError's are those of the model's container, which the runtime tells within a 424.
"""


@listed("ours", "control of the emulator itself")
def bad_control_request(problem: str) -> ApiError:
    """A request to `/_emulator/` that cannot be understood."""
    return ApiError("ValidationException", problem)


@listed("ours", "commanded at /_emulator/faults")
def commanded_error(code: str, message: str, status: int) -> ApiError:
    """A fault that a test has asked for, in its own words or in AWS's."""
    return ApiError(code, message, status)


@listed("ours", "the tag automl-emulator:outcome")
def outcome_not_understood(value: str, problem: str) -> ApiError:
    """A job with the tag for its outcome, whose value cannot be understood."""
    return ApiError("ValidationException", f"The tag automl-emulator:outcome cannot be {value}: {problem}")


@listed("ours", "commanded at /_emulator/outcomes")
def commanded_failure(reason: str) -> JobFailure:
    """A job that was to fail, or that is replayed and had failed, with exactly this reason."""
    return JobFailure(reason)


@listed("ours", "commanded at /_emulator/outcomes without a reason")
def failure_without_reason(stage: str) -> JobFailure:
    """A job that was to fail, with no reason given."""
    return JobFailure(f"The failure of this job in {stage} was commanded, through the emulator's control of outcomes.")


@listed("ours", "commanded at /_emulator/outcomes")
def commanded_deployment_failure(reason: str | None) -> EndpointFailure:
    """A deployment that was to fail, with the reason that was given if there is one."""
    return EndpointFailure(reason or "The failure of this deployment was commanded, through the emulator's control.")


@listed("ours", "replay of a recorded job")
def recording_unusable(name: str, problem: str) -> JobFailure:
    """A recording that is not there, or not in the form of one."""
    return JobFailure(f"The emulator cannot replay {name}: {problem}")


@listed("ours", "--replay where nothing can be trained")
def no_recording_answers(place: str, problem: str) -> JobFailure:
    """A job that no recording fits, on a machine that cannot train it."""
    return JobFailure(f"No recording in {place} answers this job (--replay). {problem}")


@listed("ours", "deployment of a candidate that was replayed without its model")
def replayed_without_model(source: str, uri: str) -> EndpointFailure:
    """A candidate has no model, since the recording that it was replayed from has none."""
    return EndpointFailure(
        f"There is no model at {uri}: this candidate was replayed from {source}, which holds none. "
        "Record the job with --with-model, and it can be deployed."
    )
