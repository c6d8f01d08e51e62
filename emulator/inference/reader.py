"""A model's forward pass, for rows that may be at different places of their texts."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from emulator.inference.past import Past
from emulator.training.greedy import padded_prompts

_PLACED_BY_DISTANCE = frozenset({"t5", "mt5", "umt5", "longt5"})
"""Encoder-decoders whose decoder looks at distances alone, so that its rows need not have begun together."""


class Reader:
    """Reads prompts and tokens, and gives logits (B, V) of what comes next."""

    def __init__(self, model: Any, pad: int) -> None:
        self._model = model
        self._pad = pad
        self._encoder_decoder: bool = model.config.is_encoder_decoder
        # Models that place tokens by ALiBi take no positions: theirs follow from the mask.
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters
        self.device: torch.device = model.device

    def can_join(self, past: Past) -> bool:
        """Whether other rows can be put to these."""
        return past.can_join and (not self._encoder_decoder or self._model.config.model_type in _PLACED_BY_DISTANCE)

    def read(self, prompts: Sequence[Sequence[int]]) -> tuple[Past, Tensor]:
        """Read prompts of new rows."""
        ids, mask = padded_prompts(prompts, self._pad, self._model)
        if not self._encoder_decoder:
            past = Past(mask, None)
            return past, self._decode(past, ids, (mask.cumsum(dim=1) - 1).clamp(min=0))
        encoded = self._model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        past = Past(mask[:, :0], None, encoded, mask)
        return past, self.follow(past, ids.new_full((len(prompts),), self._start))

    def read_before(self, prompt: Sequence[int]) -> list[int]:
        """What the decoder reads before it writes: the prompt, or the token with which an encoder-decoder begins."""
        return [self._start] if self._encoder_decoder else list(prompt)

    @property
    def _start(self) -> int:
        token: int = self._model.generation_config.decoder_start_token_id
        return token

    def follow(self, past: Past, tokens: Tensor) -> Tensor:
        """Read one more token of each row."""
        past.mask = torch.nn.functional.pad(past.mask, (0, 1), value=1)
        if self._encoder_decoder:
            return self._decode_beside_encoder(past, tokens)
        return self._decode(past, tokens[:, None], past.mask.sum(dim=1, keepdim=True) - 1)

    def all_logits(self, prompt: Sequence[int]) -> Tensor:
        """Logits (T, V) after each token of one prompt, of a decoder."""
        logits: Tensor = self._model(input_ids=torch.tensor([list(prompt)], device=self.device)).logits[0]
        return logits

    def _decode(self, past: Past, ids: Tensor, positions: Tensor) -> Tensor:
        placed = {"position_ids": positions} if self._takes_positions else {}
        output = self._model(
            input_ids=ids,
            attention_mask=past.mask,
            past_key_values=past.cache,
            use_cache=True,
            logits_to_keep=1,
            **placed,
        )
        past.cache = output.past_key_values
        logits: Tensor = output.logits[:, -1]
        return logits

    def _decode_beside_encoder(self, past: Past, tokens: Tensor) -> Tensor:
        output = self._model(
            encoder_outputs=BaseModelOutput(last_hidden_state=past.encoded),
            attention_mask=past.encoded_mask,
            decoder_input_ids=tokens[:, None],
            decoder_attention_mask=past.mask,
            past_key_values=past.cache,
            use_cache=True,
        )
        past.cache = output.past_key_values
        logits: Tensor = output.logits[:, -1]
        return logits
