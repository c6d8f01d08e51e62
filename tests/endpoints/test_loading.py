"""Models that cannot begin to be loaded: whoever asks is told at once, and the next one finds a new attempt."""

import errno
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator import errors
from emulator.endpoints.processes import ServedModel, ServingProcesses, Surroundings
from emulator.endpoints.serving import Invocation, ModelToServe
from emulator.s3.access import S3Access

ASKED = Invocation(b"{}", "application/json", "", streaming=False, seconds=5)


def refuse(order_file: str, log_file: str) -> Any:  # noqa: ARG001 - of the protocol
    """An executor that is reached, and starts nothing."""
    raise errors.JobFailure("reached")


@pytest.fixture(name="scratch")
def _scratch(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "scratch"


@pytest.fixture(name="served")
def _served(scratch: Path) -> Iterator[ServedModel]:
    """A model whose process is never started."""
    surroundings = Surroundings(refuse, S3Access("http://127.0.0.1:1", "test", "test"), "cpu", scratch)
    with closing(ServingProcesses(surroundings, idle_seconds=0)) as processes:
        yield processes.open("us-east-1", "endpoint", "AllTraffic", ModelToServe("model", "s3://b/k", "image", {}))


def test_a_process_without_a_folder_hangs_nobody(served: ServedModel, scratch: Path) -> None:
    """Where no folder can be made for a process, each caller is told so at once, until one can."""
    scratch.parent.mkdir()
    scratch.write_bytes(b"in the way")
    with pytest.raises(errors.EndpointFailure, match=r"cannot serve models here: .*File exists"):
        served.start()
    for _ in range(2):
        with pytest.raises(errors.ContainerError, match=r"could not be loaded again: .*File exists") as refused:
            served.invoke(ASKED)
        assert refused.value.status == 503
    scratch.unlink()
    with pytest.raises(errors.ContainerError, match="reached"):
        served.invoke(ASKED)


def test_folders_that_were_cleaned_away_are_made_anew(served: ServedModel, scratch: Path) -> None:
    """The place of all processes' folders may be gone when the next one begins."""
    with pytest.raises(errors.EndpointFailure, match="reached"):
        served.start()
    assert scratch.is_dir()


def test_what_the_system_refuses_is_no_defect(served: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that ends for want of files or space is a model that could not be loaded, as a caller hears it."""

    def exhausted(_: str) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("emulator.endpoints.process.address_in", exhausted)
    with pytest.raises(errors.ContainerError, match=r"could not be loaded again: .*Too many open files") as refused:
        served.invoke(ASKED)
    assert refused.value.status == 503
