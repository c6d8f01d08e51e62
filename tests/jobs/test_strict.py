"""A job on a server that asks for signatures."""

import json
import re
from pathlib import Path
from typing import Any

from tests.conftest import fill_bucket
from tests.support.access import credentials_file
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import running_server

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


def check_parts(s3: Any) -> None:
    """An upload in parts; here, since moto's data.json, which another test reads in its own process, breaks at one."""
    body = bytes(range(256)) * 24_000
    upload = {"Bucket": BUCKET, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    tag = s3.upload_part(**upload, PartNumber=1, Body=body)["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert s3.get_object(Bucket=BUCKET, Key="parts")["Body"].read() == body
