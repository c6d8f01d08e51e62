"""Files that are no recordings: told at load in one sentence, whatever is wrong, and nothing that comes later."""

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.recordings import files
from emulator.recordings.library import BUNDLED_FOLDER
from emulator.recordings.recording import load
from emulator.serving import Emulator
from emulator.settings import Settings
from emulator.testing import ControlRefused, RunningEmulator

GOOD = (BUNDLED_FOLDER / "tiny-decoder.json").read_text(encoding="utf-8")
NO_RECORDING = "it is no recording of format 1: "
Change = Callable[[dict[str, Any]], object]


def without(*path: str) -> Change:
    """A change that takes a member away."""

    def change(content: dict[str, Any]) -> None:
        for name in path[:-1]:
            content = content[name]
        del content[path[-1]]

    return change


def with_member(value: Any, *path: str | int) -> Change:
    """A change that gives a member another value."""

    def change(content: Any) -> None:
        for name in path[:-1]:
            content = content[name]
        content[path[-1]] = value

    return change


BROKEN: list[tuple[Change, str]] = [
    (with_member(2, "format"), "format: 1 was expected"),
    (with_member({}, "request"), "request: 'AutoMLProblemTypeConfig' is a required property"),
    (with_member({}, "request", "AutoMLProblemTypeConfig"), "request.AutoMLProblemTypeConfig: {} "),
    (with_member({"MyJobConfig": {}}, "request", "AutoMLProblemTypeConfig"), "request.AutoMLProblemTypeConfig: "),
    (with_member({"TabularJobConfig": {}}, "request", "AutoMLProblemTypeConfig"), "it has a candidate of Tabular"),
    (with_member(float("nan"), "candidate", "metrics", "Rouge1"), "it is no JSON"),
    (with_member(float("-inf"), "candidate", "metrics", "Rouge1"), "it is no JSON"),
    (with_member(10**400, "candidate", "metrics", "Rouge1"), "candidate.metrics.Rouge1: "),
    (without("candidate", "metrics", "Rouge1"), "its candidate lacks the metrics Rouge1"),
    (with_member([[]], "walk"), "walk.0: "),
    (with_member([["Completed", 1, 2]], "walk"), "walk.0: "),
    (with_member([["Flying", 1]], "walk"), "walk.0.0: 'Flying' is not one of"),
    (with_member([["AnalyzingData", 1]], "walk"), "its walk has no end: the last status is AnalyzingData"),
    (with_member([["Completed", 1]], "walk"), "its walk goes from Starting to Completed, which no job does"),
    (with_member([["AnalyzingData", 2], ["Failed", 1]], "walk"), "its walk enters Failed before AnalyzingData"),
    (with_member([["Failed", 1]], "walk"), "it ends in Failed without a failure_reason"),
    (without("candidate"), "it ends in Completed without a candidate"),
    (without("artifacts", "loss_history.json"), "its candidate lacks the artifacts loss_history.json"),
    (
        without("artifacts", "validation_predictions.jsonl", "text"),
        "its candidate lacks the text of validation_predictions.jsonl",
    ),
    (with_member("[]", "artifacts", "metrics.json", "text"), "its metrics.json is no JSON object"),
    (with_member('{"a": NaN}', "artifacts", "metrics.json", "text"), "its metrics.json is no JSON object"),
    (with_member("\ud800", "candidate", "image"), "it is no JSON"),
    (with_member(["x" * 10_000], "job"), "is not of type 'string'"),
]


@pytest.fixture(scope="module", name="emulator")
def _emulator() -> Iterator[RunningEmulator]:
    with Emulator(Settings(port=0, in_memory=True, workers=0, warm=False)) as running:
        emulator = RunningEmulator(running.url)
        yield emulator
        emulator.close()


