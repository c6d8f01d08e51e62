"""Starting on a data directory: what is kept from one run to the next, and why a start can be refused."""

import json
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.jobs.store import JobStore
from emulator.settings import Settings
from emulator.storage.database import MIGRATIONS, Database
from emulator.storage.history import KEPT, Change, History
from tests.support.durable import durable_server, kill
from tests.support.requests import BUCKET, text_generation
from tests.support.s3_buckets import POLICY
from tests.support.server import Server, running_server

ROOT = Path(__file__).parents[2]


def refused(folder: Path, *arguments: str) -> str:
    """What a server says that does not start."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--data-dir", str(folder), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def history(server: Server, **arguments: int) -> list[dict[str, object]]:
    """The request history, the newest first."""
    found: list[dict[str, object]] = requests.get(
        f"{server.url}/_emulator/history", params=arguments, timeout=30
    ).json()["history"]
    return found


def test_jobs_tags_and_history_outlast_a_kill(tmp_path: Path) -> None:
    """A job is described as before, its tags are there, and so is who asked for what, with which outcome."""
    with durable_server(tmp_path) as (server, process):
        sagemaker = server.client("sagemaker")
        server.client("s3").create_bucket(Bucket=BUCKET)
        server.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        arn = sagemaker.create_auto_ml_job_v2(**text_generation("kept"))["AutoMLJobArn"]
        with pytest.raises(ClientError, match="already exists"):
            sagemaker.create_auto_ml_job_v2(**text_generation("KEPT"))
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "green"}, {"Key": "x", "Value": ""}])
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["x"])
        server.client("sagemaker", "eu-west-1").create_auto_ml_job_v2(**text_generation("stopped"))
        server.client("sagemaker", "eu-west-1").stop_auto_ml_job(AutoMLJobName="stopped")
        server.post("CreateAutoMLJobV2", b'{"AutoMLJobName": "\\ud800' + b"n" * 1000 + b'"}')
        before, told = server.describe("kept"), history(server)
        kill(process)
    with durable_server(tmp_path) as (server, _):
        after = server.describe("kept")
        assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}
        tags = server.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
        assert tags == [{"Key": "team", "Value": "green"}]
        assert history(server) == told
        assert history(server, limit=2) == told[:2]
        assert history(server, limit=-1) == []
    database = Database(tmp_path / "emulator.db")
    assert [job.name for job in JobStore(database).unfinished()] == ["kept"]
    database.close()
    assert [(call["operation"], call["region"], call["name"], call["error"]) for call in told[1:]] == [
        ("StopAutoMLJob", "eu-west-1", "stopped", None),
        ("CreateAutoMLJobV2", "eu-west-1", "stopped", None),
        ("DeleteTags", "us-east-1", "kept", None),
        ("AddTags", "us-east-1", "kept", None),
        ("CreateAutoMLJobV2", "us-east-1", "KEPT", "ResourceInUse"),
        ("CreateAutoMLJobV2", "us-east-1", "kept", None),
    ]
    assert (told[0]["name"], told[0]["error"]) == ("?" + "n" * 255, "SerializationException")
    assert all(call["request_id"] and float(str(call["time"])) > 0 for call in told)


def test_the_history_is_bounded() -> None:
    """The newest 10,000 calls are kept."""
    database = Database()
    kept = History(database)
    with database.changing() as db:
        rows = [(number, "StopAutoMLJob", "r", "id", None, None) for number in range(KEPT + 5)]
        db.executemany("INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?)", rows)
    kept.add(Change(-1.0, "AddTags", "r", "newest"))
    found = kept.newest(10**30)
    assert (len(found), found[0].request_id, found[-1].time) == (KEPT, "newest", 6.0)
    database.close()


def test_in_memory_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --in-memory there is no data directory; without it, it is one of the working directory that git ignores."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    with running_server("--worker-start", "fresh") as (server, _):
        server.client("s3").create_bucket(Bucket=BUCKET)
    assert list(tmp_path.iterdir()) == []
    with durable_server(Path(Settings().data_dir)):
        pass
    assert (tmp_path / ".automl-emulator" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_folder_with_other_things_keeps_them(tmp_path: Path) -> None:
    """A data directory that was something else before loses nothing of it, and is not hidden from git."""
    for name in ("runs/first/events", "automl/model.pt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    for _ in range(2):
        with durable_server(tmp_path):
            pass
    for name in ("runs/first/events", "automl/model.pt"):
        assert (tmp_path / name).read_text(encoding="utf-8") == name
    assert not (tmp_path / ".gitignore").exists()


def test_a_second_server_is_refused(tmp_path: Path) -> None:
    """One server at a time; the lock goes with the process, even with kill -9."""
    with durable_server(tmp_path) as (server, process):
        assert "Another server uses the data directory" in refused(tmp_path)
        assert server.client("s3").list_buckets()["Buckets"] == []
        kill(process)
    with durable_server(tmp_path):
        pass


def test_a_newer_format_is_refused_untouched(tmp_path: Path) -> None:
    """A database of a newer version is told of, and no file is changed or made."""
    file = tmp_path / "emulator.db"
    database = sqlite3.connect(file)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    before = file.read_bytes()
    assert f"was written by a newer automl-emulator (format {len(MIGRATIONS) + 1};" in refused(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["emulator.db"]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda _: b"no database at all", "is not a database of automl-emulator. Move it away"),
        (lambda whole: whole[:100] + b"\xff" * (len(whole) - 100), "is damaged: database disk image is malformed. Put"),
        (lambda whole: whole[:5000], "is damaged: database disk image is malformed. Put"),
        (lambda whole: whole[:80], "is damaged: its header is none of SQLite's. Put"),
        (lambda whole: whole[:16] + b"\xff" * 84 + whole[100:], "is damaged: its header is none of SQLite's. Put"),
        (lambda whole: whole[:60] + b"\xff" * 4 + whole[64:], "is damaged: its header is none of SQLite's. Put"),
        (lambda whole: whole[:18] + b"\xff" * 2 + whole[20:], "is damaged: its header is none of SQLite's. Put"),
    ],
    ids=["text", "pages", "cut", "cut header", "header", "version", "modes"],
)
def test_a_broken_database_is_refused(harm: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    """A file that is no database, or a damaged one, is left as it is and named, with what to do."""
    file = tmp_path / "emulator.db"
    Database(file).close()
    content = harm(file.read_bytes())
    file.write_bytes(content)
    assert message in refused(tmp_path)
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """An SQLite database that something else has made is left as it is."""
    file = tmp_path / "emulator.db"
    database = sqlite3.connect(file)
    database.executescript("CREATE TABLE theirs (value TEXT); INSERT INTO theirs VALUES ('kept');")
    database.close()
    before = file.read_bytes()
    assert "is not a database of automl-emulator. Move it away" in refused(tmp_path)
    assert file.read_bytes() == before


def test_what_to_do_about_a_damaged_database_helps(tmp_path: Path) -> None:
    """Without the database a server starts, and the files in s3/ are objects still."""
    with durable_server(tmp_path) as (server, process):
        server.client("s3").create_bucket(Bucket=BUCKET)
        server.client("s3").put_object(Bucket=BUCKET, Key="a/file", Body=b"content")
        kill(process)
    (tmp_path / "emulator.db").write_bytes(b"damaged")
    refused(tmp_path)
    (tmp_path / "emulator.db").unlink()
    with durable_server(tmp_path) as (server, _):
        assert server.client("s3").get_object(Bucket=BUCKET, Key="a/file")["Body"].read() == b"content"


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    """A path that cannot be a folder is told of."""
    (tmp_path / "file").write_bytes(b"")
    assert "cannot be used: Not a directory" in refused(tmp_path / "file" / "below")
    assert "cannot be used: " in refused(tmp_path / "file")


def test_an_old_database_is_brought_forward(tmp_path: Path) -> None:
    """What version 1 kept is there after its database was brought to the present version, in one step a version."""
    record = {
        "region": "us-east-1",
        "account": "123456789012",
        "name": "Old",
        "request": {"AutoMLProblemTypeConfig": {"TextGenerationJobConfig": {}}},
        "created": 1.0,
        "modified": 1.0,
        "secondary_status": "Starting",
        "ended": None,
        "failure_reason": None,
        "candidate": None,
        "analyzed": False,
    }
    database = sqlite3.connect(tmp_path / "emulator.db")
    database.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
    values = ("us-east-1", "old", 1.0, 1.0, "InProgress", json.dumps(record))
    database.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", values)
    database.commit()
    database.close()
    opened = Database(tmp_path / "emulator.db")
    assert [job.name for job in JobStore(opened).unfinished()] == ["Old"]
    opened.close()
    header = (tmp_path / "emulator.db").read_bytes()
    assert int.from_bytes(header[60:64], "big") == len(MIGRATIONS)


def test_a_disk_that_takes_nothing_more(tmp_path: Path) -> None:
    """Calls and uploads that cannot be kept are refused in AWS's form and leave no trace; reading goes on."""
    with durable_server(tmp_path) as (server, process):
        s3, sagemaker = server.client("s3"), server.client("sagemaker")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n", Metadata={"a": "b"})
        s3.put_object(Bucket=BUCKET, Key="deleted", Body=b"deleted")
        unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        calls: list[Callable[[], object]] = [
            lambda: s3.put_object(Bucket=BUCKET, Key="new", Body=b"x" * 100_000),
            lambda: s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"replaced"),
            lambda: s3.delete_object(Bucket=BUCKET, Key="deleted"),
            lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=POLICY),
            lambda: s3.create_bucket(Bucket="new-bucket"),
            lambda: sagemaker.create_auto_ml_job_v2(**text_generation("new-job")),
        ]
        for call in calls:
            with pytest.raises(ClientError, match="could not write to its data directory") as caught:
                call()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        for _ in range(2):
            assert [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [
                "deleted", "input/facts.csv"
            ]  # fmt: skip
            found = s3.get_object(Bucket=BUCKET, Key="input/facts.csv")
            assert (found["Body"].read(), found["Metadata"]) == (b"input,output\na,b\n", {"a": "b"})
            assert s3.get_object(Bucket=BUCKET, Key="deleted")["Body"].read() == b"deleted"
            assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [BUCKET]
            with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
                s3.get_bucket_policy(Bucket=BUCKET)
            assert sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"] == []
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
        s3.put_object(Bucket=BUCKET, Key="new", Body=b"again")
        sagemaker.create_auto_ml_job_v2(**text_generation("new-job"))
    side = tmp_path / "s3" / ".automl-emulator"
    assert list(side.iterdir()) == []
