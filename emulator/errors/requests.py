"""What a caller is told whose request is well-formed and cannot be met, whatever the operation."""

from emulator.errors.kinds import ApiError, listed


@listed("observed", "DescribeAutoMLJob, aws/amazon-sagemaker-examples#2244")
def job_not_found(name: str) -> ApiError:
    """A job that does not exist."""
    return ApiError("ResourceNotFound", f"Amazon SageMaker can't find an AutoML job called {name}.")


@listed("inferred", "code documented; words as of a hyperparameter tuning job (transcript)")
def job_name_in_use(name: str) -> ApiError:
    """A job of this name, in whatever case, exists in the account and region."""
    return ApiError("ResourceInUse", f"An AutoML job with the name, {name}, already exists. Choose a different name.")


@listed("inferred", "StopTrainingJob and StopTransformJob of ended jobs answer so (transcripts)")
def job_already_ended(status: str) -> ApiError:
    """StopAutoMLJob of a job that has ended."""
    return ApiError("ValidationException", f"The request was rejected because the AutoML job is in status {status}.")


@listed("inferred", "documented: DescribeAutoMLJob cannot describe jobs made by CreateAutoMLJobV2")
def job_is_v2(name: str) -> ApiError:
    """DescribeAutoMLJob of a job made by CreateAutoMLJobV2."""
    return ApiError(
        "ValidationException",
        f"The AutoML job {name} was created with CreateAutoMLJobV2. Use DescribeAutoMLJobV2 to describe it.",
    )


@listed("ours", "this version trains text generation")
def other_problem_types_only_in_v2() -> ApiError:
    """CreateAutoMLJob, which is for tabular data alone."""
    return ApiError("ValidationException", "The emulator does not train tabular jobs. Use CreateAutoMLJobV2.")


@listed("observed", "DescribeTrainingJob (transcripts)")
def training_job_not_found() -> ApiError:
    """A training job that does not exist."""
    return ApiError("ValidationException", "Requested resource not found.")


@listed("inferred", "no transcript found")
def invalid_next_token() -> ApiError:
    """A NextToken that no answer gave, or that belongs to another order."""
    return ApiError("ValidationException", "Invalid NextToken.")


@listed("inferred", "code as ListTags gave it, aws/amazon-sagemaker-feedback#108; words as of DescribeEndpoint")
def resource_not_found_for_tags(arn: str) -> ApiError:
    """Tags of a resource that does not exist in the region of the call."""
    return ApiError("ValidationException", f'Could not find resource "{arn}".')


@listed("inferred", "documented: a resource has at most 50 tags")
def too_many_tags(limit: int) -> ApiError:
    """More tags than a resource may have."""
    return ApiError("ResourceLimitExceeded", f"A resource can have at most {limit} tags.")


@listed("inferred", "documented: tag keys must be unique per resource")
def repeated_tag_key(key: str) -> ApiError:
    """A tag key that stands twice in one request."""
    return ApiError("ValidationException", f"Tag keys must be unique per resource. Duplicate tag key: {key}.")


@listed("inferred", "documented: the prefix aws: is reserved; words of other services")
def reserved_tag_key(key: str) -> ApiError:
    """A tag key with the prefix that AWS keeps to itself."""
    return ApiError(
        "ValidationException", f"aws: prefixed tag key names are not allowed for external use. Tag key: {key}."
    )
