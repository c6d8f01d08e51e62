r"""What names a KMS key or a role (OutputDataConfig of CreateTrainingJob; IAM, "Names and quotas").

The patterns of the service model let more through: `[a-zA-Z0-9:/_-]*` for a key, and `role/?...` for a role. Only what
has none of the documented forms is refused: whether a key or a role is there is not looked at.
"""

import re
from collections.abc import Mapping
from typing import Any

from emulator import errors

LONGEST_ROLE_NAME = 64
_KMS_KEY = re.compile(
    r"""
    [a-zA-Z0-9_-]*                                                            # a key id; empty is as good as absent
    | alias/[a-zA-Z0-9/_-]+                                                   # an alias
    | arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/[a-zA-Z0-9-]+|alias/[a-zA-Z0-9/_-]+)
    """,
    re.VERBOSE,
)


def check_keys(request: Mapping[str, Any]) -> None:
    """Every KMS key has the form of one. Raises ValidationException."""
    for structure, member in (("OutputDataConfig", "KmsKeyId"), ("SecurityConfig", "VolumeKmsKeyId")):
        key = request.get(structure, {}).get(member)
        if key is not None and not _KMS_KEY.fullmatch(key):
            raise errors.not_a_kms_key(member, key)


def check_role(arn: str) -> None:
    """The ARN names a role. Raises ValidationException."""
    if not names_a_role(arn):
        raise errors.role_not_assumed(arn)


def names_a_role(arn: str) -> bool:
    """Whether an ARN has `role/`, a path, and a name of at most 64 characters."""
    resource = arn.split(":", 5)[5]
    prefix, _, path = resource.partition("/")
    return prefix == "role" and 0 < len(path.rpartition("/")[2]) <= LONGEST_ROLE_NAME
