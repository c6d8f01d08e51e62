"""A scene in S3, as what is done and what is then seen: all that can be set of buckets."""

import json
from typing import Any

from tests.support.durable import told
from tests.support.s3_objects import contents

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::configured"}
        ],
    }
)

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
        sorted((bucket["Name"], bucket["CreationDate"]) for bucket in s3.list_buckets()["Buckets"]),
    ]
