"""Valid requests to start from."""

import copy
import json
from typing import Any

from emulator.bundled import FIXTURES

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMakerServiceCatalogProductsUseRole"
BUCKET = "test-bucket"
HOLES = {
    "<bucket_name>": BUCKET,
    "<input_data>": "input/facts",
    "<account_id>": "123456789012",
    "<region>": "us-east-1",
    "<key_value>": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "<sagemaker_execution_role_name>": "role",
}


def user_guide(name: str, *, hyperparameters: bool = False) -> dict[str, Any]:
    """The user guide's request with names filled in; with `hyperparameters`, its second JSON example put in."""
    request = _example("user_guide_csv.json", name)
    if hyperparameters:
        request |= _example("user_guide_hyperparameters.json", name)
    return request


def channel(key: str, channel_type: str | None = "training", content_type: str | None = "text/csv") -> dict[str, Any]:
    """One AutoMLJobChannel on an object or a prefix of the test bucket."""
    members = {
        "ChannelType": channel_type,
        "ContentType": content_type,
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{key}"}},
    }
    return {member: value for member, value in members.items() if value is not None}


def text_generation(name: str, *channels: dict[str, Any], **config: Any) -> dict[str, Any]:
    """The least request for text generation; `config` goes into TextGenerationJobConfig."""
    return {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": list(channels) or [channel("input/facts.csv")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "RoleArn": ROLE,
        "AutoMLProblemTypeConfig": {"TextGenerationJobConfig": config},
    }


def with_value(request: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with another value at a path like `AutoMLJobInputDataConfig.0.ContentType`; None removes the member."""
    changed = copy.deepcopy(request)
    node: Any = changed
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for parent in parents:
        node = node[parent] if isinstance(parent, int) else node.setdefault(parent, {})
    if value is None:
        del node[last]
    else:
        node[last] = value
    return changed


def _example(file: str, name: str) -> dict[str, Any]:
    text = (FIXTURES / "requests" / file).read_text(encoding="utf-8")
    for hole, filled in (HOLES | {"<job_name>": name}).items():
        text = text.replace(hole, filled)
    request: dict[str, Any] = json.loads(text)
    return request


def training_job(name: str) -> dict[str, Any]:
    """CreateTrainingJob, which is moto's, with no more than it must have."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": [],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
