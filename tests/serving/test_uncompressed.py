"""Models that are in S3 as they are, not as an archive."""

import io
import tarfile
from typing import Any

import pytest

from emulator.s3.layout import parse_s3_uri
from tests.support.requests import BUCKET
from tests.support.serving import Tuned, make_endpoint, make_model


def unpacked(tuned: Tuned, prefix: str) -> None:
    """The files of a tuned model, under a prefix."""
    s3, where = tuned.server.client("s3"), parse_s3_uri(tuned.container["ModelDataUrl"])
    packed = io.BytesIO(s3.get_object(Bucket=where.bucket, Key=where.key)["Body"].read())
    with tarfile.open(fileobj=packed) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                s3.put_object(Bucket=BUCKET, Key=prefix + member.name.removeprefix("./"), Body=content.read())


def deployed(tuned: Tuned, name: str, uri: str, kind: str) -> dict[str, Any]:
    """The description of an endpoint whose model is not compressed."""
    source = {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": "None"}}
    container = {member: value for member, value in tuned.container.items() if member != "ModelDataUrl"}
    make_model(tuned.server, name, container | {"ModelDataSource": source})
    return make_endpoint(tuned.server, name)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_files_under_a_prefix_are_a_model(tgi: Tuned, slash: str) -> None:
    """An uncompressed model answers as its archive does; what merely begins like its prefix is no part of it."""
    name = f"plain{len(slash)}"
    unpacked(tgi, f"{name}/")
    tgi.server.client("s3").put_object(Bucket=BUCKET, Key=f"{name}-2/evil.py", Body=b"")
    endpoint = deployed(tgi, name, f"s3://{BUCKET}/{name}{slash}", "S3Prefix")
    assert endpoint["EndpointStatus"] == "InService", endpoint
    row = tgi.predictions[0]
    answer = tgi.invoke(tgi.request(row["input"]), EndpointName=name)
    assert row["generated"].encode() in answer["Body"].read()
    tgi.server.client("sagemaker").delete_endpoint(EndpointName=name)


@pytest.mark.parametrize(
    ("key", "kind", "reason"),
    [
        ("code/inference.py", "S3Prefix", "'inference.py' is none of *.safetensors"),
        ("only/config.json", "S3Prefix", "prompt_format.json"),
        ("one/config.json", "S3Object", "prompt_format.json"),
    ],
)
def test_files_that_are_no_model_fail_the_endpoint(tgi: Tuned, key: str, kind: str, reason: str) -> None:
    """What would be refused in an archive is refused beside others, and a model has to be whole."""
    tgi.server.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    uri = f"s3://{BUCKET}/{key if kind == 'S3Object' else key.partition('/')[0] + '/'}"
    endpoint = deployed(tgi, f"no-{key.partition('/')[0]}", uri, kind)
    assert endpoint["EndpointStatus"] == "Failed"
    assert reason in endpoint["FailureReason"]
