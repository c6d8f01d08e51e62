"""What InvokeEndpoint tells. The runtime has codes of its own: ValidationError, not ValidationException."""

from emulator.errors.kinds import ApiError, listed


@listed("observed", "InvokeEndpoint, aws/amazon-sagemaker-examples#293")
def no_endpoint_to_invoke(name: str, account: str) -> ApiError:
    """An endpoint that does not exist, or whose name has another case."""
    return ApiError("ValidationError", f"Endpoint {name} of account {account} not found.")


@listed("inferred", "code and status documented; no transcript found")
def endpoint_not_in_service(name: str, account: str, status: str) -> ApiError:
    """An endpoint that does not serve: it is being created, is being deleted, or failed."""
    return ApiError(
        "ValidationError", f"Endpoint {name} of account {account} is not in service: its status is {status}."
    )


@listed("inferred", "code and status documented; no transcript found")
def no_variant_to_invoke(variant: str) -> ApiError:
    """A TargetVariant that the endpoint does not have."""
    return ApiError("ValidationError", f"Variant {variant} not found for Request.")
