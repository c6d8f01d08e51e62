"""S3 that outlasts the server: whatever was answered is there after kill -9, to the last byte and header."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from moto.s3 import models

from emulator.storage.moto_records import NOT_KEPT_OF_BUCKETS, NOT_KEPT_OF_KEYS
from emulator.storage.moto_values import decoded, encoded
from tests.support.durable import durable_server, kill, told
from tests.support.server import Server

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
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
PART = bytes(range(256)) * 4096 * 5  # S3's smallest, 5 MiB

Scene = Callable[[Any], Any]


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


CONFIGURATION: dict[str, dict[str, Any]] = {
    "versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "accelerate_configuration": {"AccelerateConfiguration": {"Status": "Enabled"}},
    "acl": {"ACL": "public-read"},
    "cors": {
        "CORSConfiguration": {
            "CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3, "ID": "x"}]
        }
    },
    "encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    },
    "lifecycle_configuration": {
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "ID": "rule",
                    "Status": "Enabled",
                    "Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}},
                    "Expiration": {"Days": 3},
                    "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
                    "NoncurrentVersionTransitions": [{"NoncurrentDays": 2, "StorageClass": "GLACIER"}],
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        }
    },
    "notification_configuration": {
        "NotificationConfiguration": {
            "QueueConfigurations": [
                {
                    "QueueArn": "arn:aws:sqs:us-east-1:123456789012:queue",
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "images/"}]}},
                }
            ]
        }
    },
    "ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
    "policy": {"Policy": POLICY},
    "replication": {
        "ReplicationConfiguration": {
            "Role": "arn:aws:iam::123456789012:role/role",
            "Rules": [
                {"ID": "r", "Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::locked"}, "Priority": 1}
            ],
        }
    },
    "tagging": {"Tagging": {"TagSet": [{"Key": "team", "Value": "green"}]}},
    "website": {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}},
}


def configuration(s3: Any) -> None:
    """All that can be set of a bucket; and a bucket of another region, one with a lock, and one that is deleted."""
    s3.create_bucket(Bucket="configured")
    for name, members in CONFIGURATION.items():
        getattr(s3, f"put_bucket_{name}")(Bucket="configured", **members)
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True}
    s3.put_public_access_block(Bucket="configured", PublicAccessBlockConfiguration=block)
    s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    grant = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": "arn:aws:s3:::elsewhere/*",
    }
    s3.create_bucket(Bucket="logged", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_policy(Bucket="elsewhere", Policy=json.dumps({"Statement": [grant]}))
    logging = {"LoggingEnabled": {"TargetBucket": "elsewhere", "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket="logged", BucketLoggingStatus=logging)
    s3.list_objects_v2(Bucket="logged")  # which writes a log
    inventory = {
        "Id": "i",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::elsewhere", "Format": "CSV"}},
    }
    s3.put_bucket_inventory_configuration(Bucket="configured", Id="i", InventoryConfiguration=inventory)
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="locked", Key="key", Body=b"", ObjectLockLegalHoldStatus="ON")
    s3.create_bucket(Bucket="gone")
    s3.put_object(Bucket="gone", Key="deep/below", Body=b"")
    s3.delete_object(Bucket="gone", Key="deep/below")
    s3.delete_bucket(Bucket="gone")
    s3.create_bucket(Bucket="Odd_Bucket")
    s3.put_object(Bucket="Odd_Bucket", Key="key", Body=b"in no folder of its own")


def see_configuration(s3: Any) -> Any:
    """All of it."""
    found = {name: told(getattr(s3, f"get_bucket_{name}")(Bucket="configured")) for name in CONFIGURATION}
    assert all(found.values())
    return [
        found,
        told(s3.get_public_access_block(Bucket="configured")),
        told(s3.get_bucket_inventory_configuration(Bucket="configured", Id="i")),
        told(s3.get_bucket_logging(Bucket="logged")),
        contents(s3, "elsewhere")[:1],
        told(s3.get_bucket_location(Bucket="elsewhere")),
        told(s3.get_object_lock_configuration(Bucket="locked")),
        told(s3.get_object_legal_hold(Bucket="locked", Key="key")),
        told(s3.get_object(Bucket="Odd_Bucket", Key="key")),
        sorted((bucket["Name"], bucket["CreationDate"]) for bucket in s3.list_buckets()["Buckets"]),
    ]


SCENES: dict[str, tuple[Scene, Scene]] = {
    "odd keys": (odd_keys, see_odd_keys),
    "metadata": (metadata, see_metadata),
    "changes": (changes, see_changes),
    "versions": (versions, see_versions),
    "configuration": (configuration, see_configuration),
}


def contents(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """What a list of a bucket tells of each object."""
    found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return found


@pytest.fixture(scope="module", name="seen")
def _seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Server, Path]]:
    """What each scene looked like before the server was killed, the server after it, and the data directory."""
    folder = tmp_path_factory.mktemp("durable") / "data"
    with durable_server(folder) as (server, process):
        s3 = server.client("s3")
        for act, _ in SCENES.values():
            act(s3)
        before = {name: see(s3) for name, (_, see) in SCENES.items()}
        s3.put_object(Bucket="changes", Key="a", Body=b"where a folder was")
        before["changes"] = see_changes(s3)
        kill(process)
    with durable_server(folder) as (server, _):
        yield before, server, folder


@pytest.mark.parametrize("scene", SCENES)
def test_everything_is_there_after_a_kill(scene: str, seen: tuple[dict[str, Any], Server, Path]) -> None:
    """What S3 tells of buckets, objects, versions and configuration is the same before and after SIGKILL."""
    before, server, _ = seen
    assert SCENES[scene][1](server.client("s3")) == before[scene]


def test_no_key_leaves_the_data_directory(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """Whatever the keys, all files are in the folder of their bucket or in the side folder under names of ours."""
    _, _, folder = seen
    assert {path.name for path in folder.parent.iterdir()} == {"data"}
    ours = {".gitignore", "emulator.db", "emulator.db-wal", "lock", "runs", "s3"}
    assert {path.name for path in folder.iterdir()} <= ours
    assert not list((folder / "runs").iterdir())
    buckets = {path.name for path in (folder / "s3").iterdir()}
    assert buckets == {
        ".automl-emulator", "changes", "configured", "elsewhere", "locked", "logged", "metadata", "odd-keys", "versions"
    }  # fmt: skip
    assert all(path.is_file() for path in (folder / "s3" / ".automl-emulator").iterdir())


def test_a_person_can_read_the_folder(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """Objects whose keys can be file names are files of that name, the current version of several too."""
    _, _, folder = seen
    assert (folder / "s3" / "odd-keys" / "folder" / "below" / "plain.csv").read_bytes() == b"folder/below/plain.csv" * 3
    assert (folder / "s3" / "versions" / "key").read_bytes() == b"2"
    assert (folder / "s3" / "changes" / "replaced").read_bytes() == b"second"
    assert not (folder / "s3" / "versions" / "hidden").exists()
    assert not (folder / "s3" / "changes" / "deleted").exists()


def test_moto_is_not_reset_under_what_is_kept(seen: tuple[dict[str, Any], Server, Path]) -> None:
    """The page of moto that forgets everything is refused, in words that say what to do."""
    _, server, _ = seen
    answer = requests.post(f"{server.url}/moto-api/reset", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("Start it with --in-memory.")
    assert contents(server.client("s3"), "changes")


def test_moto_has_nothing_that_is_not_kept() -> None:
    """Every attribute of moto's buckets and keys is kept, or known not to be: a new one in a later moto shows here."""
    bucket = models.FakeBucket("bucket", "123456789012", "us-east-1")  # type: ignore[abstract] # as moto makes it
    key = models.FakeKey("key", b"", "123456789012", "aws")
    assert vars(bucket).keys() >= NOT_KEPT_OF_BUCKETS
    assert vars(key).keys() | {"token", "is_latest"} >= NOT_KEPT_OF_KEYS
    for moto, left_out in ((bucket, NOT_KEPT_OF_BUCKETS), (key, NOT_KEPT_OF_KEYS)):
        state = {name: value for name, value in vars(moto).items() if name not in left_out}
        again = {name: decoded(json.loads(json.dumps(encoded(value)))) for name, value in state.items()}
        assert encoded(again) == encoded(state)
        assert [type(value) for value in again.values()] == [type(value) for value in state.values()]
    key.dispose()
    models.s3_backends.bucket_accounts.pop("bucket")


def test_only_known_classes_are_made() -> None:
    """What was stored decides on values, never on a class that is not one of moto's plain ones."""
    with pytest.raises(KeyError):
        decoded({"Popen": {"args": "true"}})
    with pytest.raises(TypeError, match="no JSON"):
        encoded(object())
