"""Requests that write one key at the same time, on a server that keeps its S3."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.durable import durable_server

BUCKET = "at-once"
WRITERS = 8
ROUNDS = 25
SIZE = 1_600_000  # beyond what a request reads of a content at once


def content(writer: int) -> bytes:
    """What one of the writers writes, the same throughout."""
    return b"%08d" % writer * (SIZE // 8)


def put(s3: Any, writer: int) -> None:
    """Write it."""
    s3.put_object(Bucket=BUCKET, Key="key", Body=content(writer))


def copy(s3: Any, writer: int) -> None:
    """Copy it from an object that has it."""
    s3.copy_object(Bucket=BUCKET, Key="key", CopySource={"Bucket": BUCKET, "Key": f"source-{writer}"})


@pytest.mark.parametrize("write", [put, copy])
def test_of_writes_at_once_one_is_there_whole(tmp_path: Path, write: Any) -> None:
    """All are answered, and the object is what one of them wrote, by its content and by its ETag."""
    with durable_server(tmp_path) as (server, _), ThreadPoolExecutor(WRITERS) as pool:
        s3 = server.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for writer in range(WRITERS):
            s3.put_object(Bucket=BUCKET, Key=f"source-{writer}", Body=content(writer))
        for _ in range(ROUNDS):
            list(pool.map(write, [s3] * WRITERS, range(WRITERS)))
            found = s3.get_object(Bucket=BUCKET, Key="key")
            body = found["Body"].read()
            assert body in {content(writer) for writer in range(WRITERS)}
            assert found["ETag"] == f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def test_small_writes_at_once_are_all_answered(tmp_path: Path) -> None:
    """None of many is told of a defect, and what is read then is one of them."""
    with durable_server(tmp_path) as (server, _), ThreadPoolExecutor(2 * WRITERS) as pool:
        s3 = server.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for begin, end in pairwise(range(0, ROUNDS * 2 * WRITERS, 2 * WRITERS)):
            bodies = [str(number).encode() for number in range(begin, end)]
            list(pool.map(lambda body: s3.put_object(Bucket=BUCKET, Key="key", Body=body), bodies))
            assert s3.get_object(Bucket=BUCKET, Key="key")["Body"].read() in bodies
