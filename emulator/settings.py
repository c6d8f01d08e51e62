"""Every knob once: name, default and help. The command line, the environment and the README derive from here."""

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

ENVIRONMENT_PREFIX = "AUTOML_EMULATOR_"

_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Rule:
    """What a value has to be: whether it is, and how to say that it is not."""

    holds: Callable[[Any], object]
    complaint: str


def _within(least: int, most: int | None = None) -> Rule:
    if most is None:
        return Rule(lambda value: value >= least, f"is not {least} or more")
    return Rule(lambda value: least <= value <= most, f"is not between {least} and {most}")


_SPEED = Rule(lambda value: 0 <= value < math.inf, "is no finite number of 0 or more")
_ACCOUNT = Rule(re.compile("[0-9]{12}").fullmatch, "is not twelve digits")
_FOLDER = Rule(bool, "names no folder")
_URL_OR_NONE = Rule(lambda text: not text or _is_url_of_a_server(text), "is no URL of the form http://HOST:PORT")


def _is_url_of_a_server(text: str) -> bool:
    try:
        url = urlsplit(text)
        fits = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0 and url.username is None
    except ValueError:  # a port that is none
        return False
    return fits and url.path in {"", "/"} and not (url.query or url.fragment or re.search(r"\s", text))


def _knob(default: Any, text: str, choices: tuple[str, ...] = (), rule: Rule | None = None) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices, "rule": rule})


@dataclass(frozen=True)
class Settings:
    """What a user can set; each field's metadata holds its help text and its choices."""

    host: str = _knob("127.0.0.1", "address to listen on")
    port: int = _knob(4599, "port to listen on; 0 takes a free one", rule=_within(0, 65535))
    account: str = _knob("123456789012", "account id in every ARN", rule=_ACCOUNT)
    workers: int = _knob(
        -1,
        "jobs that train at the same time; -1 is one for each GPU, or one; 0 leaves all waiting",
        rule=_within(-1),
    )
    worker_memory: int = _knob(
        0, "MiB that a worker may take; 0 is nine tenths of the machine's or container's memory", rule=_within(0)
    )
    worker_silence: int = _knob(
        120,
        "seconds without a sign of life after which a worker is taken to hang and killed; 0 is never",
        rule=_within(0),
    )
    device: str = _knob("auto", "where training runs; auto takes CUDA when there is one", ("auto", "cpu", "cuda"))
    seed: int = _knob(42, "seed of the data split and of the fine-tune", rule=_within(0, 2**32 - 1))
    worker_start: str = _knob(
        "auto",
        "how a worker process begins: forked from a warm process, or fresh; auto forks on Linux",
        ("auto", "fork", "fresh"),
    )
    models: str = _knob(
        "tiny", "what runs in place of the base models: tiny, small or the real ones", ("tiny", "small", "full")
    )
    model: tuple[str, ...] = _knob(
        (), "NAME=FOLDER or NAME=REPOSITORY: what runs in place of one base model; may be given several times"
    )
    cache_dir: str = _knob(
        "auto", "folder for converted models; auto is automl-emulator in $XDG_CACHE_HOME or in ~/.cache"
    )
    warm: bool = _knob(True, "start the process that training forks from at once, rather than with the first fine-tune")
    replay: str = _knob(
        "", "folder of recorded jobs that answer creates in place of training; bundled takes those that ship"
    )
    replay_speed: float = _knob(
        0.0, "how fast a recorded job is replayed: 1 as it went, 2 twice as fast, 0 at once", rule=_SPEED
    )
    reuse_results: bool = _knob(
        False, "answer a job whose data, model, hyperparameters and seed were run before from the stored run"
    )
    endpoint_idle_seconds: int = _knob(
        900, "how long the model of an endpoint stays loaded that nobody invokes; 0 is for ever", rule=_within(0)
    )
    data_dir: str = _knob(".automl-emulator", "folder in which jobs and S3 objects outlast the server", rule=_FOLDER)
    in_memory: bool = _knob(False, "keep nothing on disk: jobs and S3 objects end with the server")
    s3_endpoint_url: str = _knob(
        "", "URL of another S3 to use in place of the one inside, with your own credentials", rule=_URL_OR_NONE
    )
    require_auth: bool = _knob(False, "refuse whatever is not signed with a key of the credentials file")
    credentials_file: str = _knob(
        "", "access keys for --require-auth, in the form of AWS's shared credentials file; every profile counts"
    )
    insecure: bool = _knob(False, "listen where other machines can reach the port, and let all of them in")

    def __post_init__(self) -> None:
        for knob in SETTINGS:
            try:
                value = _converted(knob, getattr(self, knob.name))
                _judge(knob, value)
            except ValueError as problem:
                raise ValueError(f"{knob.name}: {problem}") from None
            object.__setattr__(self, knob.name, value)  # as dataclasses have it for frozen ones


SETTINGS: tuple[Field[Any], ...] = fields(Settings)

DECIDED_BY_DEMO: Mapping[str, Any] = {
    "host": "127.0.0.1",
    "port": 0,
    "workers": -1,  # its one job is to train
    "data_dir": ".automl-emulator",
    "in_memory": True,
    "s3_endpoint_url": "",
    "require_auth": False,
    "credentials_file": "",
    "insecure": False,
}
"""What `automl-emulator demo` gives these knobs, whatever a user may have set for his server."""


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The knobs that `environ` sets, as `AUTOML_EMULATOR_PORT=4599` and so on.

    Raises ValueError, naming the variable, where a value does not fit.
    """
    found = {}
    for knob in SETTINGS:
        variable = ENVIRONMENT_PREFIX + knob.name.upper()
        if variable in environ:
            try:
                found[knob.name] = parse(knob, environ[variable])
            except ValueError as problem:
                raise ValueError(f"{variable}: {problem}") from problem
    return found


def parse(knob: Field[Any], text: str) -> Any:
    """`text` as this knob's type. Raises ValueError where it does not fit."""
    value = _CONVERTERS[type(knob.default)](text)
    _judge(knob, value)
    return value


def _converted(knob: Field[Any], value: Any) -> Any:
    """A Python value as this knob's type: text is read as it is in the environment. Raises ValueError."""
    kind = type(knob.default)
    if isinstance(value, os.PathLike) and kind is str:
        value = os.fspath(value)
    if isinstance(value, str) and kind is not str:
        return _CONVERTERS[kind](value)
    if kind is tuple and isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or kind is tuple or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{value!r} is no {_NAMES[kind]}")
    return value


def _judge(knob: Field[Any], value: Any) -> None:
    choices, rule = knob.metadata["choices"], knob.metadata["rule"]
    if choices and value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    if rule and not rule.holds(value):
        raise ValueError(f"{value!r} {rule.complaint}")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


def _truth(text: str) -> bool:
    try:
        return _TRUTHS[text.lower()]
    except KeyError:
        raise ValueError(f"{text!r} is none of {', '.join(_TRUTHS)}") from None


def _items(text: str) -> tuple[str, ...]:
    """NAME=VALUE items with commas between them; a comma that no other item follows belongs to the value."""
    return tuple(re.split(r",(?=[\w-]+=)", text)) if text else ()


_NAMES: dict[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "True or False",
    tuple: "list of NAME=PLACE texts",
}
_CONVERTERS: dict[type, Callable[[str], Any]] = {str: str, int: _whole, float: _number, bool: _truth, tuple: _items}
