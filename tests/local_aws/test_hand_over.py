"""A worker's file becomes an object without being read: it is the object that an upload would have made."""

import hashlib
import io
import os
import random
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.errors import JobFailure
from tests.local_aws.test_kill import check_folder
from tests.support.access import credentials_file
from tests.support.durable import durable_server, kill
from tests.support.requests import BUCKET
from tests.support.server import Server, running_server
from tests.support.waiting import settled
from tests.support.workers import Worker, held_worker, naming

CONTENT = random.Random(5).randbytes(3_000_017)  # noqa: S311 - no secret
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture(scope="module", name="worker", params=["in memory", "data directory"])
def _worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("worker")
    arguments = ("--data-dir", str(folder / "data")) if request.param == "data directory" else ()
    with held_worker(folder, *arguments) as worker:
        yield worker


def hand_over(worker: Worker, key: str, content: bytes = CONTENT) -> Path:
    """Hand over a file of that content."""
    file = worker.file(content)
    worker.s3.hand_over(file, f"s3://{BUCKET}/{key}", hashlib.md5(content, usedforsecurity=False).hexdigest())
    return file


def test_it_is_the_object(worker: Worker) -> None:
    """Size, ETag and content are the file's wherever S3 tells them, no checksum is, and the file is gone."""
    s3 = worker.server.client("s3")
    file = hand_over(worker, "out/it is ü+1/model.tar.gz")
    assert not file.exists()
    where = {"Bucket": BUCKET, "Key": "out/it is ü+1/model.tar.gz"}
    for answer in (s3.get_object(**where, ChecksumMode="ENABLED"), s3.head_object(**where, ChecksumMode="ENABLED")):
        assert (answer["ContentLength"], answer["ETag"]) == (len(CONTENT), f'"{MD5}"')
        assert not [name for name in answer if name.startswith("Checksum")]
        if "Body" in answer:
            assert answer["Body"].read() == CONTENT
    for listed in (
        s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")["Contents"],
        s3.list_object_versions(Bucket=BUCKET, Prefix="out/")["Versions"],
    ):
        assert [(item["Key"], item["Size"], item["ETag"]) for item in listed] == [
            (where["Key"], len(CONTENT), f'"{MD5}"')
        ]
    s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=where)
    copy = s3.get_object(Bucket=BUCKET, Key="copy")
    assert (copy["Body"].read(), copy["ETag"]) == (CONTENT, f'"{MD5}"')
    s3.delete_object(**where)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(**where)


def test_the_answer_tells_the_true_etag(worker: Worker) -> None:
    """The PUT itself answers with the ETag of the file, and with no checksum of its own empty body."""
    file = worker.file(CONTENT)
    answer = worker.send("PUT", f"/{BUCKET}/etag", **naming(file, MD5), x_amz_checksum_crc32="AAAAAA==")
    assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{MD5}"')
    assert not [name for name in answer.headers if name.lower().startswith("x-amz-checksum")]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-", slice(0, None)),
        ("bytes=0-0", slice(0, 1)),
        ("bytes=1000000-1999999", slice(1_000_000, 2_000_000)),
        ("bytes=2999999-99999999", slice(2_999_999, None)),
        ("bytes=-17", slice(-17, None)),
    ],
)
def test_ranges(worker: Worker, asked: str, part: slice) -> None:
    """A part is a part, whether it goes from the file or from memory."""
    s3 = worker.server.client("s3")
    hand_over(worker, "ranges")
    answer = s3.get_object(Bucket=BUCKET, Key="ranges", Range=asked)
    content = answer["Body"].read()
    assert (content, answer["ContentLength"]) == (CONTENT[part], len(CONTENT[part]))
    begin, end, _ = part.indices(len(CONTENT))
    assert answer["ContentRange"] == f"bytes {begin}-{end - 1}/{len(CONTENT)}"


def test_no_part_and_no_change(worker: Worker) -> None:
    """A range after the end is refused, what has not changed is not sent, and the connection stays good for more."""
    s3 = worker.server.client("s3")
    hand_over(worker, "conditions")
    where = {"Bucket": BUCKET, "Key": "conditions"}
    before = open_models(worker)
    for _ in range(2):
        with pytest.raises(ClientError, match="InvalidRange"):
            s3.get_object(**where, Range="bytes=3000017-")
        with pytest.raises(ClientError, match="304"):
            s3.get_object(**where, IfNoneMatch=f'"{MD5}"')
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.get_object(**where, IfMatch='"other"')
        url = s3.generate_presigned_url("get_object", Params=where | {"ResponseContentType": "application/x-model"})
        answer = requests.get(url, timeout=30)
        assert (answer.content, answer.headers["Content-Type"]) == (CONTENT, "application/x-model")
    wait_for_open_models(worker, before)


