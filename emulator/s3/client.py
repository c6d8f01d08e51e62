"""S3 over HTTP, as a worker uses it: any S3, through boto3."""

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator import direct, errors
from emulator.s3.access import S3Access
from emulator.s3.hand_over import FILE_HEADER, MD5_HEADER
from emulator.s3.layout import S3Uri, parse_s3_uri

_PATIENT = Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "total_max_attempts": 6})
"""Tries again, with longer and longer pauses, for half a minute at most."""
_OWN = _PATIENT.merge(Config(read_timeout=900))
"""A file that was handed over may have to be written to a slow disk before the answer comes."""
_BRISK = Config(
    s3={"addressing_style": "path"},
    retries={"mode": "standard", "total_max_attempts": 2},
    connect_timeout=5,
    read_timeout=10,
)
_NOTHING_THERE = frozenset({"NoSuchKey", "NoSuchBucket", "InvalidRange", "404", "416"})
_IN_ONE_THREAD = TransferConfig(use_threads=False, multipart_threshold=1024**3, multipart_chunksize=64 * 1024**2)
"""Each part costs the receiving side a second copy when it joins them."""

logger = logging.getLogger(__name__)


def _client(access: S3Access, region: str, config: Config) -> Any:
    if access.key_id is not None and access.secret is not None:
        return direct.client("s3", access.endpoint, region, access.key_id, access.secret, config=config)
    config = direct.without_proxy(access.endpoint, config)
    return boto3.client("s3", endpoint_url=access.endpoint, region_name=region, config=config)


