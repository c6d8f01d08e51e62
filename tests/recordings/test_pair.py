"""A recording and the weights beside it: they belong together, whenever `record` breaks off."""

import errno
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from emulator import cli
from emulator.recordings.form import MODEL
from emulator.recordings.library import BUNDLED_FOLDER
from emulator.recordings.recorder import Recorder
from emulator.recordings.recording import Recording, digest_of, load, model_beside, save, sha256
from tests.support.server import Server


def kept(folder: Path, weights: str | None) -> tuple[Recording, Path | None]:
    """A recording of a run that came to these weights, and they in a file, to be put beside it."""
    recording = load(BUNDLED_FOLDER / "tiny-decoder.json")
    content = (weights or "not kept").encode()
    artifact = replace(recording.artifacts[MODEL], sha256=sha256(content))
    file = folder / "fetched"
    file.write_bytes(content)
    recording = replace(recording, artifacts={**recording.artifacts, MODEL: artifact})
    return recording, file if weights else None


def assert_usable(file: Path) -> None:
    """The recording can be loaded, and no weights but its own are beside it."""
    recording, model = load(file), model_beside(file)
    assert not model.exists() or digest_of(model) == recording.artifacts[MODEL].sha256


def test_weights_of_another_run_do_not_stay(tmp_path: Path) -> None:
    """What is recorded without its model is not left with that of what was recorded there before."""
    file = tmp_path / "r.json"
    save(*_arguments(tmp_path, file, "first"))
    assert model_beside(file).read_text() == "first"
    save(*_arguments(tmp_path, file, None))
    assert not model_beside(file).exists()


@pytest.mark.parametrize("step", range(6))
@pytest.mark.parametrize("weights", ["second", None])
def test_recording_that_breaks_off_leaves_a_usable_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, weights: str | None
) -> None:
    """Whichever change of the folder is the last that happens, what is there can be replayed."""
    file = tmp_path / "r.json"
    save(*_arguments(tmp_path, file, "first"))
    arguments = _arguments(tmp_path, file, weights)
    steps = count()

    def breaking(change: Callable[..., Any]) -> Callable[..., Any]:
        def one(*given: Any, **named: Any) -> Any:
            if next(steps) >= step:
                raise OSError(errno.ENOSPC, "No space left on device")
            return change(*given, **named)

        return one

    for name in ("write_bytes", "unlink", "replace"):
        monkeypatch.setattr(Path, name, breaking(getattr(Path, name)))
    with suppress(OSError):
        save(*arguments)
    monkeypatch.undo()
    assert_usable(file)


def test_model_that_cannot_be_fetched_leaves_what_there_was(
    training_server: Server, completed_job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`record` touches the pair of before when it has all of the new one, and leaves no piece of a model."""
    file = tmp_path / "r.json"
    command = ["record", completed_job["AutoMLJobName"], "-o", str(file), "--endpoint-url", training_server.url]
    cli.main([*command, "--with-model"])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(path.name for path in before) == ["r.json", "r.model.tar.gz"]
    read, models = Recorder._object, []

    def broken(recorder: Recorder, uri: str) -> Iterator[bytes]:
        models.extend([uri] if uri.endswith(MODEL) else [])
        yield from read(recorder, uri)
        if len(models) > 1:  # it is read once for its digest
            raise OSError("the connection is lost")

    monkeypatch.setattr(Recorder, "_object", broken)
    with pytest.raises(SystemExit, match="the connection is lost"):
        cli.main([*command, "--with-model", "--match-name", "other-*"])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    models.clear()
    cli.main(command)
    assert list(tmp_path.iterdir()) == [file]


def _arguments(folder: Path, file: Path, weights: str | None) -> tuple[Recording, Path, Path | None]:
    recording, model = kept(folder, weights)
    return recording, file, model
