"""What tests of data share: objects in the test bucket, jobs of one epoch on them, and what they counted."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server
from tests.training.recompute import Artifacts

ONE_EPOCH = {"TextGenerationHyperParameters": {"epochCount": "1"}}
PARQUET = "x-application/vnd.amazon+parquet"
HEADER = "its columns must be exactly input and output, but are: "


def put(server: Server, key: str, content: str | bytes) -> str:
    """Store an object in the test bucket and return its key."""
    body = content.encode() if isinstance(content, str) else content
    server.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return key


def parquet(columns: dict[str, Any]) -> bytes:
    """A Parquet file of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def run(server: Server, name: str, *channels: dict[str, Any], status: str = "Completed") -> dict[str, Any]:
    """Run a one-epoch job to its end."""
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, *channels, **ONE_EPOCH))
    return server.wait(name, status)


def artifacts_of(server: Server, job: dict[str, Any]) -> Artifacts:
    """What a completed job left in S3."""
    return Artifacts(server.client("s3"), job["BestCandidate"]["InferenceContainers"][0]["ModelDataUrl"])


def rows(number: int, begin: int = 0) -> str:
    """So many CSV lines."""
    return "".join(f"What is {n}?,It is {n}.\n" for n in range(begin, begin + number))


def counts(server: Server, job: dict[str, Any]) -> tuple[int, int]:
    """Training and validation rows of a completed job."""
    found = artifacts_of(server, job).json("metrics.json")["counts"]
    return found["training_rows"], found["validation_rows"]
