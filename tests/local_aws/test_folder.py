"""The folder of S3 as a person uses it: filled before the start, changed between two runs."""

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.durable import durable_server, kill, told
from tests.support.requests import text_generation


def bodies(s3: Any, bucket: str) -> dict[str, bytes]:
    """All objects of a bucket, by key."""
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed}


def put(folder: Path, name: str, content: bytes) -> Path:
    """A file in the folder of S3."""
    file = folder / "s3" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_a_filled_folder_is_a_bucket(tmp_path: Path) -> None:
    """Folders are buckets and their files objects, which jobs can read; what is neither is left out, links too."""
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "key").write_bytes(b"secret")
    put(tmp_path, "my-bucket/input/facts.csv", b"input,output\na,b\n")
    put(tmp_path, "my-bucket/Größe.txt", b"")
    put(tmp_path, "my-bucket/.DS_Store", b"of a file manager")
    put(tmp_path, "Not A Bucket/file", b"")
    put(tmp_path, "stray file", b"")
    (tmp_path / "s3" / "my-bucket" / "link").symlink_to(outside / "key")
    (tmp_path / "s3" / "my-bucket" / "linked").symlink_to(outside)
    (tmp_path / "s3" / "other").symlink_to(outside)
    os.mkfifo(tmp_path / "s3" / "my-bucket" / "pipe")
    put(tmp_path, "my-bucket/" + os.fsdecode(b"not UTF-8 \xff"), b"")
    with durable_server(tmp_path) as (server, _):
        s3 = server.client("s3")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["my-bucket"]
        assert bodies(s3, "my-bucket") == {"input/facts.csv": b"input,output\na,b\n", "Größe.txt": b""}
        s3.put_object(Bucket="my-bucket", Key="linked/key", Body=b"public")
        s3.put_object(Bucket="my-bucket", Key="link", Body=b"public")
        s3.delete_object(Bucket="my-bucket", Key="Größe.txt")
        request = text_generation("seeded")
        request["AutoMLJobInputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = "s3://my-bucket/input/"
        server.client("sagemaker").create_auto_ml_job_v2(**request)
    assert (outside / "key").read_bytes() == b"secret"
    with durable_server(tmp_path) as (server, _):
        found = bodies(server.client("s3"), "my-bucket")
    assert found == {"input/facts.csv": b"input,output\na,b\n", "linked/key": b"public", "link": b"public"}


def test_files_changed_between_runs(tmp_path: Path) -> None:
    """A changed file is the object's new content, a removed one is no object, a new one is; metadata stay."""
    with durable_server(tmp_path) as (server, process):
        s3 = server.client("s3")
        s3.create_bucket(Bucket="bucket")
        for key in ("changed", "same", "removed", "folder/"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"by S3", ContentType="text/csv", Tagging="a=b")
        before = told(s3.get_object(Bucket="bucket", Key="changed")), told(s3.get_object(Bucket="bucket", Key="same"))
        s3.create_bucket(Bucket="removed-bucket")
        s3.put_object(Bucket="removed-bucket", Key="folder/", Body=b"")
        kill(process)
    put(tmp_path, "bucket/changed", b"by hand")
    put(tmp_path, "bucket/new", b"by hand too")
    (tmp_path / "s3" / "bucket" / "removed").unlink()
    (tmp_path / "s3" / "removed-bucket").rmdir()
    put(tmp_path, "bucket-by-hand/deep/file", b"")
    with durable_server(tmp_path) as (server, _):
        s3 = server.client("s3")
        expected = {"changed": b"by hand", "same": b"by S3", "new": b"by hand too", "folder/": b"by S3"}
        assert bodies(s3, "bucket") == expected
        changed = told(s3.get_object(Bucket="bucket", Key="changed"))
        assert changed["ContentType"] == "text/csv"
        assert s3.get_object_tagging(Bucket="bucket", Key="changed")["TagSet"] == [{"Key": "a", "Value": "b"}]
        assert changed["ETag"] == s3.put_object(Bucket="bucket", Key="copy", Body=b"by hand")["ETag"]
        assert changed["ETag"] != before[0]["ETag"]
        assert told(s3.get_object(Bucket="bucket", Key="same")) == before[1]
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket", "bucket-by-hand"]
        s3.delete_object(Bucket="bucket-by-hand", Key="deep/file")
        s3.delete_bucket(Bucket="bucket-by-hand")
    assert not (tmp_path / "s3" / "bucket-by-hand").exists()


def test_files_put_in_while_the_server_runs_are_safe(tmp_path: Path) -> None:
    """An unknown file is neither overwritten nor deleted, nor is a bucket with one; a changed one is told of."""
    with durable_server(tmp_path) as (server, _):
        s3 = server.client("s3")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="known", Body=b"by S3")
        by_hand = put(tmp_path, "bucket/by hand", b"by hand")
        s3.put_object(Bucket="bucket", Key="by hand", Body=b"by S3")
        assert bodies(s3, "bucket") == {"known": b"by S3", "by hand": b"by S3"}
        s3.delete_object(Bucket="bucket", Key="by hand")
        put(tmp_path, "bucket/known", b"changed by hand")
        with pytest.raises(ClientError, match="was changed, which the server sees when it is started again"):
            s3.get_object(Bucket="bucket", Key="known")
        s3.delete_object(Bucket="bucket", Key="known")
        with pytest.raises(ClientError, match="could not write to its data directory: Directory not empty"):
            s3.delete_bucket(Bucket="bucket")
        assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    assert by_hand.read_bytes() == b"by hand"
