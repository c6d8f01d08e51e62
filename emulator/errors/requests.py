"""What a caller is told whose request is well-formed and cannot be met."""

from collections.abc import Sequence

from emulator.errors.kinds import ApiError, listed


@listed("observed", "DescribeAutoMLJob, aws/amazon-sagemaker-examples#2244")
def job_not_found(name: str) -> ApiError:
    """A job that does not exist."""
    return ApiError("ResourceNotFound", f"Amazon SageMaker can't find an AutoML job called {name}.")


@listed("inferred", "code documented; words as of a hyperparameter tuning job (transcript)")
def job_name_in_use(name: str) -> ApiError:
    """A job of this name, in whatever case, exists in the account and region."""
    return ApiError("ResourceInUse", f"An AutoML job with the name, {name}, already exists. Choose a different name.")


@listed("inferred", "documented: DescribeAutoMLJob cannot describe jobs made by CreateAutoMLJobV2")
def job_is_v2(name: str) -> ApiError:
    """DescribeAutoMLJob of a job made by CreateAutoMLJobV2."""
    return ApiError(
        "ValidationException",
        f"The AutoML job {name} was created with CreateAutoMLJobV2. Use DescribeAutoMLJobV2 to describe it.",
    )


@listed("inferred", "no transcript found")
def invalid_next_token() -> ApiError:
    """A NextToken that no answer gave, or that belongs to another order."""
    return ApiError("ValidationException", "Invalid NextToken.")


@listed("inferred", "no transcript found")
def resource_not_found_for_tags(arn: str) -> ApiError:
    """Tags of a resource that does not exist."""
    return ApiError("ValidationException", f'Could not find resource "{arn}".')


@listed("documented", "AddTags: at most 50 tags a resource")
def too_many_tags(limit: int) -> ApiError:
    """More tags than a resource may have."""
    return ApiError("ResourceLimitExceeded", f"A resource can have at most {limit} tags.")


# Rules of CreateAutoMLJobV2 across members.


@listed("inferred", "documented: with one data source, its ChannelType must be training")
def no_training_channel() -> ApiError:
    """No channel of type training."""
    return ApiError("ValidationException", "AutoMLJobInputDataConfig must contain a channel with ChannelType training.")


@listed("inferred", "documented: of two data sources one is training, the other validation")
def repeated_channel_type(channel_type: str) -> ApiError:
    """Two channels of one type."""
    return ApiError(
        "ValidationException",
        f"AutoMLJobInputDataConfig must not contain more than one channel with ChannelType {channel_type}.",
    )


@listed("inferred", "AutoMLJobChannel: channels must share ContentType")
def differing_content_types() -> ApiError:
    """Two channels of different ContentType."""
    return ApiError("ValidationException", "All channels of AutoMLJobInputDataConfig must have the same ContentType.")


@listed("inferred", "documented: setting ValidationFraction with two channels causes an error")
def fraction_with_two_channels() -> ApiError:
    """ValidationFraction beside a validation channel."""
    return ApiError(
        "ValidationException",
        "DataSplitConfig ValidationFraction must not be set when a channel with ChannelType validation is given.",
    )


@listed("inferred", "documented: a value between 0 and 1 splits the data set")
def fraction_out_of_range(value: float) -> ApiError:
    """A ValidationFraction that leaves one side empty."""
    return ApiError(
        "ValidationException",
        f"DataSplitConfig ValidationFraction must be greater than 0 and less than 1, but is {value:g}.",
    )


@listed("inferred", "ranges documented in the user guide")
def bad_hyperparameter(name: str, value: str, allowed: str) -> ApiError:
    """A text generation hyperparameter that is no number or out of its range."""
    return ApiError("ValidationException", f"Invalid value {value} for hyperparameter {name}: it must be {allowed}.")


@listed("inferred", "the user guide names four hyperparameters")
def unknown_hyperparameter(name: str, known: Sequence[str]) -> ApiError:
    """A hyperparameter that text generation does not have."""
    return ApiError(
        "ValidationException", f"Unknown hyperparameter {name}. Supported hyperparameters: {', '.join(known)}."
    )


@listed("inferred", "the developer guide lists the models")
def unknown_base_model(name: str, known: Sequence[str]) -> ApiError:
    """A BaseModelName that is not on AWS's list."""
    return ApiError("ValidationException", f"BaseModelName {name} is not supported. Supported: {', '.join(known)}.")


@listed("inferred", "words of CreateTrainingJob (transcript)")
def no_s3_objects(uri: str, region: str, role: str, bucket: str) -> ApiError:
    """Input data that is not there."""
    return ApiError(
        "ValidationException",
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists '
        f'in the selected region ({region}), that objects exist under that S3 prefix, and that the role "{role}" has '
        f'"s3:ListBucket" permissions on bucket "{bucket}".',
    )


@listed("ours", "this version trains text generation")
def other_problem_types_only_in_v2() -> ApiError:
    """CreateAutoMLJob, which is for tabular data alone."""
    return ApiError("ValidationException", "The emulator does not train tabular jobs. Use CreateAutoMLJobV2.")
