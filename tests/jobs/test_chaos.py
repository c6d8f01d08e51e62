"""Thirty jobs, eight clients, stops, killed workers and killed servers: nothing is lost, and nothing is left."""

import hashlib
import os
import random
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator.storage.data_dir import RUNS
from tests.conftest import fill_bucket
from tests.support.processes import descendants, wait_until_gone
from tests.support.requests import BUCKET, text_generation
from tests.support.server import ENDED, Server, running_server

SEED = 5
JOBS = 30
CLIENTS = 8
KILLS = 6
SCENARIOS = ("brief", "brief", "brief", "done", "refuse", "crash")
DISTURBED = (BotoCoreError, ClientError, requests.RequestException)
"""What a client may meet while its server is killed."""


@dataclass
class World:
    """What the clients were promised, and where the server is now."""

    port: int
    accepted: set[str] = field(default_factory=set)
    uploaded: dict[str, str] = field(default_factory=dict)
    pid: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(JOBS)))

    @property
    def url(self) -> str:
        """Where each server answers."""
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def sagemaker(self) -> Any:
        """A client that sends everything once."""
        return self._client("sagemaker")

    @cached_property
    def s3(self) -> Any:
        """The same for S3."""
        return self._client("s3")

    def _client(self, service: str) -> Any:
        once = Config(
            retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, max_pool_connections=CLIENTS
        )
        session = boto3.Session("test", "test", region_name="us-east-1")
        return session.client(service, endpoint_url=self.url, config=once)

    def next_job(self, chance: random.Random) -> str | None:
        """The name of a job that nobody has created yet."""
        with self.lock:
            number = next(self.numbers, None)
        return None if number is None else f"{chance.choice(SCENARIOS)}-{number}"


class Client(threading.Thread):
    """Creates jobs, uploads objects, stops jobs and kills workers, at random."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(daemon=True, name=f"client-{number}")
        self.world = world
        self.number = number
        self.chance = random.Random(SEED * 100 + number)  # noqa: S311 - no secret
        self.broke: Exception | None = None

    def run(self) -> None:
        """Work until all jobs are created."""
        try:
            count = 0
            while (name := self.world.next_job(self.chance)) is not None:
                self.create(name)
                for _ in range(4):
                    count += 1
                    with suppress(*DISTURBED):
                        self.chance.choice([self.upload, self.upload, self.stop, self.look, self.kill_worker])(count)
                    time.sleep(self.chance.uniform(0, 0.3))
        except Exception as problem:
            self.broke = problem

    def create(self, name: str) -> None:
        """Create a job, again and again until a server has taken it."""
        while True:
            try:
                self.world.sagemaker.create_auto_ml_job_v2(**text_generation(name))
            except ClientError as refused:
                if refused.response["Error"]["Code"] != "ResourceInUse":  # the answer before was lost, not the job
                    raise
            except DISTURBED:
                time.sleep(0.2)
                continue
            self.world.accepted.add(name)
            return

    def upload(self, count: int) -> None:
        """Store an object, large now and then; an answered one counts."""
        key = f"chaos/{self.number}/{count}"
        body = self.chance.randbytes(self.chance.choice([0, 10, 5_000, 300_000]))
        self.world.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"n": str(count)})
        self.world.uploaded[key] = hashlib.sha256(body).hexdigest()

    def stop(self, _: int) -> None:
        """Stop some job."""
        names = sorted(self.world.accepted)
        if names:
            self.world.sagemaker.stop_auto_ml_job(AutoMLJobName=self.chance.choice(names))

    def look(self, _: int) -> None:
        """List the jobs, and describe one."""
        sagemaker = self.world.sagemaker
        for job in sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"][:1]:
            sagemaker.describe_auto_ml_job_v2(AutoMLJobName=job["AutoMLJobName"])

    def kill_worker(self, _: int) -> None:
        """Kill some worker."""
        with suppress(OSError):
            workers = sorted(descendants(self.world.pid))
            if workers:
                os.kill(self.chance.choice(workers), self.chance.choice([signal.SIGKILL, signal.SIGTERM]))


@contextmanager
def serving(world: World, data: Path, temporary: Path) -> Iterator["subprocess.Popen[str]"]:
    """A server on the data directory."""
    arguments = ("--data-dir", str(data), "--workers", "3", "--port", str(world.port))
    with running_server(*arguments, program=("-m", "tests.support.stub_server"), TMPDIR=str(temporary)) as running:
        _, process = running
        world.pid = process.pid
        yield process


def test_nothing_is_lost_and_nothing_is_left(tmp_path: Path) -> None:
    """After kills of servers and workers every accepted job ends once, and every stored object is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        world = World(listener.getsockname()[1])
    assert world.sagemaker
    assert world.s3  # made here, since making clients is not for many threads at once
    data, temporary = tmp_path / "data", tmp_path / "tmp"
    temporary.mkdir()
    chance = random.Random(SEED)  # noqa: S311 - no secret
    clients = [Client(world, number) for number in range(CLIENTS)]
    started: set[int] = set()
    for kill in range(KILLS):
        with serving(world, data, temporary) as process:
            if kill == 0:
                fill_bucket(Server(world.url))
                for client in clients:
                    client.start()
            time.sleep(chance.uniform(0.3, 2.5))
            started |= descendants(process.pid)
            process.kill()
            process.wait()
    with serving(world, data, temporary) as process:
        for client in clients:
            client.join(120)
            assert not client.is_alive()
            assert client.broke is None, client.broke
        check_jobs(Server(world.url), world)
        check_objects(Server(world.url), world)
        started |= descendants(process.pid)
    check_remains(data, temporary, started)


def check_jobs(server: Server, world: World) -> None:
    """Every accepted job is there and ends, in one status, whole."""
    assert len(world.accepted) == JOBS
    for name in sorted(world.accepted):
        job = server.wait(name, seconds=60)
        status = job["AutoMLJobStatus"]
        assert status in ENDED
        assert ("BestCandidate" in job) == (status == "Completed")
        assert ("FailureReason" in job) == (status == "Failed")
        assert job["CreationTime"] <= job["EndTime"] == job["LastModifiedTime"]
    pages = server.client("sagemaker").get_paginator("list_auto_ml_jobs").paginate()
    listed = [job["AutoMLJobName"] for page in pages for job in page["AutoMLJobSummaries"]]
    assert sorted(listed) == sorted(world.accepted)


def check_objects(server: Server, world: World) -> None:
    """Every object whose upload was answered with 200 is there, byte for byte."""
    assert world.uploaded
    for key, digest in world.uploaded.items():
        answer = server.client("s3").get_object(Bucket=BUCKET, Key=key)
        assert hashlib.sha256(answer["Body"].read()).hexdigest() == digest, key
        assert answer["Metadata"] == {"n": key.rpartition("/")[2]}


def check_remains(data: Path, temporary: Path, started: set[int]) -> None:
    """No process and no temporary file is left, and the database is whole."""
    assert not wait_until_gone(started, seconds=10)
    assert not list(temporary.iterdir())
    assert not list((data / RUNS).glob("*"))
    (database,) = [file for file in data.iterdir() if file.suffix in {".db", ".sqlite", ".sqlite3"}]
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
