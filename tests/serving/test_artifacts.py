"""Artifacts that no endpoint can serve."""

import io
import tarfile
from typing import Any

import pytest

from tests.support.requests import BUCKET
from tests.support.serving import Tuned, make_endpoint, make_model


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Failed to download model data for container"),
        (b"this is no archive", "no other containers or artifacts"),
        ({"notes.txt": b"hello"}, "prompt_format.json: it is missing"),
        ({"model.pkl": b"hello"}, "is none of"),
        ({"prompt_format.json": b"{}"}, "prompt_format.json: it must have"),
    ],
)
def test_an_artifact_that_is_not_ours_fails_the_endpoint(tgi: Tuned, content: Any, words: str) -> None:
    """An endpoint ends Failed with a reason that names the artifact."""
    key = f"not-ours/{abs(hash(words))}.tar.gz"
    s3 = tgi.server.client("s3")
    s3.put_object(Bucket=BUCKET, Key=key, Body=archive(content) if isinstance(content, dict) else content or b"")
    container = tgi.container | {"ModelDataUrl": f"s3://{BUCKET}/{key}"}
    make_model(tgi.server, name := f"not-ours-{abs(hash(words))}", container)
    if content is None:  # it was there when the model was created
        s3.delete_object(Bucket=BUCKET, Key=key)
    endpoint = make_endpoint(tgi.server, name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert words in endpoint["FailureReason"]
    assert container["ModelDataUrl"] in endpoint["FailureReason"]


def archive(files: dict[str, bytes]) -> bytes:
    """A .tar.gz."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return content.getvalue()
