"""A model's forward pass, for rows that may be at different places of their texts."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache
from transformers.modeling_outputs import BaseModelOutput

from emulator.generation.past import Past
from emulator.generation.roomy_layer import is_plain

_PLACED_BY_DISTANCE = frozenset({"t5", "mt5", "umt5", "longt5"})
"""Encoder-decoders whose decoder looks at distances alone, so that its rows need not have begun together."""
PART_TOKENS = 1_024
"""Tokens, padding included, from which on prompts are enough to be read without others of another length."""
LIKE = 0.8
"""The shorter of two prompts of like length has at least this share of the longer one's tokens."""


class Reader:
    """Reads prompts and tokens, and gives logits (B, V) of what comes next."""

    def __init__(self, model: Any, pad: int) -> None:
        self._model = model
        self._pad = pad
        self._encoder_decoder: bool = model.config.is_encoder_decoder
        # Models that place tokens by ALiBi take no positions: theirs follow from the mask.
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters
        self.device: torch.device = model.device
        self.ends = _end_tokens(model)
        """The tokens that end a text."""

    def can_join(self, past: Past) -> bool:
        """Whether other rows can be put to these."""
        return past.can_join and (not self._encoder_decoder or self._model.config.model_type in _PLACED_BY_DISTANCE)

    def read(self, prompts: Sequence[Sequence[int]]) -> tuple[Past, Tensor]:
        """Read prompts of new rows; many of them in parts, where those can be joined, which saves padding."""
        parts = _of_like_length(prompts)
        if len(parts) == 1 or not self._has_plain_cache():
            return self._read_together(prompts)
        past, logits = self._read_together(parts[0])
        if not past.can_join:
            return self._read_together(prompts)
        rest = [self._read_together(part) for part in parts[1:]]
        past.join([other for other, _ in rest])
        return past, torch.cat([logits, *(more for _, more in rest)])

    def _read_together(self, prompts: Sequence[Sequence[int]]) -> tuple[Past, Tensor]:
        ids, mask = self._padded(prompts)
        if self._encoder_decoder:
            encoded = self._model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
            past = Past(mask[:, :0], None, encoded, mask)
            logits = self.follow(past, ids.new_full((len(prompts),), self._start))
        else:
            past = Past(mask, None)
            logits = self._decode(past, ids, (mask.cumsum(dim=1) - 1).clamp(min=0))
        past.make_room()
        return past, logits

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

    def _has_plain_cache(self) -> bool:
        """Whether the cache is plain rows of columns, as far as the configuration tells before anything is read."""
        return is_plain(DynamicCache(config=self._model.config.get_text_config(decoder=True)).layers)

    def _padded(self, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Prompts as one tensor, and the mask of what is none of the padding.

        A decoder's are padded on the left: every row's next token is then predicted in the last column. An encoder's
        are padded on the right: many have learned positions, and count columns from the left whatever the mask says.
        """
        longest = max(len(prompt) for prompt in prompts)

        def padded(row: Sequence[int], value: int) -> list[int]:
            padding = [value] * (longest - len(row))
            return [*row, *padding] if self._encoder_decoder else [*padding, *row]

        ids = torch.tensor([padded(prompt, self._pad) for prompt in prompts], device=self.device)
        mask = torch.tensor([padded([1] * len(prompt), 0) for prompt in prompts], device=self.device)
        return ids, mask

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


def _end_tokens(model: Any) -> frozenset[int]:
    ends = model.generation_config.eos_token_id
    return frozenset([] if ends is None else [ends] if isinstance(ends, int) else ends)


def _of_like_length(prompts: Sequence[Sequence[int]]) -> list[Sequence[Sequence[int]]]:
    """The prompts in their order, in parts within which padding is little, or the tokens are few."""
    parts = []
    begin, longest = 0, len(prompts[0])
    for end, prompt in enumerate(prompts):
        alike = LIKE * longest <= len(prompt) <= longest / LIKE
        if (end - begin) * longest >= PART_TOKENS and not alike:
            parts.append(prompts[begin:end])
            begin, longest = end, 0
        longest = max(longest, len(prompt))
    return [*parts, prompts[begin:]]
