"""Why an endpoint could not begin to serve: FailureReasons, in AWS's words where they are known."""

from emulator.errors.kinds import EndpointFailure, listed


@listed("observed", "DescribeEndpoint of endpoints whose ModelDataUrl names no object, on GitHub")
def model_data_not_downloaded(uri: str, problem: str) -> EndpointFailure:
    """An artifact that cannot be read from S3; the last sentence, with what S3 said, is ours."""
    return EndpointFailure(
        f'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure that there is an '
        "object located at the URL and that the role passed to CreateModel has permissions to download the object. "
        f"{problem}"
    )


@listed("ours", "the emulator runs no containers")
def model_not_ours(uri: str, problem: str) -> EndpointFailure:
    """An artifact that no text generation job of the emulator made."""
    return EndpointFailure(
        "The emulator serves the text generation models that its own jobs tuned, and no other containers or artifacts. "
        f"{uri or 'A model without ModelDataUrl'} is none of them: {problem}"
    )


@listed(
    "inferred", "form of DescribeEndpoint's FailureReason where a container does not answer pings; the cause is ours"
)
def serving_not_begun(variant: str, problem: str) -> EndpointFailure:
    """A model that loaded, and did not answer."""
    return EndpointFailure(
        f"The primary container for production variant {variant} did not pass the ping health check. {problem}"
    )


@listed("ours", "the endpoint was deleted while its model was being loaded")
def serving_closed() -> EndpointFailure:
    """A model that is not wanted any more."""
    return EndpointFailure("The endpoint was deleted, or the emulator is ending, while the model was being loaded.")


@listed("ours", "the extra is not installed, or broken")
def serving_unavailable(problem: str) -> EndpointFailure:
    """A machine without torch and transformers."""
    return EndpointFailure(f"The emulator cannot serve models here: {problem}")


@listed("ours", "one container with one model is what is served here")
def several_containers_not_served(model: str, count: int) -> EndpointFailure:
    """An inference pipeline, or a model of several containers that are invoked directly."""
    return EndpointFailure(
        f"The emulator serves models of one container, and model {model} has {count}: neither inference pipelines nor "
        "multi-container endpoints are emulated."
    )


@listed("ours", "one container with one model is what is served here")
def multi_model_not_served(model: str) -> EndpointFailure:
    """A container of many models, which an invocation names."""
    return EndpointFailure(
        f"The emulator serves one model of a container, and model {model} has Mode MultiModel: multi-model endpoints "
        "are not emulated."
    )
