"""Which names S3 allows a bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.

One rule is left out: S3 reserves the beginning `amzn-s3-demo-` for AWS's own examples, which are to run here as they
stand.
"""

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED_BEGINNINGS = ("xn--", "sthree-")
_RESERVED_ENDS = ("-s3alias", "--ols-s3", ".mrap", "--x-s3", "--table-s3")


def is_allowed(name: str) -> bool:
    """Whether a bucket may be made under a name."""
    return (
        _NAME.fullmatch(name) is not None
        and ".." not in name
        and not _ADDRESS.fullmatch(name)
        and not name.startswith(_RESERVED_BEGINNINGS)
        and not name.endswith(_RESERVED_ENDS)
    )
