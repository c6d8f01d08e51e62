"""A job and its endpoint on a server that asks for signatures."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.conftest import fill_bucket
from tests.support.access import client, credentials_file
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server
from tests.support.serving import make_endpoint, make_model

KEY_ID = re.compile(rb"EMULATOR[0-9A-F]{16}")


def test_a_worker_reads_and_writes_with_a_key_of_its_own(tmp_path: Path) -> None:
    """With --require-auth a job trains and stores its artifacts; the worker's key shows in none of them."""
    arguments = ("--require-auth", "--credentials-file", credentials_file(tmp_path), "--device", "cpu")
    with running_server(*arguments) as (server, _):
        fill_bucket(server)
        request = text_generation(
            "strict", channel("input/facts_100.csv"), TextGenerationHyperParameters={"epochCount": "1"}
        )
        server.client("sagemaker").create_auto_ml_job_v2(**request)
        job = server.wait("strict", "Completed")
        s3 = server.client("s3")
        check_parts(s3)
        for item in s3.list_objects_v2(Bucket=BUCKET, Prefix="output/strict")["Contents"]:
            content = s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
            assert content
            assert not KEY_ID.search(content)
        assert not KEY_ID.search(json.dumps(job, default=str).encode())
        check_endpoint(server, job["BestCandidate"]["InferenceContainers"][0])


def check_endpoint(server: Server, container: dict[str, Any]) -> None:
    """The model is served, by a process that reads it with such a key, to those who sign and to nobody else."""
    make_model(server, "strict", container)
    assert make_endpoint(server, "strict")["EndpointStatus"] == "InService"
    question: dict[str, Any] = {
        "EndpointName": "strict",
        "ContentType": "application/json",
        "Body": b'{"inputs": "What is 1 plus 1?"}',
    }
    assert client(server, "sagemaker-runtime").invoke_endpoint(**question)["Body"].read()
    for key, code in (("test", "InvalidSignatureException"), ("AKIAOTHER", "UnrecognizedClientException")):
        with pytest.raises(ClientError, match=code) as caught:
            client(server, "sagemaker-runtime", key, "guess").invoke_endpoint(**question)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    unsigned = requests.post(f"{server.url}/endpoints/strict/invocations", data=question["Body"], timeout=30)
    assert (unsigned.status_code, unsigned.headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")


def check_parts(s3: Any) -> None:
    """An upload in parts; here, since moto's data.json, which another test reads in its own process, breaks at one."""
    body = bytes(range(256)) * 24_000
    upload = {"Bucket": BUCKET, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    tag = s3.upload_part(**upload, PartNumber=1, Body=body)["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert s3.get_object(Bucket=BUCKET, Key="parts")["Body"].read() == body
