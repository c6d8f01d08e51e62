"""kill -9 in the midst of work, again and again: what was answered is there, and nothing else."""

import random
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.support.durable import durable_server, kill
from tests.support.requests import BUCKET, text_generation
from tests.support.server import Server

CLIENTS = 4
ROUNDS = 3
SEED = 5


class Client:
    """One of several that write at once; it remembers what was answered, and the one request that was not."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.random = random.Random(SEED + number)  # noqa: S311 - no secret
        self.objects: dict[str, bytes | None] = {}
        self.pending: tuple[str, bytes | None] | None = None
        self.jobs: set[str] = set()
        self.pending_job = ""

    def work(self, server: Server, begun: threading.Barrier) -> None:
        """Put, replace and delete objects, and create jobs, until the server is gone."""
        s3, sagemaker = server.client("s3"), server.client("sagemaker")
        begun.wait()
        try:
            while True:
                self._change_object(s3)
                self.pending_job = f"job-{self.number}-{len(self.jobs)}"
                sagemaker.create_auto_ml_job_v2(**text_generation(self.pending_job))
                self.jobs.add(self.pending_job)
        except (BotoCoreError, ClientError):
            return

    def _change_object(self, s3: Any) -> None:
        key = f"{self.number}/{self.random.randrange(6)}" + self.random.choice(["", "/below", "/"])
        body = self.random.randbytes(self.random.choice([10, 1_000, 300_000])) if self.random.random() < 0.7 else None
        self.pending = key, body
        if body is None:
            s3.delete_object(Bucket="work", Key=key)
        else:
            s3.put_object(Bucket="work", Key=key, Body=body, Metadata={"size": str(len(body))})
        self.objects[key] = body

    def check(self, server: Server) -> None:
        """All that was answered is there, and what was not is there as a whole or not at all."""
        s3 = server.client("s3")
        prefix = f"{self.number}/"
        found: dict[str, bytes | None] = {}
        for item in s3.list_objects_v2(Bucket="work", Prefix=prefix).get("Contents", []):
            answer = s3.get_object(Bucket="work", Key=item["Key"])
            found[item["Key"]] = answer["Body"].read()
            assert answer["Metadata"] == {"size": str(item["Size"])}
        expected = {key: body for key, body in self.objects.items() if body is not None}
        key, body = self.pending or ("", None)
        if found.get(key) != expected.get(key):
            assert found.get(key) == body
        for other in (found.keys() | expected.keys()) - {key}:
            assert found.get(other) == expected.get(other), other
        self.objects = found
        names = {job["AutoMLJobName"] for job in self._jobs(server)}
        assert self.jobs <= names <= self.jobs | {self.pending_job}
        self.jobs = names

    def _jobs(self, server: Server) -> list[dict[str, Any]]:
        pages = server.client("sagemaker").get_paginator("list_auto_ml_jobs")
        return [
            job for page in pages.paginate(NameContains=f"job-{self.number}-") for job in page["AutoMLJobSummaries"]
        ]


def test_answered_is_kept(tmp_path: Path) -> None:
    """Whatever SIGKILL interrupts: acknowledged jobs and objects are there, the database is sound, no file is left."""
    clients = [Client(number) for number in range(CLIENTS)]
    chance = random.Random(SEED)  # noqa: S311 - no secret
    for round_number in range(ROUNDS):
        with durable_server(tmp_path) as (server, process), ThreadPoolExecutor(CLIENTS) as pool:
            if round_number == 0:
                prepare(server)
            for client in clients:
                client.check(server)
            begun = threading.Barrier(CLIENTS + 1)
            running = [pool.submit(client.work, server, begun) for client in clients]
            begun.wait()
            threading.Event().wait(chance.uniform(0.3, 1.2))
            kill(process)
            for work in running:
                work.result()
    with durable_server(tmp_path) as (server, _):
        for client in clients:
            client.check(server)
        assert all(client.objects and client.jobs for client in clients)
    check_folder(tmp_path)


def prepare(server: Server) -> None:
    """A bucket to work in, and one with what jobs read."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="work")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")


def check_folder(folder: Path) -> None:
    """The database passes its check, and every file is the content of a version that it names."""
    database = sqlite3.connect(folder / "emulator.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = database.execute("SELECT token, plain, bucket, key, size FROM s3_versions").fetchall()
    database.close()
    side = {file.name for file in (folder / "s3" / ".automl-emulator").iterdir()}
    assert side == {token for token, plain, *_ in rows if not plain}
    plain = {
        str(file.relative_to(folder / "s3"))
        for file in (folder / "s3").rglob("*")
        if file.is_file() and file.parent.name != ".automl-emulator"
    }
    assert plain == {f"{bucket}/{key.decode()}" for _, plain, bucket, key, _ in rows if plain}


def test_a_move_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    """The states between two steps of a change, as SIGKILL leaves them: each becomes the one before or after it."""
    with durable_server(tmp_path) as (server, process):
        s3 = server.client("s3")
        s3.create_bucket(Bucket="bucket")
        for key in ("new", "replaced", "withdrawn"):
            s3.put_object(Bucket="bucket", Key=key, Body=key.encode(), Metadata={"key": key})
        kill(process)
    folder, side = tmp_path / "s3" / "bucket", tmp_path / "s3" / ".automl-emulator"
    with closing(sqlite3.connect(tmp_path / "emulator.db")) as database:
        tokens = {key.decode(): token for key, token in database.execute("SELECT key, token FROM s3_versions")}
    for key, token in tokens.items():  # its row says where it goes, and it has not gone there yet
        (folder / key).rename(side / token)
    (folder / "replaced").write_bytes(b"what was there before")
    (side / "f00d").write_bytes(b"a content of which no row tells")
    (side / "f00d.part").write_bytes(b"half of one")
    with durable_server(tmp_path) as (server, _):
        s3 = server.client("s3")
        for key in tokens:
            answer = s3.get_object(Bucket="bucket", Key=key)
            assert (answer["Body"].read(), answer["Metadata"]) == (key.encode(), {"key": key})
    assert {file.name for file in folder.iterdir()} == tokens.keys()
    check_folder(tmp_path)


def test_readers_see_one_version_whole(tmp_path: Path) -> None:
    """While an object is replaced again and again, each GET has the bytes and the metadata of one of its versions."""
    with durable_server(tmp_path) as (server, _), ThreadPoolExecutor(4) as pool:
        s3 = server.client("s3")
        s3.create_bucket(Bucket="bucket")
        over = threading.Event()

        def read() -> int:
            count = 0
            while not over.is_set():
                answer = s3.get_object(Bucket="bucket", Key="key")
                letter = answer["Metadata"]["letter"].encode()
                assert answer["Body"].read() == letter * 50_000 + letter
                count += 1
            return count

        def replace(letter: str) -> None:
            body = letter.encode() * 50_001
            s3.put_object(Bucket="bucket", Key="key", Body=body, Metadata={"letter": letter})

        replace("a")
        readers = [pool.submit(read) for _ in range(3)]
        for number in range(60):
            replace("abcdefg"[number % 7])
        over.set()
        assert all(reader.result() for reader in readers)