def test_many_read_at_once(worker: Worker) -> None:
    """Readers that overlap each get the whole, and one that has begun gets it though the object is deleted."""
    s3 = worker.server.client("s3")
    content = CONTENT * 8
    hand_over(worker, "many", content)
    bodies = [s3.get_object(Bucket=BUCKET, Key="many")["Body"] for _ in range(4)]
    heads = [body.read(100_000) for body in bodies]
    s3.delete_object(Bucket=BUCKET, Key="many")
    assert all(head + body.read() == content for head, body in zip(heads, bodies, strict=True))


def test_versions(worker: Worker) -> None:
    """A versioned bucket keeps what was handed over before, and lists, returns and deletes each."""
    s3 = worker.server.client("s3")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    contents = [CONTENT, CONTENT[:-1], b"small", b""]
    for content in contents:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        worker.s3.hand_over(worker.file(content), "s3://versioned/key", md5)
    for _ in range(2):  # moto copies what it lists
        versions = s3.list_object_versions(Bucket="versioned")["Versions"]
    found = {
        version["Size"]: s3.get_object(Bucket="versioned", Key="key", VersionId=version["VersionId"])["Body"].read()
        for version in versions
    }
    assert found == {len(content): content for content in contents}
    s3.delete_object(Bucket="versioned", Key="key", VersionId=versions[0]["VersionId"])
    assert len(s3.list_object_versions(Bucket="versioned")["Versions"]) == 3


def test_a_bucket_that_is_not_there(worker: Worker) -> None:
    """What S3 refuses fails the job with S3's reason, and the file is as it was."""
    file = worker.file(CONTENT)
    with pytest.raises(JobFailure, match=r"Unable to write s3://no-such-bucket/model: .*\(NoSuchBucket\)"):
        worker.s3.hand_over(file, "s3://no-such-bucket/model", MD5)
    assert file.read_bytes() == CONTENT


def test_others_may_not(worker: Worker) -> None:
    """Whoever names a file and is no worker gets AccessDenied: unsigned, with another key or secret, or not a PUT."""
    file = worker.file(CONTENT)
    headers = naming(file, MD5)
    path = f"/{BUCKET}/forged"
    key = str(worker.access.key_id)
    unsigned = requests.put(worker.server.url + path, headers=headers, timeout=30)
    late = worker.send("PUT", path)
    added = requests.put(worker.server.url + path, headers=dict(late.request.headers) | headers, timeout=30)
    answers = [
        unsigned,
        added,
        worker.send("PUT", path, key="test", secret="test", **headers),  # noqa: S106 - everybody's
        worker.send("PUT", path, key=key, secret="guessed", **headers),  # noqa: S106
        worker.send("POST", path, **headers),
        worker.send("GET", path, **headers),
        worker.send("DELETE", path, **headers),
        worker.send("PUT", f"{path}?tagging", **headers),
        worker.send("PUT", f"{path}?partNumber=1&uploadId=x", **headers),
        worker.send("PUT", path, **headers, x_amz_copy_source=f"{BUCKET}/input/facts.csv"),
        worker.send("PUT", path, **naming(file, "no md5")),
        worker.send("PUT", path, **naming(file, MD5.upper())),
        *(worker.send("PUT", path, **{name: value}) for name, value in headers.items()),
    ]
    for answer in answers:
        assert answer.status_code == 403, answer.request.headers
        assert b"<Code>AccessDenied</Code>" in answer.content
        assert b"The emulator takes files from its own workers only." in answer.content
    assert file.read_bytes() == CONTENT
    assert worker.server.client("s3").get_object(Bucket=BUCKET, Key="forged")["ContentLength"] == 0  # of `late`
    call = worker.server.post("ListAutoMLJobs", {}, **headers)
    assert (call.status_code, call.json()["__type"]) == (403, "AccessDenied")


def test_other_files_are_not_taken(worker: Worker, tmp_path: Path) -> None:
    """The right key does not help: what is no plain file in the folder of a run is refused, and left alone."""
    outside = tmp_path / "secret"
    outside.write_bytes(CONTENT)
    folder, runs = worker.folder, worker.folder.parent
    beside = runs / "beside"
    beside.write_bytes(CONTENT)
    (folder / "link").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    refused: list[Path | str] = [
        "/etc/passwd",
        outside,
        beside,
        folder / "link",
        folder / "linked" / "secret",
        folder / "pipe",
        folder / "missing",
        folder,
        f"{folder}/..",
        f"{folder}/../../{outside.name}",
        f"{folder}/order.json/x",
        f"{folder}/order.json\0",
        f"{folder.name}/order.json",
        "order.json",
        "",
    ]
    for name in refused:
        answer = worker.send("PUT", f"/{BUCKET}/taken", **naming(name, MD5))
        assert (answer.status_code, b"<Code>InvalidArgument</Code>" in answer.content) == (400, True), name
        assert b"The emulator takes plain files from the folder of a worker's run only." in answer.content
    assert (outside.read_bytes(), beside.read_bytes()) == (CONTENT, CONTENT)
    with pytest.raises(ClientError, match="404"):
        worker.server.client("s3").head_object(Bucket=BUCKET, Key="taken")
    for name in ("link", "linked", "pipe"):
        (folder / name).unlink()


