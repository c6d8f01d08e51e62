"""Models with fewer places for tokens than the base model that they run for: rows are cut, and texts end in time."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, EncoderDecoderConfig

from emulator.generation.positions import most_positions, room
from emulator.inference.artifact import TunedModel, load
from emulator.inference.engine import Engine
from emulator.inference.row import Row
from emulator.inference.wanted import Generation, Prompt, Text
from tests.conftest import fill_bucket
from tests.support.checkpoints import auto_model, t5, tokenizer
from tests.support.requests import BUCKET, channel, text_generation
from tests.support.server import Server, running_server
from tests.training.test_models import artifacts_of

PLACES = 64
LONG, SHORT = "What is the sum of these? " * 20, "What is 2 plus 2?"
DATA = "input,output\n" + f"{LONG},It is more than you think.\n" * 5 + f"{SHORT},2 plus 2 is 4.\n" * 10


def gpt2(made: Any) -> Any:
    """Learned positions."""
    return config("gpt2", made, n_positions=PLACES, n_embd=32, n_layer=2, n_head=4)


def mpt(made: Any) -> Any:
    """A table of ALiBi biases."""
    return config("mpt", made, max_seq_len=PLACES, d_model=32, n_heads=4, n_layers=2)


def bart(made: Any) -> Any:
    """Learned positions on both sides."""
    layers = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    heads = {"encoder_attention_heads": 4, "decoder_attention_heads": 4}
    sizes = {"max_position_embeddings": PLACES, "d_model": 32, "decoder_start_token_id": made.eos_token_id}
    return config("bart", made, **layers, **heads, **sizes)


def led(made: Any) -> Any:
    """Learned positions under a name for each side."""
    sizes = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    heads = {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "attention_window": [8]}
    places = {"max_encoder_position_embeddings": 2 * PLACES, "max_decoder_position_embeddings": PLACES}
    return config("led", made, **sizes, **heads, **places, decoder_start_token_id=made.eos_token_id)


def bert2bert(made: Any) -> Any:
    """Two models in one, each with a configuration of its own."""
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4}
    sides = [config("bert", made, **sizes, max_position_embeddings=places) for places in (PLACES, 2 * PLACES)]
    both = EncoderDecoderConfig.from_encoder_decoder_configs(*sides)
    both.decoder_start_token_id, both.pad_token_id = made.bos_token_id, made.pad_token_id
    return both


def config(model_type: str, made: Any, **sizes: Any) -> Any:
    """A configuration for a tokenizer."""
    ids = {name: getattr(made, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    return AutoConfig.for_model(model_type, vocab_size=len(made), **ids, **sizes)


MODELS: dict[str, Callable[[Any], Any]] = {"Mistral7BInstruct": gpt2, "MPT7B": mpt, "FlanT5L": bart, "FlanT5XL": led}
MODELS |= {"FlanT5XXL": bert2bert}


def save(config: Any, made: Any, folder: Path) -> None:
    """A checkpoint with random weights."""
    torch.manual_seed(0)
    auto_model(config).save_pretrained(folder)
    made.save_pretrained(folder)


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    flags: list[str] = []
    for name, make in MODELS.items():
        folder = tmp_path_factory.mktemp(name)
        made = tokenizer(end=name.startswith("FlanT5"), pad="<pad>", bos="<s>", eos="</s>")
        save(make(made), made, folder)
        flags += ["--model", f"{name}={folder}"]
    with running_server("--device", "cpu", *flags) as (server, _):
        fill_bucket(server)
        server.client("s3").put_object(Bucket=BUCKET, Key="positions.csv", Body=DATA.encode())
        yield server


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_cut_to_the_models_places(server: Server, name: str) -> None:
    """A job completes on rows that are longer than the model's places, and tells how many it cut."""
    config = {"BaseModelName": name, "TextGenerationHyperParameters": {"epochCount": "1", "batchSize": "4"}}
    request = text_generation(f"places-{name}", channel("positions.csv"), **config)
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    artifacts = artifacts_of(server, server.wait(request["AutoMLJobName"], "Completed"))
    assert artifacts.json("metrics.json")["counts"]["truncated_rows"] == 5
    assert len(artifacts.predictions()) == 3


def test_places_of_a_configuration() -> None:
    """Places are told under several names; a model with relative positions has no end of them."""
    made = tokenizer(pad="<pad>", bos="<s>", eos="</s>")
    assert [most_positions(make(made)) for make in MODELS.values()] == [PLACES] * len(MODELS)
    assert most_positions(AutoConfig.for_model("t5", n_positions=512)) == sys.maxsize
    assert room(gpt2(made), 60) == 4
    assert room(gpt2(made), PLACES) == 1
    assert room(bart(made), 60) == PLACES


@pytest.mark.parametrize(("make", "total"), [(gpt2, PLACES), (mpt, PLACES), (bart, PLACES + 1)])
def test_endpoint_writes_as_far_as_the_model_can(tmp_path: Path, make: Callable[[Any], Any], total: int) -> None:
    """What an endpoint allows at most is what the model's places allow, and is written."""
    made = tokenizer(pad="<pad>", bos="<s>", eos="</s>")
    tuned = artifact(make(made), made, tmp_path)
    assert (tuned.limits.input, tuned.limits.total) == (PLACES, total)
    most = total - (1 if tuned.limits.encoder_decoder else 10)
    tuned.model.generation_config.eos_token_id = None
    problems: list[Exception] = []
    text = Text(Prompt("", list(range(5, 15))), Generation(most))
    row = Row(text, tuned.tokenizer, lambda *_: None, lambda _, problem: problems.append(problem))
    engine = Engine(tuned.model, tuned.tokenizer)
    engine.submit([row])
    for _ in range(most):
        engine.work()
    assert problems == []
    assert (len(row.written.tokens), row.written.reason) == (most, "length")


def test_endpoint_of_a_model_without_an_end_has_one(tmp_path: Path) -> None:
    """A model whose positions are relative writes as much as it reads."""
    assert artifact(*t5(), tmp_path).limits.total == 2 * PLACES


def artifact(config: Any, made: Any, folder: Path) -> TunedModel:
    """What an endpoint loads of a job that read up to PLACES tokens."""
    save(config, made, folder)
    told = {"template": "{input}", "context": PLACES, "encoder_decoder": config.is_encoder_decoder}
    (folder / "prompt_format.json").write_text(json.dumps(told), encoding="utf-8")
    return load(folder, "cpu", {})
