"""What the operations on models, endpoint configurations and endpoints tell, and what ends an endpoint."""

from emulator.errors.kinds import ApiError, EndpointFailure, listed, refused

# Names that are not there, or are there already.


@listed("observed", "CreateEndpointConfig of a missing model (a notebook's notes of 2021)")
def model_not_found(arn: str) -> ApiError:
    """A model that does not exist."""
    return refused(f'Could not find model "{arn}".')


@listed("observed", "UpdateEndpoint, hashicorp/terraform-provider-aws#40048")
def endpoint_config_not_found(arn: str) -> ApiError:
    """An endpoint configuration that does not exist."""
    return refused(f'Could not find endpoint configuration "{arn}".')


@listed("observed", "DeleteEndpoint and DescribeEndpoint (transcripts)")
def endpoint_not_found(arn: str) -> ApiError:
    """An endpoint that does not exist."""
    return refused(f'Could not find endpoint "{arn}".')


@listed("observed", "CreateModel, astronomer/astronomer-providers#1055")
def model_exists(arn: str) -> ApiError:
    """A model of this name exists in the account and region."""
    return refused(f'Cannot create already existing model "{arn}".')


@listed("observed", "CreateEndpointConfig, awslabs/spot-tagging-bot-for-digital-assets#2")
def endpoint_config_exists(arn: str) -> ApiError:
    """An endpoint configuration of this name exists in the account and region."""
    return refused(f'Cannot create already existing endpoint configuration "{arn}".')


@listed("observed", "CreateEndpoint, aws/sagemaker-python-sdk#101")
def endpoint_exists(arn: str) -> ApiError:
    """An endpoint of this name exists in the account and region."""
    return refused(f'Cannot create already existing endpoint "{arn}".')


# Changes that the endpoint's status does not allow.


@listed("observed", "DeleteEndpoint (transcript), and aws/amazon-sagemaker-operator-for-k8s")
def endpoint_in_progress(arn: str) -> ApiError:
    """A change to an endpoint that is being created, updated or deleted, its deletion included."""
    return refused(f'Cannot update in-progress endpoint "{arn}".')


@listed("inferred", "documented: DeleteEndpoint is the only operation that can be performed on a failed endpoint")
def endpoint_failed(arn: str) -> ApiError:
    """An update of an endpoint that could not be created."""
    return refused(f'Cannot update endpoint "{arn}" in status Failed. Delete it and create it again.')


# Models.


@listed("inferred", "documented: a model has either a primary container or a list of containers")
def no_container() -> ApiError:
    """A model without containers."""
    return refused("Either PrimaryContainer or Containers must be specified.")


@listed("inferred", "documented: a model has either a primary container or a list of containers")
def two_kinds_of_containers() -> ApiError:
    """A model with a primary container and a list of containers."""
    return refused("PrimaryContainer and Containers must not be specified together.")


@listed("observed", "CreateModel (a comment in public code that quotes it)")
def image_or_model_package() -> ApiError:
    """A container with neither an image nor a model package, or with both."""
    return refused("Specify one of either Image and Model Data URL or ModelPackageName in container definition.")


@listed("ours", "model packages are moto's, and nothing here unpacks one")
def model_package_not_served(name: str) -> ApiError:
    """A container that comes from a model package."""
    return refused(f"The emulator does not serve model packages ({name}). Specify Image and ModelDataUrl.")


@listed("inferred", "documented: ModelDataSource is used in the place of ModelDataUrl")
def two_sources_of_model_data() -> ApiError:
    """A container that names its artifact twice."""
    return refused("ModelDataUrl and ModelDataSource must not be specified together in container definition.")


@listed("inferred", "documented: the host name uniquely identifies a container of an inference pipeline")
def repeated_container_hostname(name: str) -> ApiError:
    """Two containers of one host name."""
    return refused(f"ContainerHostname must be unique within a model. Duplicate ContainerHostname: {name}.")


@listed("inferred", "documented: with a host name for any container of a pipeline, every one must have one")
def container_without_hostname() -> ApiError:
    """A container without a host name beside one with it."""
    return refused("ContainerHostname must be specified for every container, or for none.")


@listed("observed", "CreateModel, aws/aws-step-functions-data-science-sdk-python#61")
def model_data_not_found(uri: str) -> ApiError:
    """An artifact that is not in S3."""
    return refused(f"Could not find model data at {uri}.")


