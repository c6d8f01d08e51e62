"""Values of settings that do not fit, however they are given."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from emulator.demo import run_demo
from emulator.settings import DECIDED_BY_DEMO, SETTINGS, Settings, from_environment, parse

ROOT = Path(__file__).parents[2]

WRONG = [
    ("port", "99999", "99999 is not between 0 and 65535"),
    ("port", "-1", "is not between 0 and 65535"),
    ("account", "12", "'12' is not twelve digits"),
    ("workers", "-2", "-2 is not -1 or more"),
    ("worker-memory", "-1", "-1 is not 0 or more"),
    ("worker-silence", "-1", "-1 is not 0 or more"),
    ("seed", "-1", "-1 is not between 0 and 4294967295"),
    ("replay-speed", "-1", "-1.0 is no finite number of 0 or more"),
    ("replay-speed", "nan", "nan is no finite number of 0 or more"),
    ("replay-speed", "inf", "inf is no finite number of 0 or more"),
    ("endpoint-idle-seconds", "-1", "-1 is not 0 or more"),
    ("s3-endpoint-url", "localhost:9000", "'localhost:9000' is no URL of the form http://HOST:PORT"),
    ("s3-endpoint-url", "http://h:99999", "'http://h:99999' is no URL of the form http://HOST:PORT"),
    ("s3-endpoint-url", "http://u:p@h:1", "'http://u:p@h:1' is no URL of the form http://HOST:PORT"),
    ("s3-endpoint-url", "http://h/path", "'http://h/path' is no URL of the form http://HOST:PORT"),
    ("s3-endpoint-url", "https://h?x=1", "'https://h?x=1' is no URL of the form http://HOST:PORT"),
    ("data-dir", "", "'' names no folder"),
    ("device", "tpu", "'tpu' is none of auto, cpu, cuda"),
]
LEAST: dict[str, Any] = {
    "port": 0,
    "workers": -1,
    "worker_memory": 0,
    "worker_silence": 0,
    "seed": 0,
    "replay_speed": 0.0,
    "endpoint_idle_seconds": 0,
}
MOST: dict[str, Any] = {"port": 65535, "seed": 2**32 - 1}
ILL_FORMED = [("port", "x", "'x' is no whole number"), ("replay-speed", "x", "'x' is no number")]


@pytest.mark.parametrize(("name", "value", "words"), WRONG + ILL_FORMED)
def test_flag_that_does_not_fit_ends_the_start(
    name: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each flag refuses what it cannot mean, and is named: nothing is cut to size or ignored."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--{name}={value}"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert f"argument --{name}: " in told
    assert words in told


@pytest.mark.parametrize(("name", "value", "words"), WRONG + ILL_FORMED)
def test_variable_that_does_not_fit_is_named(name: str, value: str, words: str) -> None:
    """The same in the environment, by the variable's name."""
    variable = "AUTOML_EMULATOR_" + name.upper().replace("-", "_")
    with pytest.raises(ValueError, match=f"^{variable}: .*{re.escape(words)}$"):
        from_environment({variable: value})


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_keyword_that_does_not_fit_is_named(name: str, value: str, words: str) -> None:
    """The same in Python, where the fixture and AutoMLEmulator take settings by their names."""
    field = name.replace("-", "_")
    typed = type(getattr(Settings(), field))(value)
    with pytest.raises(ValueError, match=f"^{field}: .*{re.escape(words)}$"):
        Settings(**{field: typed})


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        ("replay", Path("recordings"), "recordings"),
        ("data_dir", Path("/data"), "/data"),
        ("port", "4600", 4600),
        ("replay_speed", 2, 2.0),
        ("replay_speed", "2.5", 2.5),
        ("warm", "no", False),
        ("in_memory", "1", True),
        ("model", "Falcon7BInstruct=/a,b", ("Falcon7BInstruct=/a,b",)),
        ("model", ["Falcon7BInstruct=/a", "FlanT5L=/b"], ("Falcon7BInstruct=/a", "FlanT5L=/b")),
    ],
    ids=range(9),
)
def test_python_value_that_can_be_meant_is_taken(field: str, given: Any, taken: Any) -> None:
    """A path stands for its text, and text for what it says in the environment."""
    value = getattr(Settings(**{field: given}), field)
    assert (value, type(value)) == (taken, type(taken))


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("replay", 3, "3 is no text"),
        ("replay", None, "None is no text"),
        ("account", 123456789012, "123456789012 is no text"),
        ("port", "x", "'x' is no whole number"),
        ("port", 1.5, "1.5 is no whole number"),
        ("port", True, "True is no whole number"),
        ("port", None, "None is no whole number"),
        ("replay_speed", [], "[] is no number"),
        ("warm", "maybe", "'maybe' is none of"),
        ("warm", 1, "1 is no True or False"),
        ("model", 3, "3 is no list of NAME=PLACE texts"),
        ("model", [Path("a")], "is no list of NAME=PLACE texts"),
        ("model", (1,), "(1,) is no list of NAME=PLACE texts"),
    ],
    ids=range(13),
)
def test_python_value_of_another_kind_is_named(field: str, given: Any, words: str) -> None:
    """What cannot be meant is a ValueError that names the setting, and no other error later."""
    with pytest.raises(ValueError, match=f"^{field}: .*{re.escape(words)}"):
        Settings(**{field: given})


def test_defaults_and_edges_fit() -> None:
    """Every default fits its own rule, and so does each end of a range."""
    for knob in SETTINGS:
        if isinstance(knob.default, str | int | float) and not isinstance(knob.default, bool):
            assert parse(knob, str(knob.default)) == knob.default
    for ends in (LEAST, MOST):
        for name, end in ends.items():
            assert getattr(Settings(**{name: end}), name) == end
    Settings(workers=0, s3_endpoint_url="https://s3.amazonaws.com")


def test_host_that_is_unknown_is_told_of() -> None:
    """A host that does not exist is no matter of the port."""
    command = [sys.executable, "-m", "emulator", "serve", "--in-memory", "--host", "nohost.invalid"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith("Try another --host.")


@pytest.mark.parametrize("knob", DECIDED_BY_DEMO)
def test_demo_takes_no_option_that_it_would_not_heed(knob: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a demonstration decides by itself is no option of it."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", f"--{knob.replace('_', '-')}=0"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --" in capsys.readouterr().err


def test_demo_trains_whatever_the_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a server that are in the environment keep no demonstration from its end."""
    made: list[Settings] = []

    class Made(Exception):
        """Nothing is to begin."""

    def make(settings: Settings) -> None:
        made.append(settings)
        raise Made

    monkeypatch.setattr("emulator.demo.Emulator", make)
    with pytest.raises(Made):
        run_demo(Settings(workers=0, host="0.0.0.0", port=80, insecure=True, data_dir="/data", device="cpu"))  # noqa: S104
    assert made == [Settings(port=0, in_memory=True, device="cpu")]


def test_help_says_which_commands_look_at_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """The help does not promise variables for options of commands that have none."""
    with pytest.raises(SystemExit):
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "Options of serve, demo and models can be given in the environment, as AUTOML_EMULATOR_PORT" in told


def test_help_says_where_nothing_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty text as a default reads as a word, not as a gap."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "(default: none)" in told
    assert "(default: )" not in told
