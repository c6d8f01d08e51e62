"""Models that users bring: any that transformers loads, and a precise reason for any that it does not."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from emulator.errors import JobFailure
from emulator.problem_types.text_generation.subject import load_subject
from emulator.training.batches import Batcher, response_logits
from emulator.training.dataset import Row
from emulator.training.load_model import load_model, opening
from emulator.training.prompts import PromptFormat
from tests.conftest import fill_bucket
from tests.support.checkpoints import CHECKPOINTS, save_checkpoint, with_code, with_pickled_weights, without_unknown
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server
from tests.training.recompute import Artifacts, described, recompute

CPU = torch.device("cpu")
EULA = {"ModelAccessConfig": {"AcceptEula": True}}
SHORT = {"TextGenerationHyperParameters": {"epochCount": "2", "batchSize": "4", "learningRate": "0.01"}}
DATA = "input,output\n" + "".join(f"What is {n} plus {n}?,{n} plus {n} is {n + n}.\n" for n in range(30))


@pytest.fixture(scope="module", name="folders")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: save_checkpoint(name, root / name) for name in CHECKPOINTS}


@pytest.fixture(scope="module", name="broken")
def _broken(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders that cannot be used, by the base model that each is offered for."""
    root = tmp_path_factory.mktemp("broken")
    copies = {name: root / name for name in ("Dolly7B", "Dolly12B", "Falcon40B", "Llama2-7B", "Falcon40BInstruct")}
    for folder in copies.values():
        shutil.copytree(folders["Llama2-7BChat"], folder)
    with_pickled_weights(copies["Dolly7B"])
    (copies["Dolly12B"] / "tokenizer.json").unlink()
    with_code(copies["Falcon40B"], root / "trace")
    (copies["Llama2-7B"] / "config.json").unlink()
    (copies["Falcon40BInstruct"] / "model.safetensors").write_bytes(b"no tensors")
    return copies | {"MPT7BInstruct": folders["FlanT5L"], "FlanT5XL": folders["Falcon7B"], "Llama2-13B": root / "none"}


