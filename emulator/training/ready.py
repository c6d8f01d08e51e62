"""What a model and its tokenizer need for our use, beyond what their folder has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import GenerationConfig

from emulator import errors

_START_WITH_PADDING = frozenset({"t5", "mt5", "umt5", "longt5", "switch_transformers"})
"""T5 and its kin were all pre-trained so."""


def drop_impossible_padding(config: Any) -> None:
    """Forget a token to pad with for which the model has no place: it was added to tokenizer and configuration alone.

    torch refuses to make embeddings for it. Padding is masked everywhere, so that no token is missed.
    """
    for part in _parts(config):
        size, pad = getattr(part, "vocab_size", None), getattr(part, "pad_token_id", None)
        if isinstance(size, int) and isinstance(pad, int) and pad >= size:
            part.pad_token_id = None


def _parts(config: Any) -> Iterator[Any]:
    """The configuration and those inside of it, of an encoder or a decoder, or of the text beside pictures."""
    yield config
    for name in config.sub_configs:
        inner = getattr(config, name, None)
        if inner is not None:
            yield from _parts(inner)


def make_ready(folder: Path, model: Any, tokenizer: Any) -> None:
    """Give the tokenizer a token to pad with, and let the model generate greedily. Raises JobFailure."""
    if tokenizer.eos_token_id is None:
        raise errors.model_not_loaded(str(folder), "its tokenizer has no end-of-text token (eos_token)")
    known = model.get_input_embeddings().num_embeddings
    lacking = _lacking(tokenizer, known)
    if lacking == [tokenizer.pad_token]:
        tokenizer.pad_token = tokenizer.eos_token
        _forget_added(tokenizer, known)
        lacking = _lacking(tokenizer, known)
    if lacking:
        raise errors.model_not_loaded(str(folder), f"its tokenizer has tokens that the model lacks: {lacking[0]}")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token  # padding is masked everywhere: which token it is changes nothing
    start = None
    if model.config.is_encoder_decoder:
        if model.config.pad_token_id is None:
            model.config.pad_token_id = tokenizer.pad_token_id  # it stands for what is masked of the decoder's labels
        start = _decoder_start(folder, model)
        if getattr(model.config, "decoder_start_token_id", None) is None:
            model.config.decoder_start_token_id = start  # training asks here
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        decoder_start_token_id=start,
    )


def _decoder_start(folder: Path, model: Any) -> int:
    """The token that a decoder's text begins after, from whichever file has it."""
    for place in (model.generation_config, model.config):
        start = getattr(place, "decoder_start_token_id", None)
        if isinstance(start, int):
            return start
    if model.config.model_type in _START_WITH_PADDING:
        pad: int = model.config.pad_token_id
        return pad
    problem = "neither its config.json nor its generation_config.json has a decoder_start_token_id"
    raise errors.model_not_loaded(str(folder), problem)


def _lacking(tokenizer: Any, known: int) -> list[str]:
    """The tokens for which a model that knows so many has no place."""
    return [token for token, number in tokenizer.get_vocab().items() if number >= known]


def _forget_added(tokenizer: Any, known: int) -> None:
    """Let a text that has the name of such an added token be encoded as any other text.

    The model would be asked for a place that it has not. A tokenizer gives no way to take a token back, so that it is
    made anew from what it stores.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return
    content = json.loads(backend.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if token["id"] < known]
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(content))
