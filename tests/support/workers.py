"""What the worker of a held job knows and may do, for tests that act in its place."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import quote

import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from emulator.s3.access import S3Access
from emulator.s3.client import S3
from emulator.s3.hand_over import FILE_HEADER, MD5_HEADER
from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server, running_server


@dataclass(frozen=True)
class Worker:
    """The worker of a job that holds still, and its server."""

    server: Server
    process: Popen[str]
    folder: Path
    access: S3Access
    s3: S3

    def file(self, content: bytes, name: str = "model.tar.gz") -> Path:
        """A file in the folder of the run."""
        file = self.folder / name
        file.write_bytes(content)
        return file

    def send(self, method: str, path: str, *, key: str = "", secret: str = "", **headers: str) -> requests.Response:
        """A raw request to S3, signed with the worker's key or another one."""
        credentials = ReadOnlyCredentials(key or self.access.key_id, secret or self.access.secret, None)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        made = AWSRequest(method, self.server.url + path, sent, b"")
        S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(made)
        return requests.request(method, self.server.url + path, headers=dict(made.headers), timeout=30)


def naming(file: Path | str, md5: str) -> dict[str, Any]:
    """The headers that hand over a file."""
    return {FILE_HEADER: quote(str(file)), MD5_HEADER: md5}


@contextmanager
def held_worker(temporary: Path, *arguments: str) -> Iterator[Worker]:
    """A server in a process of its own with a job that holds still; its temporary files are in that folder."""
    small = "1000000"  # what is larger is not held in memory
    server_of = partial(running_server, TMPDIR=str(temporary), MOTO_S3_DEFAULT_KEY_BUFFER_SIZE=small)
    with server_of(*arguments, program=("-m", "tests.support.stub_server")) as (server, process):
        if "--s3-endpoint-url" not in arguments:
            s3 = server.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation("hold"))
        server.wait("hold", "TrainingModels")
        (order_file,) = _orders(temporary)
        order = json.loads(order_file.read_text(encoding="utf-8"))
        access = S3Access(**order["s3"])
        s3_of_worker = S3(access, "us-east-1")
        yield Worker(server, process, Path(order["folder"]), access, s3_of_worker)
        s3_of_worker._client.close()


def _orders(folder: Path) -> list[Path]:
    deadline = time.monotonic() + 30
    while not (found := list(folder.rglob("order.json"))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
