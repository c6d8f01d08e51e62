"""The access keys that requests may be signed with, from a file in the form of AWS's shared credentials."""

import configparser
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ID, _SECRET, _TOKEN = "aws_access_key_id", "aws_secret_access_key", "aws_session_token"  # names of members, no secrets


@dataclass(frozen=True)
class Key:
    """An access key; one with a token is good only together with it. Neither secret shows when it is printed."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def read_keys(file: Path) -> dict[str, Key]:
    """The keys of all profiles in a file, by their ids.

    Raises ValueError, with the file's name and none of its content.
    """
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ValueError(f"cannot read {file}: {problem.strerror}") from None
    except (configparser.Error, UnicodeDecodeError):
        raise ValueError(f"{file} is not in the form of AWS's shared credentials file") from None
    keys = [_key(file, name, parser[name]) for name in parser.sections()]
    if not keys:
        raise ValueError(f"{file} has no access key")
    return {key.id: key for key in keys}


def new_key() -> Key:
    """A key that nobody knows yet, for the emulator's own workers."""
    return Key("EMULATOR" + secrets.token_hex(8).upper(), secrets.token_urlsafe(32))


def _key(file: Path, profile: str, members: Mapping[str, str]) -> Key:
    missing = [name for name in (_ID, _SECRET) if not members.get(name)]
    if missing:
        raise ValueError(f"{file} has no {missing[0]} in [{profile}]")
    return Key(members[_ID], members[_SECRET], members.get(_TOKEN) or None)
