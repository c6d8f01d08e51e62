"""Every knob once: name, default and help. The command line, the environment and the README derive from here."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

ENVIRONMENT_PREFIX = "AUTOML_EMULATOR_"

_TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _knob(default: Any, text: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """What a user can set; each field's metadata holds its help text and its choices."""

    host: str = _knob("127.0.0.1", "address to listen on")
    port: int = _knob(4599, "port to listen on; 0 takes a free one")
    account: str = _knob("123456789012", "account id in every ARN")
    workers: int = _knob(-1, "jobs that train at the same time; -1 is one for each GPU, or one; 0 leaves all waiting")
    worker_memory: int = _knob(0, "MiB that a worker may take; 0 is nine tenths of the machine's or container's memory")
    worker_silence: int = _knob(
        120, "seconds without a sign of life after which a worker is taken to hang and killed; 0 is never"
    )
    device: str = _knob("auto", "where training runs; auto takes CUDA when there is one", ("auto", "cpu", "cuda"))
    seed: int = _knob(42, "seed of the data split and of the fine-tune")
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
    replay_speed: float = _knob(0.0, "how fast a recorded job is replayed: 1 as it went, 2 twice as fast, 0 at once")
    reuse_results: bool = _knob(
        False, "answer a job whose data, model, hyperparameters and seed were run before from the stored run"
    )
    endpoint_idle_seconds: int = _knob(
        900, "how long the model of an endpoint stays loaded that nobody invokes; 0 is for ever"
    )
    data_dir: str = _knob(".automl-emulator", "folder in which jobs and S3 objects outlast the server")
    in_memory: bool = _knob(False, "keep nothing on disk: jobs and S3 objects end with the server")
    s3_endpoint_url: str = _knob("", "URL of another S3 to use in place of the one inside, with your own credentials")
    require_auth: bool = _knob(False, "refuse whatever is not signed with a key of the credentials file")
    credentials_file: str = _knob(
        "", "access keys for --require-auth, in the form of AWS's shared credentials file; every profile counts"
    )
    insecure: bool = _knob(False, "listen where other machines can reach the port, and let all of them in")

    def __post_init__(self) -> None:
        if self.s3_endpoint_url and not re.match(r"https?://[^/\s]+", self.s3_endpoint_url):
            raise ValueError(f"s3_endpoint_url: {self.s3_endpoint_url!r} is no URL of the form http://HOST:PORT")


SETTINGS: tuple[Field[Any], ...] = fields(Settings)


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
    to_type = _CONVERTERS.get(type(knob.default), type(knob.default))
    value = to_type(text)
    choices = knob.metadata["choices"]
    if choices and value not in choices:
        raise ValueError(f"{text!r} is none of {', '.join(choices)}")
    return value


def _truth(text: str) -> bool:
    try:
        return _TRUTHS[text.lower()]
    except KeyError:
        raise ValueError(f"{text!r} is none of {', '.join(_TRUTHS)}") from None


def _items(text: str) -> tuple[str, ...]:
    """NAME=VALUE items with commas between them; a comma that no other item follows belongs to the value."""
    return tuple(re.split(r",(?=[\w-]+=)", text)) if text else ()


_CONVERTERS: dict[type, Callable[[str], Any]] = {bool: _truth, tuple: _items}