def changed(change: Change) -> str:
    """The text of a good recording after a change."""
    content = json.loads(GOOD)
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(("change", "words"), BROKEN, ids=range(len(BROKEN)))
def test_content_that_could_not_be_replayed_is_refused_at_load(tmp_path: Path, change: Change, words: str) -> None:
    """Whatever a replay would miss, or could not send, is one sentence of bounded length when the file is read."""
    (tmp_path / "broken.json").write_text(changed(change), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^it is no recording") as caught:
        load(tmp_path / "broken.json")
    told = str(caught.value)
    assert NO_RECORDING in told
    assert words in told
    assert len(told) < 400
    assert "\n" not in told


def packed(content: bytes) -> bytes:
    """A gzip file with a fault in its middle."""
    good = gzip.compress(content)
    return good[: len(good) // 2] + bytes(20) + good[len(good) // 2 + 20 :]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b""),
        ("a.json", GOOD.encode()[:1000]),
        ("a.json", b"[]"),
        ("a.json", b"[" * 100_000),
        ("a.json", b"\xff\xfe"),
        ("a.json", b'{"format": ' + b"[" * 900 + b"]" * 900 + b"}"),
        ("a.json.gz", GOOD.encode()),
        ("a.json.gz", packed(GOOD.encode())),
        ("a.json.gz", gzip.compress(GOOD.encode(), mtime=0)[:-100]),
        ("a.json.gz", b""),
    ],
    ids=range(10),
)
def test_file_that_is_no_recording_is_refused_by_page_and_at_start(
    emulator: RunningEmulator, tmp_path: Path, name: str, content: bytes
) -> None:
    """The page answers 400 and a server does not start, with the file and the same sentence."""
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ControlRefused, match=f"{file}: it is no recording"):
        emulator.outcomes.replay(recording=str(file))
    with pytest.raises(ValueError, match=f"{file}: it is no recording"):
        Emulator(Settings(port=0, in_memory=True, replay=str(tmp_path)))


def test_packed_recording_may_have_several_members(tmp_path: Path) -> None:
    """A gzip file is read to its end, as other programs do."""
    middle = len(GOOD) // 2
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(GOOD[:middle].encode()) + gzip.compress(GOOD[middle:].encode()))
    assert load(tmp_path / "a.json.gz").job == "tiny-decoder"


def test_neither_a_device_nor_a_pipe_is_read(emulator: RunningEmulator, tmp_path: Path) -> None:
    """What is no regular file is refused at once, and holds nobody else up."""
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    began = time.monotonic()
    for name in ("zero.json", "pipe.json", "folder.json"):
        with pytest.raises(ControlRefused, match=f"{name}: it is no recording: it is no regular file"):
            emulator.outcomes.replay(recording=str(tmp_path / name))
    with pytest.raises(ControlRefused, match="/dev/zero: a recording is a file that ends in"):
        emulator.outcomes.replay(recording="/dev/zero")
    assert time.monotonic() - began < 5
    assert emulator.outcomes.list() == []


def test_size_has_a_limit_packed_or_not(emulator: RunningEmulator, tmp_path: Path) -> None:
    """A huge file is not read, and one that unpacks to something huge is not unpacked."""
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(2**40)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(bytes(files.LARGEST + 1)))
    for name in ("a.json", "b.json.gz"):
        with pytest.raises(ControlRefused, match="it is larger than the 64 MiB that a recording may have"):
            emulator.outcomes.replay(recording=str(tmp_path / name))


def test_slow_file_holds_nobody_up(emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one recording is read from a disk that takes its time, another one is found."""
    for name in ("slow", "quick"):
        (tmp_path / f"{name}.json").write_text(GOOD, encoding="utf-8")

    def slowly(file: Path) -> Any:
        if file.name == "slow.json":
            time.sleep(2)
        return load(file)

    monkeypatch.setattr("emulator.recordings.library.load", slowly)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(emulator.outcomes.replay, recording=str(tmp_path / "slow.json"))
        time.sleep(0.2)
        emulator.outcomes.replay(recording=str(tmp_path / "quick.json"))
        assert not slow.done()
    emulator.outcomes.clear()


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "/a\0b.json", "\ud800", "/\ud800.json"], ids=range(5))
def test_name_that_no_file_can_have_is_refused(emulator: RunningEmulator, name: str) -> None:
    """What the system cannot look for is not there."""
    url = f"{emulator.endpoint_url}/_emulator/outcomes"
    answer = requests.post(url, json={"replay": name}, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_missing_recording_is_told_with_each_place_once(emulator: RunningEmulator) -> None:
    """The folders that were looked in are named once each, and who gave a path learns how to."""
    for name, hint in (
        ("nope", ""),
        ("recordings/nope.json", "; give a file of another folder with its absolute path"),
    ):
        with pytest.raises(ControlRefused) as caught:
            emulator.outcomes.replay(recording=name)
        assert str(caught.value) == f"there is no recording {name!r} in {BUNDLED_FOLDER}{hint}"
