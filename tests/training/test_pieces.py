"""The pieces of a fine-tune, each against a definition of its own."""

import math
from typing import Any

import pytest
import torch

from emulator.base_models.catalogue import base_model
from emulator.generation.continuations import continuations
from emulator.problem_types.text_generation.data import EVALUATION_ROWS, MOST_ALONE, loss_batches
from emulator.training import metrics
from emulator.training.batches import Batch, Batcher, response_logits
from emulator.training.dataset import Row, split_rows
from emulator.training.fit import learning_rate_factor
from emulator.training.load_model import load_model
from emulator.training.prompts import PromptFormat
from tests.support.checkpoints import tokenizer
from tests.training.recompute import continue_prompt

CPU = torch.device("cpu")
ROWS = [
    Row("What is the plural of mouse?", "The plural of mouse is mice."),
    Row("Hi", "Hello, how are you?"),
    Row("Say yes.", "Yes."),
]


@pytest.fixture(name="loaded", scope="module", params=["Falcon7BInstruct", "FlanT5L"])
def _loaded(request: pytest.FixtureRequest) -> tuple[Any, Any, PromptFormat]:
    base = base_model(request.param)
    encoder_decoder = base.architecture == "encoder-decoder"
    model, tokenizer = load_model(base.local.folder, CPU, encoder_decoder=encoder_decoder)
    return model, tokenizer, PromptFormat(base.local.prompt, base.context, encoder_decoder)


def _labels(prompt_format: PromptFormat, batch: Batch) -> dict[str, torch.Tensor]:
    """As transformers takes them: without the name `shift_labels`, labels stand a place before what predicts them."""
    return (
        {"labels": batch.labels}
        if prompt_format.encoder_decoder
        else {"labels": batch.labels, "shift_labels": batch.labels}
    )


def test_loss_is_the_models_own(loaded: tuple[Any, Any, PromptFormat]) -> None:
    """Cross-entropy over padded batches equals what transformers computes with labels, row by row."""
    model, tokenizer, prompt_format = loaded
    batcher = Batcher(prompt_format.encoder_decoder, tokenizer.pad_token_id, CPU)
    examples = prompt_format.encode(ROWS, tokenizer)
    loss = metrics.cross_entropy(model, list(batcher.batches(examples, 2)))
    rows = [next(batcher.batches([example], 1)) for example in examples]
    with torch.no_grad():
        losses = [
            model(input_ids=batch.input_ids, **_labels(prompt_format, batch), **batch.placing).loss.item()
            * len(examples[index].response)
            for index, batch in enumerate(rows)
        ]
    assert loss.tokens == sum(len(example.response) for example in examples)
    assert loss.total == pytest.approx(sum(losses), rel=1e-5)


def test_loss_of_few_rows_of_an_encoder_decoder_is_that_of_each_by_itself() -> None:
    """Padding would round it otherwise than a reader who goes row by row; of many rows, batches are measured."""
    base = base_model("FlanT5L")
    model, tokenizer = load_model(base.local.folder, CPU, encoder_decoder=True)
    examples = PromptFormat(base.local.prompt, base.context, encoder_decoder=True).encode(ROWS, tokenizer)
    batcher = Batcher(encoder_decoder=True, pad=tokenizer.pad_token_id, device=CPU)
    alone = [metrics.cross_entropy(model, [batcher.batch([example])]).total for example in examples]
    assert metrics.cross_entropy(model, loss_batches(examples, batcher)).total == math.fsum(alone)
    assert [len(batch.input_ids) for batch in loss_batches(examples * 11, batcher)] == [EVALUATION_ROWS, 1]
    assert len(examples) <= MOST_ALONE < len(examples) * 11


def test_only_response_tokens_are_targets(loaded: tuple[Any, Any, PromptFormat]) -> None:
    """The targets of a batch are its responses, end-of-text token included, and nothing of a prompt or of padding."""
    model, tokenizer, prompt_format = loaded
    examples = prompt_format.encode(ROWS, tokenizer)
    (batch,) = Batcher(prompt_format.encoder_decoder, tokenizer.pad_token_id, CPU).batches(examples, 3)
    _, targets = response_logits(model, batch)
    assert targets.tolist() == [token for example in examples for token in example.response]
    assert tokenizer.decode(examples[0].response[:-1]) == ROWS[0].output
    assert examples[0].response[-1] == tokenizer.eos_token_id


