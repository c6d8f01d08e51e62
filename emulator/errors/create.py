"""What the rules of CreateAutoMLJobV2 across members and against S3 tell, for all problem types."""

from collections.abc import Sequence

from emulator.errors.kinds import ApiError, listed, refused

# AutoMLJobInputDataConfig.


@listed("inferred", "documented: with one data source, its ChannelType must be training")
def no_training_channel() -> ApiError:
    """No channel of type training."""
    return refused("AutoMLJobInputDataConfig must contain a channel with ChannelType training.")


@listed("inferred", "documented: of two data sources one is training, the other validation")
def repeated_channel_type(channel_type: str) -> ApiError:
    """Two channels of one type."""
    return refused(f"AutoMLJobInputDataConfig must not contain more than one channel with ChannelType {channel_type}.")


@listed("inferred", "documented: DataSource is required; the service model has it as optional")
def no_data_source() -> ApiError:
    """A channel that names no data."""
    return refused("Each channel of AutoMLJobInputDataConfig must have a DataSource.")


@listed("inferred", "documented: channels for training and validation must share the same ContentType")
def differing_content_types() -> ApiError:
    """Two channels of different ContentType."""
    return refused("All channels of AutoMLJobInputDataConfig must have the same ContentType.")


@listed("inferred", "documented: both data sources must have the same format")
def differing_data_types() -> ApiError:
    """Two channels of different S3DataType."""
    return refused("All channels of AutoMLJobInputDataConfig must have the same S3DataType.")


@listed("inferred", "documented: the supported formats depend on the problem type")
def unsupported_data_type(data_type: str, problem_type: str, supported: Sequence[str]) -> ApiError:
    """An S3DataType that the problem type does not read."""
    return refused(
        f"S3DataType {data_type} is not supported for problem type {problem_type}. Supported: {', '.join(supported)}."
    )


@listed("inferred", "documented: the allowed content types for different problems")
def unsupported_content_type(content_type: str, problem_type: str, supported: Sequence[str]) -> ApiError:
    """A ContentType that the problem type does not read."""
    return refused(
        f"ContentType {content_type} is not supported for problem type {problem_type}. "
        f"Supported: {', '.join(supported)}."
    )


@listed("inferred", "documented: Gzip is allowed for S3Prefix inputs on tabular data only")
def unsupported_compression(compression: str, problem_type: str) -> ApiError:
    """A CompressionType other than None where none is allowed."""
    return refused(
        f"CompressionType {compression} is not supported for problem type {problem_type} with the given S3DataType. "
        "Supported: None."
    )


# DataSplitConfig.


@listed("inferred", "documented: must not be set for the time-series forecasting problem type")
def split_of_time_series() -> ApiError:
    """DataSplitConfig of a time series."""
    return refused("DataSplitConfig must not be set for problem type TimeSeriesForecasting.")


@listed("inferred", "documented: setting ValidationFraction with two data sources causes an error")
def fraction_with_two_channels() -> ApiError:
    """ValidationFraction beside a validation channel."""
    return refused(
        "DataSplitConfig ValidationFraction must not be set when a channel with ChannelType validation is given."
    )


@listed("inferred", "documented: values must be greater than 0 and less than 1")
def fraction_out_of_range(value: float) -> ApiError:
    """A ValidationFraction that leaves one side empty."""
    return refused(f"DataSplitConfig ValidationFraction must be greater than 0 and less than 1, but is {value:g}.")


# AutoMLJobObjective, CompletionCriteria, AutoMLComputeConfig.


@listed("inferred", "documented: fine-tuning enhances the cross-entropy loss and has no choice of objective")
def objective_not_supported(problem_type: str) -> ApiError:
    """An objective where the service has its own."""
    return refused(f"AutoMLJobObjective is not supported for problem type {problem_type}.")


@listed("inferred", "documented: the list of available metrics depends on the problem type")
def unsupported_metric(metric: str, problem_type: str, supported: Sequence[str]) -> ApiError:
    """An objective metric of another problem type."""
    return refused(
        f"MetricName {metric} is not supported for problem type {problem_type}. Supported: {', '.join(supported)}."
    )


@listed("inferred", "documented: provide both AutoMLJobObjective and ProblemType, or none at all")
def problem_type_without_objective() -> ApiError:
    """ProblemType of tabular data alone."""
    return refused("AutoMLJobObjective must be specified when TabularJobConfig ProblemType is specified.")


@listed("inferred", "documented: provide both AutoMLJobObjective and ProblemType, or none at all")
def objective_without_problem_type() -> ApiError:
    """The objective of tabular data alone."""
    return refused("TabularJobConfig ProblemType must be specified when AutoMLJobObjective is specified.")


@listed("inferred", "documented: the supported value of MaxCandidates is 1 but for tabular problem types")
def too_many_candidates(problem_type: str, limit: int) -> ApiError:
    """MaxCandidates above what the problem type trains."""
    return refused(f"MaxCandidates must not be greater than {limit} for problem type {problem_type}.")


@listed("inferred", "documented: EMR Serverless is available for the tabular and time series problem types")
def compute_not_supported(problem_type: str) -> ApiError:
    """EmrServerlessComputeConfig where no remote job can begin."""
    return refused(f"EmrServerlessComputeConfig is not supported for problem type {problem_type}.")


# ModelDeployConfig.


@listed("inferred", "documented: EndpointName with AutoGenerateEndpointName is a 400 error")
def endpoint_name_not_expected() -> ApiError:
    """A name for the endpoint, and the wish to have it generated."""
    return refused("EndpointName must not be specified when AutoGenerateEndpointName is True.")


@listed("inferred", "documented: EndpointName if and only if AutoGenerateEndpointName is False, else a 400 error")
def endpoint_name_expected() -> ApiError:
    """Neither a name for the endpoint nor the wish to have it generated."""
    return refused("EndpointName must be specified when AutoGenerateEndpointName is False.")


# Keys, roles, S3.


@listed("inferred", "documented: KmsKeyId is a key id, a key ARN, an alias, or an alias ARN")
def not_a_kms_key(member: str, value: str) -> ApiError:
    """A value that has none of the forms of a KMS key."""
    return refused(f"{member} {value} is not a valid KMS key ID, key ARN, alias name or alias ARN.")


@listed("inferred", "words of CreateTrainingJob (transcript)")
def role_not_assumed(role: str) -> ApiError:
    """A RoleArn that has the pattern of one and can name no role."""
    return refused(
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )


@listed("inferred", "documented: s3://bucket/prefix")
def no_bucket_in_uri(member: str, uri: str) -> ApiError:
    """An S3 URI that has the pattern of one and names no bucket."""
    return refused(f"{member} {uri} is not a valid S3 URI: it names no bucket.")


@listed("observed", "CreateAutoMLJob, in a test of the SageMaker Python SDK against the service; inferred for V2")
def no_target_in_header(target: str) -> ApiError:
    """Tabular data as CSV whose header lacks the column to predict."""
    return refused(f"Target attribute name {target} does not exist in header.")


@listed("inferred", "words of CreateTrainingJob (transcript)")
def no_s3_objects(uri: str, region: str, role: str, bucket: str) -> ApiError:
    """Input data that is not there: no bucket, or nothing in it under the prefix."""
    return refused(
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists '
        f'in the selected region ({region}), that objects exist under that S3 prefix, and that the role "{role}" has '
        f'"s3:ListBucket" permissions on bucket "{bucket}".'
    )
