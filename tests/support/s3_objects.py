"""Scenes in S3, each as what is done and what is then seen: objects, whatever their keys, changes and versions."""

import hashlib
from typing import Any

from tests.support.durable import told

ODD_KEYS = [
    "plain.csv",
    "folder/below/plain.csv",
    "both",
    "both/below",
    "below/first",
    "below",
    "../outside",
    "../../../../../../tmp/outside",
    "/absolute",
    "//twice",
    "folder/",
    "empty//segment",
    "./here",
    "a/../b",
    "..",
    ".",
    "trailing/.",
    ".hidden",
    ".automl-emulator/token",
    "back\\slash",
    "Case",
    "case",
    "ünïcödé/ключ/鍵",
    "e\u0301 decomposed",
    "é decomposed",
    "space and +plus %2F?query#hash&amp;",
    "n" * 255,
    "l" * 300,
    "s/" * 150 + "deep",
    "k" * 900 + "/" + "k" * 100,
    "con",
    "lock",
]
PART = bytes(range(256)) * 4096 * 5  # S3's smallest, 5 MiB


def contents(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """What a list of a bucket tells of each object."""
    found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return found


def odd_keys(s3: Any) -> None:
    """Objects of keys that are no paths."""
    s3.create_bucket(Bucket="odd-keys")
    for key in ODD_KEYS:
        s3.put_object(Bucket="odd-keys", Key=key, Body=key.encode() * 3, Metadata={"of": str(len(key))})


def see_odd_keys(s3: Any) -> Any:
    """Their list, and each of them."""
    objects = [told(s3.get_object(Bucket="odd-keys", Key=key)) for key in ODD_KEYS]
    assert [found["Body"] for found in objects] == [key.encode() * 3 for key in ODD_KEYS]
    return objects, contents(s3, "odd-keys")


def metadata(s3: Any) -> None:
    """Everything that can be said of an object."""
    s3.create_bucket(Bucket="metadata")
    s3.put_object(
        Bucket="metadata",
        Key="object",
        Body=b"content",
        ACL="public-read",
        CacheControl="max-age=1",
        ChecksumSHA256="7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=",
        ContentDisposition="attachment",
        ContentEncoding="br",
        ContentLanguage="de",
        ContentType="text/csv",
        Metadata={"mine": "yes", "with_underscore": "too"},
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="key",
        StorageClass="STANDARD_IA",
        Tagging="team=green&empty=",
        WebsiteRedirectLocation="/other",
    )
    s3.put_object(Bucket="metadata", Key="tagged later", Body=b"")
    s3.put_object_tagging(Bucket="metadata", Key="tagged later", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object_acl(Bucket="metadata", Key="tagged later", ACL="public-read")


def see_metadata(s3: Any) -> Any:
    """All of it."""
    return [
        [
            told(s3.get_object(Bucket="metadata", Key=key, ChecksumMode="ENABLED")),
            told(s3.head_object(Bucket="metadata", Key=key)),
            told(s3.get_object_tagging(Bucket="metadata", Key=key)),
            told(s3.get_object_acl(Bucket="metadata", Key=key)),
            told(s3.get_object_attributes(Bucket="metadata", Key=key, ObjectAttributes=["Checksum", "ObjectSize"])),
        ]
        for key in ("object", "tagged later")
    ]


def changes(s3: Any) -> None:
    """Objects that were replaced, deleted, copied, and uploaded in parts."""
    s3.create_bucket(Bucket="changes")
    for key in ("replaced", "deleted", "deleted/with", "deleted/two", "kept", "a/b/c"):
        s3.put_object(Bucket="changes", Key=key, Body=b"first " + key.encode(), Tagging="first=yes")
    s3.put_object(Bucket="changes", Key="replaced", Body=b"second", ContentType="text/plain")
    s3.delete_object(Bucket="changes", Key="a/b/c")
    s3.delete_object(Bucket="changes", Key="deleted")
    s3.delete_objects(Bucket="changes", Delete={"Objects": [{"Key": "deleted/with"}, {"Key": "deleted/two"}]})
    s3.put_object(Bucket="changes", Key="a", Body=b"where a folder was")
    s3.copy_object(Bucket="changes", Key="copies/of kept", CopySource={"Bucket": "changes", "Key": "kept"})
    upload = s3.create_multipart_upload(Bucket="changes", Key="parts", Metadata={"in": "parts"}, Tagging="p=2")
    where = {"Bucket": "changes", "Key": "parts", "UploadId": upload["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**where, PartNumber=number, Body=body)["ETag"]}
        for number, body in ((1, PART), (2, b"the end"))
    ]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})


def see_changes(s3: Any) -> Any:
    """What is left, and that it is what it should be."""
    listed = contents(s3, "changes")
    assert [item["Key"] for item in listed] == ["a", "copies/of kept", "kept", "parts", "replaced"]
    found = {item["Key"]: told(s3.get_object(Bucket="changes", Key=item["Key"])) for item in listed}
    assert found["replaced"]["Body"] == b"second"
    assert found["copies/of kept"]["Body"] == b"first kept"
    parts = found["parts"].pop("Body")
    assert hashlib.sha256(parts).digest() == hashlib.sha256(PART + b"the end").digest()
    tags = [told(s3.get_object_tagging(Bucket="changes", Key=key)) for key in found]
    return listed, found, tags


def versions(s3: Any) -> None:
    """A bucket with versions: several, a deleted one, delete markers, and what was there before."""
    s3.create_bucket(Bucket="versions")
    s3.put_object(Bucket="versions", Key="key", Body=b"before versioning")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket="versions", Key="key", Body=b"%d" % n)["VersionId"] for n in range(4)]
    s3.delete_object(Bucket="versions", Key="key", VersionId=ids[1])
    s3.delete_object(Bucket="versions", Key="key", VersionId=ids[3])
    s3.put_object_tagging(
        Bucket="versions", Key="key", VersionId=ids[0], Tagging={"TagSet": [{"Key": "old", "Value": "yes"}]}
    )
    s3.put_object(Bucket="versions", Key="hidden", Body=b"still there")
    s3.delete_object(Bucket="versions", Key="hidden")
    s3.put_object(Bucket="versions", Key="back", Body=b"again")
    marker = s3.delete_object(Bucket="versions", Key="back")["VersionId"]
    s3.delete_object(Bucket="versions", Key="back", VersionId=marker)


def see_versions(s3: Any) -> Any:
    """Every version with its content and tags, the markers, and what a plain GET finds."""
    listed = told(s3.list_object_versions(Bucket="versions"))
    where = [{"Bucket": "versions", "Key": item["Key"], "VersionId": item["VersionId"]} for item in listed["Versions"]]
    found = [(told(s3.get_object(**one)), told(s3.get_object_tagging(**one))) for one in where]
    assert [content["Body"] for content, _ in found] == [b"again", b"still there", b"2", b"0", b"before versioning"]
    current = told(s3.get_object(Bucket="versions", Key="key"))
    assert current["Body"] == b"2"
    assert len(listed["DeleteMarkers"]) == 1
    return listed, found, current, contents(s3, "versions")