def test_batched_generation_equals_one_at_a_time(loaded: tuple[Any, Any, PromptFormat]) -> None:
    """Padding and order change no generated text."""
    model, tokenizer, prompt_format = loaded
    inputs = [row.input for row in ROWS] + [
        "A longer question that has rather more words than the others have, has it?"
    ]
    written = continuations(model, tokenizer, prompt_format.encode_prompts(inputs, tokenizer), 12)
    alone = [continue_prompt(model, tokenizer, prompt_format.prompt_text(text), 12) for text in inputs]
    assert tokenizer.batch_decode(written, skip_special_tokens=True) == alone


def test_encoder_reads_the_end_where_there_is_nothing_else() -> None:
    """An empty input of an encoder-decoder whose tokenizer adds nothing is its end-of-text token: some are needed."""
    base = base_model("FlanT5L")
    model, _ = load_model(base.local.folder, CPU, encoder_decoder=True)
    bare = tokenizer(pad="<pad>", eos="</s>")
    examples = PromptFormat("{input}", 16, encoder_decoder=True).encode([Row("", "no input"), Row("a", "")], bare)
    assert [example.prompt for example in examples] == [[1], bare("a").input_ids]
    batcher = Batcher(encoder_decoder=True, pad=0, device=CPU)
    assert math.isfinite(metrics.cross_entropy(model, loss_batches(examples, batcher)).total)
    assert len(continuations(model, bare, [example.prompt for example in examples], 2)) == 2


def test_long_row_keeps_half_its_context_for_the_prompt(loaded: tuple[Any, Any, PromptFormat]) -> None:
    """A row over the context limit is cut to it, told as truncated, and keeps both a prompt and a response."""
    _, tokenizer, prompt_format = loaded
    small = PromptFormat(prompt_format.template, 16, prompt_format.encoder_decoder)
    (example,) = small.encode([Row("word " * 50, "answer " * 50)], tokenizer)
    assert example.truncated
    if small.encoder_decoder:
        assert (len(example.prompt), len(example.response)) == (16, 16)
    else:
        assert (len(example.prompt), len(example.response)) == (8, 8)
    (whole,) = small.encode([Row("Hi", "Ho")], tokenizer)
    assert not whole.truncated


def test_learning_rate_warms_up_and_falls_to_zero() -> None:
    """The factor rises linearly to 1 over the warm-up steps, then falls linearly, to end just above zero."""
    factors = [learning_rate_factor(step, 4, 10) for step in range(10)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[5:] == pytest.approx([5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert learning_rate_factor(0, 0, 1) == 1.0


@pytest.mark.parametrize(
    ("rows", "fraction", "held_out"), [(10, 0.2, 2), (2, 0.01, 1), (2, 0.99, 1), (1000, 0.333, 333)]
)
def test_split_is_a_partition(rows: int, fraction: float, held_out: int) -> None:
    """Every row goes to one side, in file order; neither side is empty; the seed alone decides."""
    data = [Row(str(number), "") for number in range(rows)]
    split = split_rows(data, fraction, seed=7)
    assert len(split.validation) == held_out
    assert sorted([*split.training, *split.validation], key=lambda row: int(row.input)) == data
    assert split == split_rows(data, fraction, seed=7)
    assert [int(row.input) for row in split.validation] == sorted(int(row.input) for row in split.validation)


def test_perplexity_is_the_exponential_of_the_loss() -> None:
    """Perplexity is exp(loss), and infinite where a double ends."""
    assert metrics.perplexity(2.0) == math.exp(2.0)
    assert metrics.perplexity(1000.0) == math.inf


def test_rouge_of_known_pairs() -> None:
    """Hand-counted F-measures: two of three words shared, one of two bigrams, and stems count as equal."""
    scores = metrics.rouge(["the cat sat", "running dogs"], ["the cat ran", "run dog"])
    assert scores["Rouge1"] == pytest.approx((2 / 3 + 1) / 2)
    assert scores["Rouge2"] == pytest.approx((1 / 2 + 1) / 2)
    assert scores["RougeL"] == pytest.approx((2 / 3 + 1) / 2)