class S3:
    """Downloads and uploads; every failure is a JobFailure that names the object.

    What fails for a while is tried again; only a little where somebody waits, who is not `patient`. Raises JobFailure.
    """

    def __init__(self, access: S3Access, region: str, *, patient: bool = True) -> None:
        self._own = access.own
        config = (_OWN if access.own else _PATIENT) if patient else _BRISK
        try:
            self._client = _client(access, region, config)
        except BotoCoreError as problem:
            raise errors.s3_failed("reach", access.endpoint, str(problem)) from problem

    def download_all(self, uri: str, folder: Path) -> Iterator[tuple[Path, str]]:
        """Fetch each object under a URI in turn; yields the file and the object's own URI.

        The file is removed when the next one is asked for. Raises JobFailure.
        """
        location = parse_s3_uri(uri)
        for number, key in enumerate(self._keys(location)):
            found = S3Uri(location.bucket, key)
            file = folder / f"download-{number}"
            try:
                self._client.download_file(location.bucket, key, str(file), Config=_IN_ONE_THREAD)
                yield file, str(found)
            except (BotoCoreError, ClientError) as problem:
                raise errors.s3_failed("read", str(found), str(problem)) from problem
            finally:
                file.unlink(missing_ok=True)

    def download(self, uri: str, file: Path) -> None:
        """Fetch one object. Raises JobFailure, and ValueError for what is no S3 URI."""
        location = parse_s3_uri(uri)
        try:
            self._client.download_file(location.bucket, location.key, str(file), Config=_IN_ONE_THREAD)
        except (BotoCoreError, ClientError, boto3.exceptions.Boto3Error) as problem:
            raise errors.s3_failed("read", uri, str(problem)) from problem

    def names(self, uri: str) -> dict[str, str]:
        """The URIs of all objects under a prefix that ends with a slash, by their names there; else the object's own.

        Raises JobFailure, and ValueError for what is no S3 URI.
        """
        location = parse_s3_uri(uri)
        if location.key and not location.key.endswith("/"):
            return {location.key.rpartition("/")[2]: uri}
        keys = self._keys(location)
        return {key[len(location.key) :]: str(S3Uri(location.bucket, key)) for key in keys}

    def require_bucket(self, uri: str) -> None:
        """Pass for a URI whose bucket is there, or may not be seen: that it takes objects is not known before it does.

        Raises JobFailure.
        """
        bucket = parse_s3_uri(uri).bucket
        try:
            self._client.head_bucket(Bucket=bucket)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] in _NOTHING_THERE:
                raise errors.no_output_bucket(uri, bucket) from refusal
            logger.warning("whether there is a bucket %s is not told: %s", bucket, refusal)
        except BotoCoreError as problem:
            raise errors.s3_failed("reach", f"s3://{bucket}", str(problem)) from problem

    def upload(self, file: Path, uri: str) -> None:
        """Store a file as an object. Raises JobFailure."""
        location = parse_s3_uri(uri)
        try:
            self._client.upload_file(str(file), location.bucket, location.key, Config=_IN_ONE_THREAD)
        except boto3.exceptions.S3UploadFailedError as problem:  # it names the file, which is no concern of the user's
            raise errors.s3_failed("write", uri, str(problem.__context__ or problem)) from problem
        except (BotoCoreError, ClientError) as problem:
            raise errors.s3_failed("write", uri, str(problem)) from problem

    def hand_over(self, file: Path, uri: str, md5: str) -> None:
        """Store a file as an object, and leave none behind; the emulator's own S3 takes it as it is.

        Raises JobFailure.
        """
        if self._own:
            self._name(file, uri, md5)
        else:
            self.upload(file, uri)
        file.unlink(missing_ok=True)

    def _name(self, file: Path, uri: str, md5: str) -> None:
        location = parse_s3_uri(uri)
        headers = {FILE_HEADER: quote(os.fsencode(file.absolute())), MD5_HEADER: md5}

        def name(params: dict[str, Any], **_: Any) -> None:
            params["headers"].update(headers)

        events = self._client.meta.events
        events.register("before-call.s3.PutObject", name)
        try:
            self._client.put_object(Bucket=location.bucket, Key=location.key, Body=b"")
        except (BotoCoreError, ClientError) as problem:
            raise errors.s3_failed("write", uri, str(problem)) from problem
        finally:
            events.unregister("before-call.s3.PutObject", name)

    def read(self, uri: str, offset: int, most: int) -> bytes:
        """A part of an object; empty where it has ended there, or is missing. Raises JobFailure."""
        location = parse_s3_uri(uri)
        wanted = f"bytes={offset}-{offset + most - 1}"
        try:
            found = self._client.get_object(Bucket=location.bucket, Key=location.key, Range=wanted)
            content: bytes = found["Body"].read()
        except ClientError as problem:
            if problem.response["Error"]["Code"] in _NOTHING_THERE:
                return b""
            raise errors.s3_failed("read", uri, str(problem)) from problem
        except BotoCoreError as problem:
            raise errors.s3_failed("read", uri, str(problem)) from problem
        return content

    def read_whole(self, uri: str) -> bytes:
        """The content of an object. Raises JobFailure."""
        location = parse_s3_uri(uri)
        try:
            content: bytes = self._client.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
        except (BotoCoreError, ClientError) as problem:
            raise errors.s3_failed("read", uri, str(problem)) from problem
        return content

    def has(self, uri: str) -> bool:
        """Whether there is such an object, as far as S3 tells."""
        location = parse_s3_uri(uri)
        try:
            self._client.head_object(Bucket=location.bucket, Key=location.key)
        except (BotoCoreError, ClientError):
            return False
        return True

    def copy(self, source: str, target: str) -> None:
        """Copy an object within S3. Raises JobFailure."""
        origin, location = parse_s3_uri(source), parse_s3_uri(target)
        try:
            self._client.copy(
                {"Bucket": origin.bucket, "Key": origin.key}, location.bucket, location.key, Config=_IN_ONE_THREAD
            )
        except (BotoCoreError, ClientError) as problem:
            raise errors.s3_failed("write", target, str(problem)) from problem

    def _keys(self, location: S3Uri) -> list[str]:
        """The keys of all objects under a URI, in S3's order, but for empty markers. Raises JobFailure."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.key)
        try:
            found = [item for page in pages for item in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as problem:
            raise errors.s3_failed("list", str(location), str(problem)) from problem
        keys = [item["Key"] for item in found if not _is_marker(item)]
        if not keys:
            but = " but empty markers" if found else ""
            raise errors.s3_failed("read", str(location), f"there is no object under it{but}")
        return keys


def _is_marker(listed: Mapping[str, Any]) -> bool:
    """Whether an object only says something: of a folder, as consoles make it, or of a whole output, as Spark does."""
    name = listed["Key"].rpartition("/")[2]
    return not listed["Size"] and name in {"", "_SUCCESS"}
