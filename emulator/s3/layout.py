"""Where things are in S3: every key that the emulator writes."""

import re
from dataclasses import dataclass
from typing import NamedTuple

_VIRTUAL_HOSTED = re.compile(r"(?P<bucket>.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?|(?P<elsewhere>.+?)\.s3.*")
MODEL_ARCHIVE = "model.tar.gz"


class S3Uri(NamedTuple):
    """A bucket and a key, or the beginning of keys."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse_s3_uri(uri: str) -> S3Uri:
    """The bucket and key of an `s3://` or `https://` S3 URI, as the S3Uri pattern of the model allows them.

    Raises ValueError where there is no bucket.
    """
    scheme, _, rest = uri.partition("://")
    host, _, path = rest.partition("/")
    if scheme == "https":
        host, path = _bucket_of_https(host, path)
    if not host:
        raise ValueError(f"{uri} names no bucket")
    return S3Uri(host, path)


def _bucket_of_https(host: str, path: str) -> tuple[str, str]:
    """Virtual-hosted, the host is that of S3 behind the bucket's name, which may have `.s3` in it; else the path is."""
    if virtual_hosted := _VIRTUAL_HOSTED.fullmatch(host):
        return virtual_hosted["bucket"] or virtual_hosted["elsewhere"], path
    bucket, _, key = path.partition("/")
    return bucket, key


@dataclass(frozen=True)
class CandidateOutput:
    """The objects of one candidate, all under S3OutputPath/JobName/."""

    output_path: str
    job_name: str
    candidate_name: str

    @property
    def folder(self) -> str:
        """The candidate's folder, without a slash at its end."""
        return f"{self.output_path.rstrip('/')}/{self.job_name}/tuning/{self.candidate_name}/output"

    @property
    def artifacts(self) -> dict[str, str]:
        """File name to S3 URI, in the order in which they are written; the model comes last."""
        names = (
            "metrics.json",
            "loss_history.json",
            "validation_predictions.jsonl",
            "training.log",
            MODEL_ARCHIVE,
        )
        return {name: f"{self.folder}/{name}" for name in names}