@listed("observed", "CreateModel (the notes of several public projects quote it)")
def execution_role_invalid(arn: str) -> ApiError:
    """A role of a model that has the pattern of one and can name no role."""
    return refused(
        f'The execution role ARN "{arn}" is invalid. Please ensure that the role exists and that its trust '
        'relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".'
    )


# Production variants.


@listed("inferred", "moto's words for UpdateEndpointWeightsAndCapacities")
def repeated_variant(name: str) -> ApiError:
    """A production variant that is named twice in one request."""
    return refused(f'The variant name "{name}" was non-unique within the request.')


@listed("inferred", "moto's words for UpdateEndpointWeightsAndCapacities")
def unknown_variants(names: str, config: str) -> ApiError:
    """New weights for a production variant that the endpoint does not have."""
    return refused(f'The variant name(s) "{names}" is/are not present within endpoint configuration "{config}".')


@listed("inferred", "documented: a serverless configuration stands instead of an instance-based one")
def no_capacity(variant: str) -> ApiError:
    """A production variant without instances and not serverless, or with several kinds of capacity."""
    return refused(
        f"Production variant {variant} must specify exactly one of InstanceType, InstancePools and ServerlessConfig."
    )


@listed("inferred", "documented in the examples of CreateEndpointConfig; optional in the service model")
def no_instance_count(variant: str) -> ApiError:
    """A production variant on instances that does not say on how many."""
    return refused(f"Production variant {variant} must specify InitialInstanceCount with InstanceType.")


@listed("inferred", "documented: 1024, 2048, 3072, 4096, 5120 or 6144 MB")
def serverless_memory_between(variant: str, size: int) -> ApiError:
    """A serverless variant whose memory is between the sizes that there are."""
    return refused(
        f"MemorySizeInMB of production variant {variant} must be a multiple of 1024, from 1024 to 6144. Given: {size}."
    )


@listed("inferred", "documented: the provisioned concurrency is at most the maximum concurrency")
def provisioned_over_maximum(variant: str) -> ApiError:
    """A serverless variant that shall always be ready for more calls than it may have."""
    return refused(
        f"ProvisionedConcurrency of production variant {variant} must be less than or equal to MaxConcurrency."
    )


@listed("inferred", "documented: with shadow variants, one production variant and one shadow variant")
def too_many_shadowed_variants() -> ApiError:
    """A shadow variant beside several others."""
    return refused(
        "With ShadowProductionVariants, exactly one variant may be specified in ProductionVariants and one in "
        "ShadowProductionVariants."
    )


@listed("ours", "a variant without a model hosts inference components, which the emulator has not")
def variant_without_model(variant: str) -> ApiError:
    """A production variant for inference components."""
    return refused(
        f"The emulator does not host inference components: production variant {variant} must specify ModelName."
    )


# Deployment policies.


@listed("inferred", "documented: a deployment has a blue/green or a rolling update policy")
def two_update_policies() -> ApiError:
    """A DeploymentConfig with both policies."""
    return refused("BlueGreenUpdatePolicy and RollingUpdatePolicy must not be specified together.")


@listed("inferred", "documented: the size of the first step, or of each one, stands beside the type of the routing")
def no_traffic_size(kind: str, member: str) -> ApiError:
    """Traffic that is shifted in parts of unknown size."""
    return refused(f"TrafficRoutingConfiguration of Type {kind} must specify {member}.")


@listed("inferred", "documented: the properties to override when RetainAllVariantProperties is true")
def nothing_retained() -> ApiError:
    """Properties that are left out of those retained, where none is."""
    return refused("ExcludeRetainedVariantProperties must only be specified with RetainAllVariantProperties.")


# FailureReason of an endpoint.


@listed("ours", "a defect of the emulator, told as such")
def deployment_broke(problem: str) -> EndpointFailure:
    """An exception on the server's side of a deployment."""
    return EndpointFailure(f"InternalServerError: The emulator could not deploy the endpoint: {problem}")


@listed("inferred", "documented: an endpoint's name is unique; a deployment that fails ends in ModelDeploymentError")
def endpoint_name_taken(name: str) -> EndpointFailure:
    """A job whose ModelDeployConfig names an endpoint that is there already."""
    return EndpointFailure(f"An endpoint with the name {name} already exists.")
