"""What a model and its tokenizer need for our use, beyond what their folder has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transformers import GenerationConfig

from emulator import errors


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
    lacking = [token for token, number in tokenizer.get_vocab().items() if number >= known]
    if set(lacking) - {tokenizer.pad_token}:
        raise errors.model_not_loaded(str(folder), f"its tokenizer has tokens that the model lacks: {lacking[0]}")
    if tokenizer.pad_token is None or lacking:
        tokenizer.pad_token = tokenizer.eos_token  # padding is masked everywhere: which token it is changes nothing
    if model.config.is_encoder_decoder and model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id  # it stands for what is masked of the decoder's labels
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        decoder_start_token_id=model.generation_config.decoder_start_token_id,
    )