@pytest.fixture(scope="module", name="server")
def _server(
    folders: dict[str, Path], broken: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with a model of the user's for each of many base models, and a hub cache with one repository."""
    hub = tmp_path_factory.mktemp("hub")
    repository = hub / "hub" / "models--acme--tiny"
    shutil.copytree(folders["Mistral7B"], repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    places = {name: str(folder) for name, folder in (folders | broken).items()}
    places |= {"Mistral7BInstruct": "acme/tiny", "Falcon7BInstruct": "acme/none"}
    flags = [part for name, place in places.items() for part in ("--model", f"{name}={place}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(hub))
        patch.setenv("HF_HUB_OFFLINE", "1")
        with running_server("--device", "cpu", *flags) as (server, _):
            fill_bucket(server)
            server.client("s3").put_object(Bucket=BUCKET, Key="plus.csv", Body=DATA.encode())
            yield server


def run(server: Server, base_model: str, status: str) -> dict[str, Any]:
    """Run a short job for a base model to its end."""
    name = f"with-{base_model}"
    config = {"BaseModelName": base_model, **SHORT, **EULA}
    server.client("sagemaker").create_auto_ml_job_v2(**text_generation(name, channel("plus.csv"), **config))
    return server.wait(name, status)


def artifacts_of(server: Server, job: dict[str, Any]) -> Artifacts:
    """What a completed job left in S3."""
    (container,) = job["BestCandidate"]["InferenceContainers"]
    return Artifacts(server.client("s3"), container["ModelDataUrl"])


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_any_architecture_trains_and_its_metrics_can_be_recomputed(
    server: Server, folders: dict[str, Path], name: str
) -> None:
    """A checkpoint of each architecture completes a job; the artifacts give its metrics again, and say what ran."""
    job = run(server, name, "Completed")
    artifacts = artifacts_of(server, job)
    assert described(job) == pytest.approx(recompute(artifacts), abs=1e-6, rel=1e-6)
    summary = artifacts.json("metrics.json")
    assert summary["metrics"]["ValidationLoss"] < summary["metrics_before_fine_tuning"]["ValidationLoss"]
    assert summary["local_model_origin"] == f"the model in {folders[name]}"
    (container,) = job["BestCandidate"]["InferenceContainers"]
    assert container["Environment"]["AUTOML_EMULATOR_LOCAL_MODEL"] == summary["local_model"] == name
    assert f"{name} is run by the model in {folders[name]}" in artifacts.read("training.log").decode()


def test_prompt_begins_with_what_the_tokenizer_puts_there(server: Server) -> None:
    """A repository in the hub's cache runs offline; its automatic <s> stands in the prompt, its </s> does not."""
    artifacts = artifacts_of(server, run(server, "Mistral7BInstruct", "Completed"))
    assert artifacts.predictions()[0]["prompt"].startswith("<s>[INST] What is")
    assert artifacts.predictions()[0]["prompt"].endswith("[/INST]")
    assert artifacts.json("metrics.json")["local_model_origin"] == "acme/tiny of the Hugging Face hub"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dolly7B", "its weights are pickled (pytorch_model.bin), and the emulator reads safetensors only"),
        ("Dolly12B", "it has no tokenizer (tokenizer.json)"),
        ("Falcon40B", "contains custom code"),
        ("Llama2-7B", "it has no config.json"),
        ("Falcon40BInstruct", "/Falcon40BInstruct: "),
        ("Llama2-13B", "there is no such folder"),
        ("MPT7BInstruct", "its architecture is T5ForConditionalGeneration"),
        (
            "FlanT5XL",
            "its architecture is FalconForCausalLM, and this base model needs a language model that is encoder",
        ),
        ("Falcon7BInstruct", "cannot run acme/none: it is not on this machine"),
    ],
)
def test_unusable_model_fails_the_job_and_says_why(
    server: Server, broken: dict[str, Path], name: str, words: str
) -> None:
    """A model that cannot be used ends the job as Failed with a reason that names it and what is wrong."""
    reason = run(server, name, "Failed")["FailureReason"]
    assert words in reason
    if name in broken:
        assert f"The emulator cannot load a model from {broken[name]}: " in reason
    assert not (broken["Falcon40B"].parent / "trace").exists()  # no code of a model folder has run


def test_weights_that_are_no_numbers_are_told_of(folders: dict[str, Path], tmp_path: Path) -> None:
    """A base model whose weights are broken fails the job before it is trained, and learningRate is not blamed."""
    model, made = load_model(folders["Llama2-7BChat"], CPU, encoder_decoder=False)
    with torch.no_grad():
        model.get_input_embeddings().weight.fill_(float("nan"))
    model.save_pretrained(tmp_path)
    made.save_pretrained(tmp_path)
    with running_server("--device", "cpu", "--model", f"Falcon7BInstruct={tmp_path}") as (server, _):
        fill_bucket(server)
        server.client("s3").put_object(Bucket=BUCKET, Key="plus.csv", Body=DATA.encode())
        job = run(server, "Falcon7BInstruct", "Failed")
    assert "ValidationLoss is not finite before the training begins" in job["FailureReason"]
    assert "learningRate" not in job["FailureReason"]


def test_row_that_the_tokenizer_has_no_tokens_for_is_named(folders: dict[str, Path], tmp_path: Path) -> None:
    """Without a token for what it does not know, a tokenizer fails at such a row, and the reason says which it is."""
    shutil.copytree(folders["FlanT5L"], tmp_path / "t5")
    without_unknown(tmp_path / "t5")
    with running_server("--device", "cpu", "--model", f"FlanT5L={tmp_path}/t5") as (server, _):
        fill_bucket(server)
        content = "input,output\n" + DATA.partition("\n")[2] + "What is größer?,Nothing.\n" + "a,b\n"
        server.client("s3").put_object(Bucket=BUCKET, Key="plus.csv", Body=content.encode())
        reason = run(server, "FlanT5L", "Failed")["FailureReason"]
    words = f"/plus.csv, row 31: the tokenizer of the model in {tmp_path}/t5 has no token for something in it"
    assert words in reason


def test_prompt_that_the_tokenizer_has_no_tokens_for_is_the_models_fault(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    """Where the prompt around every row is what cannot be encoded, the model is refused, and no row is blamed."""
    shutil.copytree(folders["Llama2-7BChat"], tmp_path / "llama")
    without_unknown(tmp_path / "llama")
    model = [f"Llama2-7B={tmp_path}/llama"]
    order: Any = SimpleNamespace(models="tiny", model=model, device="cpu", cache_dir="auto")
    with pytest.raises(JobFailure, match="its tokenizer cannot encode the prompt of Llama2-7B: "):
        load_subject({"BaseModelName": "Llama2-7B"}, order)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_logits_are_the_models_own(folders: dict[str, Path], name: str) -> None:
    """The shortcut past the vocabulary projection gives, for every response token, what the whole model gives."""
    encoder_decoder = name == "FlanT5L"
    model, tokenizer = load_model(folders[name], CPU, encoder_decoder=encoder_decoder)
    template = "{input}" if encoder_decoder else opening(tokenizer) + "{input} "
    rows = [Row("What is 2 plus 2?", "2 plus 2 is 4."), Row("Hi", "Ho"), Row("", "no prompt but its opening")]
    examples = PromptFormat(template, 100, encoder_decoder).encode(rows, tokenizer)
    (batch,) = Batcher(encoder_decoder, tokenizer.pad_token_id, CPU).batches(examples, 3)
    with torch.no_grad():
        logits, targets = response_logits(model, batch)
        decoded = {"labels": batch.labels} if encoder_decoder else {}
        whole = model(input_ids=batch.input_ids, **decoded, **batch.placing).logits
    # The logits at a position are for the token after it; a decoder apart from its encoder is shifted by itself.
    begins = [0 if encoder_decoder else len(example.prompt) - 1 for example in examples]
    ends = [begin + len(example.response) for begin, example in zip(begins, examples, strict=True)]
    expected = torch.cat([row[begin:end] for row, begin, end in zip(whole, begins, ends, strict=True)])
    assert targets.tolist() == [token for example in examples for token in example.response]
    torch.testing.assert_close(logits, expected, atol=1e-6, rtol=1e-6)


def test_gpu_that_is_not_there_fails_the_job_by_name() -> None:
    """With --device cuda and no GPU a job fails with what to do, not with an assertion of PyTorch's."""
    with running_server("--device", "cuda", CUDA_VISIBLE_DEVICES="") as (server, _):
        fill_bucket(server)
        server.client("s3").put_object(Bucket=BUCKET, Key="plus.csv", Body=DATA.encode())
        job = run(server, "Falcon7BInstruct", "Failed")
    assert "--device cuda asks for a GPU, and PyTorch sees none here." in job["FailureReason"]