def test_space_is_given_back(worker: Worker) -> None:
    """An object that is deleted, or replaced, leaves no file behind, open or on the disk."""
    s3 = worker.server.client("s3")
    before = open_models(worker)
    for _ in range(3):
        hand_over(worker, "space")
    assert open_models(worker) <= before + 1
    s3.delete_object(Bucket=BUCKET, Key="space")
    wait_for_open_models(worker, before)
    assert not (worker.folder / "model.tar.gz").exists()


def wait_for_open_models(worker: Worker, number: int) -> None:
    """What was sent is closed a moment after the client has all of it."""
    assert settled(lambda: open_models(worker), number) == number


def open_models(worker: Worker) -> int:
    """How many files that were handed over the server has open."""
    links = []
    for descriptor in Path(f"/proc/{worker.process.pid}/fd").iterdir():
        try:
            links.append(os.readlink(descriptor))
        except FileNotFoundError:  # closed meanwhile
            continue
    return sum("model.tar.gz" in link for link in links)


def test_kill_at_any_moment(tmp_path: Path) -> None:
    """Whatever SIGKILL interrupts: what was answered is there, and all that is there is whole."""
    answered: list[str] = []

    def work(worker: Worker) -> None:
        for number in range(1_000):
            try:
                hand_over(worker, f"model-{number}")
            except (JobFailure, OSError):
                return
            answered.append(f"model-{number}")

    with held_worker(tmp_path, "--data-dir", str(tmp_path / "data")) as worker:
        thread = threading.Thread(target=work, args=(worker,))
        thread.start()
        threading.Event().wait(0.7)
        kill(worker.process)
        thread.join()
    assert answered
    with durable_server(tmp_path / "data") as (server, _):
        s3 = server.client("s3")
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix="model-")["Contents"]
        assert {item["Key"] for item in found} >= set(answered)
        for item in found:
            answer = s3.get_object(Bucket=BUCKET, Key=item["Key"])
            assert (answer["Body"].read(), answer["ETag"]) == (CONTENT, f'"{MD5}"')
    check_folder(tmp_path / "data")


def test_callers_must_sign(tmp_path: Path) -> None:
    """With --require-auth workers hand over as they do without, and whoever has a key of the file may not."""
    arguments = ("--require-auth", "--credentials-file", credentials_file(tmp_path))
    with held_worker(tmp_path, *arguments) as worker:
        file = worker.file(CONTENT)
        answer = worker.send("PUT", f"/{BUCKET}/x", key="test", secret="test", **naming(file, MD5))  # noqa: S106
        assert (answer.status_code, b"<Code>AccessDenied</Code>" in answer.content) == (403, True)
        hand_over(worker, "signed")
        found = worker.server.client("s3").get_object(Bucket=BUCKET, Key="signed")
        assert (found["Body"].read(), found["ETag"]) == (CONTENT, f'"{MD5}"')


def test_objects_on_another_disk(tmp_path: Path) -> None:
    """A file that cannot be moved to where the objects are is copied, and gone from where it was."""
    elsewhere = Path("/dev/shm")  # noqa: S108 - a file system of its own on Linux
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    (tmp_path / "data").mkdir()
    with TemporaryDirectory(dir=elsewhere) as objects:
        (tmp_path / "data" / "s3").symlink_to(objects)
        with held_worker(tmp_path, "--data-dir", str(tmp_path / "data")) as worker:
            file = hand_over(worker, "copied")
            assert not file.exists()
            kill(worker.process)
        with durable_server(tmp_path / "data") as (server, _):
            found = server.client("s3").get_object(Bucket=BUCKET, Key="copied")
            assert (found["Body"].read(), found["ETag"]) == (CONTENT, f'"{MD5}"')
        assert (Path(objects) / BUCKET / "copied").is_file()


def test_another_s3_gets_an_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where S3 is elsewhere a worker sends the content, and the file is gone all the same."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    with running_server("--workers", "0", "--worker-start", "fresh") as (other, _):
        s3 = other.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
        with held_worker(tmp_path, "--s3-endpoint-url", other.url) as worker:
            file = hand_over(worker, "uploaded")
            assert not file.exists()
        assert s3.get_object(Bucket=BUCKET, Key="uploaded")["Body"].read() == CONTENT


def test_the_model_of_a_job(training_server: Server, completed_job: dict[str, Any]) -> None:
    """A real job's model is an archive whose ETag is the MD5 that was computed while it was written."""
    url = completed_job["BestCandidate"]["InferenceContainers"][0]["ModelDataUrl"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    answer = training_server.client("s3").get_object(Bucket=bucket, Key=key)
    content = answer["Body"].read()
    assert answer["ETag"].strip('"') == hashlib.md5(content, usedforsecurity=False).hexdigest()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert {"config.json", "model.safetensors", "prompt_format.json"} <= set(tar.getnames())
