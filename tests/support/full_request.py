"""One valid request with every part that most tests need, ways to change it, and what then comes of it."""

import copy
from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.validation.constraints import check

ROLE = "arn:aws:iam::123456789012:role/service-role/role"
FULL: dict[str, Any] = {
    "AutoMLJobName": "job-1",
    "AutoMLJobInputDataConfig": [
        {
            "ChannelType": "training",
            "ContentType": "text/csv",
            "CompressionType": "None",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train.csv"}},
        }
    ],
    "OutputDataConfig": {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1", "S3OutputPath": "s3://bucket/out"},
    "AutoMLProblemTypeConfig": {
        "TextGenerationJobConfig": {
            "CompletionCriteria": {"MaxCandidates": 1, "MaxAutoMLJobRuntimeInSeconds": 3600},
            "BaseModelName": "Falcon7BInstruct",
            "TextGenerationHyperParameters": {"epochCount": "5", "learningRate": "0.000001"},
            "ModelAccessConfig": {"AcceptEula": True},
        }
    },
    "RoleArn": ROLE,
    "Tags": [{"Key": "team", "Value": "größe 1"}],
    "SecurityConfig": {
        "EnableInterContainerTrafficEncryption": False,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    },
    "AutoMLJobObjective": {"MetricName": "Accuracy"},
    "ModelDeployConfig": {"AutoGenerateEndpointName": True},
    "DataSplitConfig": {"ValidationFraction": 0.2},
    "AutoMLComputeConfig": {"EmrServerlessComputeConfig": {"ExecutionRoleARN": ROLE}},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The full request with another value at a path like `Tags.0.Key`."""
    request = copy.deepcopy(FULL)
    *parents, last = path.split(".")
    node: Any = request
    for parent in parents:
        node = node[int(parent)] if isinstance(node, list) else node[parent]
    node[int(last) if isinstance(node, list) else last] = value
    return request


def refused(request: object, operation: str = "CreateAutoMLJobV2") -> ApiError:
    """The error that a request meets."""
    with pytest.raises(ApiError) as caught:
        check(operation, request)
    assert caught.value.status == 400
    return caught.value


def violations(request: object, operation: str = "CreateAutoMLJobV2") -> set[str]:
    """The violations of a request, the count in the header checked."""
    error = refused(request, operation)
    assert error.code == "ValidationException"
    header, _, listed = str(error.message).partition(" detected: ")
    found = listed.split("; ")
    assert header == f"{len(found)} validation error{'s' if len(found) > 1 else ''}"
    return set(found)
