"""An S3 outside of the emulator as an index of objects, for the rules of a request."""

from functools import cached_property
from typing import Any

from emulator import direct, errors
from emulator.s3.layout import S3Uri

_CONNECT_SECONDS = 3
_READ_SECONDS = 10
_NOT_THERE = frozenset({"404", "NoSuchBucket", "NoSuchKey"})
_NOT_ALLOWED = frozenset({"403", "AccessDenied"})


class RemoteS3:
    """Any S3, asked with the credentials of this process's environment.

    What may not be seen counts as not there: so does the service, whose message names the permission that is missing.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            s3={"addressing_style": "path"},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        region = boto3.Session().region_name or "us-east-1"
        config = direct.without_proxy(self._endpoint, config)
        return boto3.client("s3", endpoint_url=self._endpoint, region_name=region, config=config)

    def any_under(self, uri: S3Uri) -> bool:
        """Whether an object's key begins with the URI's. Raises ValidationException where S3 does not tell."""
        members = {"Bucket": uri.bucket, "Prefix": uri.key, "MaxKeys": 1}
        return bool((self._ask("list_objects_v2", uri, members) or {}).get("KeyCount"))

    def has(self, uri: S3Uri) -> bool:
        """Whether there is an object of the URI's key. Raises ValidationException where S3 does not tell."""
        return self._ask("head_object", uri, {"Bucket": uri.bucket, "Key": uri.key}) is not None

    def beginning(self, uri: S3Uri, size: int) -> bytes:
        """So many bytes of the first object that has any and whose key begins with the URI's; none where none is found.

        Raises ValidationException where S3 does not tell.
        """
        listed = self._ask("list_objects_v2", uri, {"Bucket": uri.bucket, "Prefix": uri.key}) or {}
        key = next((item["Key"] for item in listed.get("Contents", ()) if item["Size"]), None)
        if key is None:
            return b""
        found = S3Uri(uri.bucket, key)
        answer = self._ask("get_object", found, {"Bucket": uri.bucket, "Key": key, "Range": f"bytes=0-{size - 1}"})
        return b"" if answer is None else self._read(answer["Body"], found)

    def _read(self, body: Any, uri: S3Uri) -> bytes:
        from botocore.exceptions import BotoCoreError

        try:
            content: bytes = body.read()
        except BotoCoreError as problem:
            raise errors.s3_not_asked(str(uri), self._endpoint, str(problem)) from problem
        return content

    def _ask(self, operation: str, uri: S3Uri, members: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None where the service says that there is nothing, or where nothing can be."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**members)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] in _NOT_THERE | _NOT_ALLOWED:
                return None
            raise errors.s3_not_asked(str(uri), self._endpoint, str(refusal)) from refusal
        except ParamValidationError:  # an empty key, or no name of a bucket: it is never sent
            return None
        except BotoCoreError as problem:
            raise errors.s3_not_asked(str(uri), self._endpoint, str(problem)) from problem
        return answer
