"""Digests that come with an upload: what is stored is what was sent, or the upload is refused."""

import base64
import hashlib
import zlib
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.server import Server
from tests.support.signing import FOR_S3

BUCKET = "digests"
BODY = b"content"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def in_base64(digest: bytes) -> str:
    """As headers have it."""
    return base64.b64encode(digest).decode()


RIGHT = {
    "Content-MD5": in_base64(hashlib.md5(BODY, usedforsecurity=False).digest()),
    "x-amz-checksum-crc32": in_base64(zlib.crc32(BODY).to_bytes(4, "big")),
    "x-amz-checksum-crc32c": "Ya91Mw==",
    "x-amz-checksum-crc64nvme": "lhVdXyVQTGE=",
    "x-amz-checksum-sha1": in_base64(hashlib.sha1(BODY, usedforsecurity=False).digest()),
    "x-amz-checksum-sha256": in_base64(hashlib.sha256(BODY).digest()),
}


@pytest.fixture(name="s3")
def _s3(own_server: Server) -> Any:
    """A client of a server that has the bucket."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


def put(server: Server, key: str, headers: dict[str, str], body: bytes = BODY) -> tuple[int, str]:
    """An upload as no client sends it; returns the status and the code of the error."""
    answer = requests.put(f"{server.url}/{BUCKET}/{key}", data=body, headers=FOR_S3 | headers, timeout=30)
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def is_there(s3: Any, key: str) -> bool:
    """Whether the bucket has an object of a key."""
    return bool(s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["KeyCount"])


@pytest.mark.parametrize("header", RIGHT)
def test_wrong_digest_is_refused(own_server: Server, s3: Any, header: str) -> None:
    """An object or a part whose digest is that of another content is 400 BadDigest, and is not stored."""
    assert put(own_server, f"right-{header}", {header: RIGHT[header]}) == (200, "")
    assert put(own_server, f"wrong-{header}", {header: RIGHT[header]}, b"other") == (400, "BadDigest")
    assert is_there(s3, f"right-{header}")
    assert not is_there(s3, f"wrong-{header}")
    named = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    place = f"parts?partNumber=1&uploadId={upload}"
    assert put(own_server, place, {header: RIGHT[header]}, b"other") == (400, "BadDigest")
    assert "Parts" not in s3.list_parts(**named, UploadId=upload)
    assert put(own_server, place, {header: RIGHT[header]}) == (200, "")


@pytest.mark.parametrize("digest", ["junk", "", "====", "AAAA", "ü"])
def test_malformed_digest_is_refused(own_server: Server, s3: Any, digest: str) -> None:
    """A Content-MD5 that is none is InvalidDigest, a checksum that is none InvalidRequest: nothing is stored."""
    for header in RIGHT:
        code = "InvalidDigest" if header == "Content-MD5" else "InvalidRequest"
        assert put(own_server, "malformed", {header: digest.encode().decode("latin-1")}) == (400, code)
    assert not is_there(s3, "malformed")


def test_two_checksums_are_one_too_many(own_server: Server, s3: Any) -> None:
    """Checksums of two algorithms are refused, be they right or wrong."""
    headers = {name: RIGHT[name] for name in ("x-amz-checksum-crc32", "x-amz-checksum-sha1")}
    assert put(own_server, "two", headers) == (400, "InvalidRequest")
    assert not is_there(s3, "two")


@pytest.mark.parametrize("name", ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"])
def test_digest_after_the_content(own_server: Server, s3: Any, name: str) -> None:
    """A checksum in the trailer of a body in chunks is compared with what the chunks hold."""
    headers = {"x-amz-content-sha256": TRAILER, "x-amz-decoded-content-length": "7", "Content-Encoding": "aws-chunked"}
    body = b"7\r\n" + BODY + b"\r\n0\r\nx-amz-checksum-" + name.encode() + b":AAAA\r\n\r\n"
    assert put(own_server, "unannounced", headers | {"x-amz-trailer": "x"}, body) == (400, "MalformedTrailerError")
    for chunk, told in ((BODY, (200, "")), (b"CONTENT", (400, "BadDigest"))):
        trailer = f"0\r\nx-amz-checksum-{name}:{RIGHT[f'x-amz-checksum-{name}']}\r\n\r\n".encode()
        key = f"trailer-{name}-{told[0]}"
        assert put(own_server, key, headers, b"7\r\n" + chunk + b"\r\n" + trailer) == told
        assert is_there(s3, key) is (told[0] == 200)
    assert s3.get_object(Bucket=BUCKET, Key=f"trailer-{name}-200")["Body"].read() == BODY


@pytest.mark.parametrize(
    ("form", "length", "body", "told"),
    [
        (TRAILER, "5", b"5\r\nhel", (400, "IncompleteBody")),
        (TRAILER, "5", b"junk", (400, "IncompleteBody")),
        (TRAILER, "9", b"5\r\nhello\r\n0\r\n\r\n", (400, "IncompleteBody")),
        (TRAILER, None, b"5\r\nhello\r\n0\r\n\r\n", (411, "MissingContentLength")),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5", b"5;chunk-signature=0\r\nhello", (400, "IncompleteBody")),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5", b"", (400, "IncompleteBody")),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "5", b"5\r\nhello\r\n0\r\n\r\n", (400, "NotImplemented")),
    ],
)
def test_broken_chunks_are_refused(
    own_server: Server, s3: Any, form: str, length: str | None, body: bytes, told: tuple[int, str]
) -> None:
    """A body that is not in the chunks which its headers announce is refused, and nothing of it is stored."""
    headers = {"x-amz-content-sha256": form} | ({"x-amz-decoded-content-length": length} if length else {})
    assert put(own_server, "broken", headers, body) == told
    assert not is_there(s3, "broken")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_digests_of_clients_are_right(s3: Any, algorithm: str) -> None:
    """What boto3 computes for an object, a part and a list of keys to delete is what is compared."""
    s3.put_object(Bucket=BUCKET, Key="client", Body=BODY, ChecksumAlgorithm=algorithm)
    named = {"Bucket": BUCKET, "Key": "client-parts"}
    upload = s3.create_multipart_upload(**named, ChecksumAlgorithm=algorithm)["UploadId"]
    part = s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=BODY, ChecksumAlgorithm=algorithm)
    done = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=done)
    deleted = {"Objects": [{"Key": "client"}, {"Key": "client-parts"}]}
    assert len(s3.delete_objects(Bucket=BUCKET, Delete=deleted, ChecksumAlgorithm=algorithm)["Deleted"]) == 2
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=BUCKET, Key="client", Body=BODY, ContentMD5=in_base64(b"0" * 16))


@pytest.mark.parametrize("algorithm", ["CRC32C", "CRC64NVME"])
def test_checksums_of_s3_itself(own_server: Server, s3: Any, algorithm: str) -> None:
    """A checksum that a request only names is computed by its own algorithm, of objects in parts and of copies too."""
    named = {"Bucket": BUCKET, "Key": "computed"}
    upload = s3.create_multipart_upload(**named, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")["UploadId"]
    assert put(own_server, f"computed?partNumber=1&uploadId={upload}", {})[0] == 200
    tag = s3.list_parts(**named, UploadId=upload)["Parts"][0]["ETag"]
    done = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=done)
    s3.copy_object(Bucket=BUCKET, Key="copied", CopySource=named, ChecksumAlgorithm=algorithm)
    for key in ("computed", "copied"):
        told = s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        assert told[f"Checksum{algorithm}"] == RIGHT[f"x-amz-checksum-{algorithm.lower()}"]
