"""Models of the Hugging Face hub, fetched with its real client from a stand-in that speaks its protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import fill_bucket
from tests.support.checkpoints import save_checkpoint
from tests.support.hub import TOKEN, Hub, hub_of
from tests.support.requests import channel, text_generation
from tests.support.server import Server, running_server
from tests.training.recompute import Artifacts, described, recompute

MODEL = "acme/small-llama"
SHORT = {"TextGenerationHyperParameters": {"epochCount": "1", "batchSize": "8"}}
UNWANTED = {"pytorch_model.bin", "modeling_llama.py", "training_args.pt"}
EULA = {"ModelAccessConfig": {"AcceptEula": True}}


@pytest.fixture(name="hub")
def _hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with one repository, in which there is more than the emulator reads."""
    save_checkpoint("Llama2-7BChat", tmp_path / "hub" / MODEL)
    for name in UNWANTED:
        (tmp_path / "hub" / MODEL / name).write_bytes(b"not wanted")
    with hub_of(tmp_path / "hub") as hub:
        yield hub


@contextmanager
def emulator(hub: Hub, cache: Path, *places: str, **environment: str) -> Iterator[Server]:
    """A server that runs models of the hub, with a cache of its own."""
    flags = [part for place in places for part in ("--model", place)]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        for name, value in (environment | {"HF_ENDPOINT": hub.url, "HF_HOME": str(cache)}).items():
            patch.setenv(name, value)
        with running_server("--device", "cpu", *flags) as (server, _):
            fill_bucket(server)
            yield server


def run(server: Server, name: str, base_model: str, status: str) -> dict[str, Any]:
    """Run a short job to its end."""
    request = text_generation(name, channel("input/facts_100.csv"), BaseModelName=base_model, **SHORT, **EULA)
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    return server.wait(name, status)


def artifacts_of(server: Server, job: dict[str, Any]) -> Artifacts:
    """What a completed job left in S3."""
    (container,) = job["BestCandidate"]["InferenceContainers"]
    return Artifacts(server.client("s3"), container["ModelDataUrl"])


def test_model_of_the_hub_is_fetched_once_and_trained(hub: Hub, tmp_path: Path) -> None:
    """The first job fetches a repository, without pickled weights and code, and the next reads it from the cache."""
    with emulator(hub, tmp_path / "cache", f"Falcon7BInstruct={MODEL}") as server:
        job = run(server, "first", "Falcon7BInstruct", "Completed")
        artifacts = artifacts_of(server, job)
        assert described(job) == pytest.approx(recompute(artifacts), abs=1e-6, rel=1e-6)
        assert artifacts.json("metrics.json")["local_model_origin"] == f"{MODEL} of the Hugging Face hub"
        assert f"fetching {MODEL} from the Hugging Face hub" in artifacts.read("training.log").decode()
        run(server, "second", "Falcon7BInstruct", "Completed")
    assert hub.sent == ["model.safetensors from 0"]
    fetched = {file.name for file in (tmp_path / "cache").rglob("snapshots/*/*")}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= fetched
    assert not fetched & UNWANTED


def test_broken_connection_is_made_good(hub: Hub, tmp_path: Path) -> None:
    """Where the connection ends in the middle of the weights they are asked for again, and the job completes."""
    hub.breaks = 2
    with emulator(hub, tmp_path / "cache", f"Falcon7BInstruct={MODEL}") as server:
        run(server, "patient", "Falcon7BInstruct", "Completed")
    assert len(hub.sent) == 3


def test_refusals_of_the_hub_are_reasons(hub: Hub, tmp_path: Path) -> None:
    """A gated repository without a token and one that does not exist fail their jobs, and say so; a token opens it."""
    hub.gated.add(MODEL)
    places = (f"Falcon7BInstruct={MODEL}", "Falcon7B=acme/nothing")
    with emulator(hub, tmp_path / "cache", *places) as server:
        gated = run(server, "gated", "Falcon7BInstruct", "Failed")["FailureReason"]
        nothing = run(server, "nothing", "Falcon7B", "Failed")["FailureReason"]
    assert f"cannot run {MODEL}: " in gated
    assert "its terms have to be accepted on its page at the hub first" in gated
    assert "cannot run acme/nothing: " in nothing
    assert "the hub has none of this name, or it is private" in nothing
    with emulator(hub, tmp_path / "cache", *places, HF_TOKEN=TOKEN) as server:
        run(server, "let-in", "Falcon7BInstruct", "Completed")


def test_hub_that_is_away_is_a_reason(hub: Hub, tmp_path: Path) -> None:
    """Where nobody answers for the hub, a job fails and says of which repository; a cached one still trains."""
    with emulator(hub, tmp_path / "cache", f"Falcon7BInstruct={MODEL}", "Falcon7B=acme/other") as server:
        run(server, "while-there", "Falcon7BInstruct", "Completed")
        hub.shutdown()
        hub.server_close()
        run(server, "from-the-cache", "Falcon7BInstruct", "Completed")
        away = run(server, "away", "Falcon7B", "Failed")["FailureReason"]
    assert "cannot run acme/other: " in away
    assert "Connection refused" in away
