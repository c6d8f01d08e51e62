"""Greedy decoding of many prompts at once: the most likely token, and again, until each row has ended.

It writes what transformers' `generate` writes for a model whose generation configuration asks for nothing but the most
likely token, as `load_model` makes it. A row that has ended leaves the batch, and nothing but the model's own
forward pass is paid per token, which for a small model is a fraction of what `generate` takes.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from emulator.training.columns import are_plain, without_padding
from emulator.training.positions import most_positions, room


class _Reader(Protocol):
    """A model that has read prompts: gives logits (B, V) of the next token, and forgets rows that have ended."""

    def read(self) -> Tensor: ...

    def follow(self, tokens: Tensor) -> Tensor: ...

    def keep(self, rows: Tensor) -> None: ...


@torch.no_grad()
def decode_greedily(model: Any, prompts: Sequence[Sequence[int]], pad: int, max_new_tokens: int) -> list[list[int]]:
    """What the model writes after each prompt, as token ids; a row's end-of-text token is its last.

    A row ends, too, where the model has no further position.
    """
    ids, mask = padded_prompts(prompts, pad, model)
    reader: _Reader = (_EncoderDecoder if model.config.is_encoder_decoder else _DecoderOnly)(model, ids, mask)
    written = ids.new_full((len(prompts), max_new_tokens), pad)
    lengths = ids.new_zeros(len(prompts))
    limits = ids.new_tensor([min(max_new_tokens, room(model.config, len(prompt))) for prompt in prompts])
    alive = torch.arange(len(prompts), device=model.device)
    ends = _end_tokens(model)
    tokens = reader.read().argmax(dim=-1)
    for step in range(max_new_tokens):
        written[alive, step] = tokens
        lengths[alive] = step + 1
        going_on = (~torch.isin(tokens, ends) & (limits[alive] > step + 1)).nonzero()[:, 0]
        if len(going_on) == 0:
            break
        if len(going_on) < len(alive):
            alive, tokens = alive[going_on], tokens[going_on]
            reader.keep(going_on)
        tokens = reader.follow(tokens).argmax(dim=-1)
    return [row[:length] for row, length in zip(written.tolist(), lengths.tolist(), strict=True)]


def padded_prompts(prompts: Sequence[Sequence[int]], pad: int, model: Any) -> tuple[Tensor, Tensor]:
    """Prompts as one tensor for a model, and the mask of what is none of the padding.

    A decoder's are padded on the left: every row's next token is then predicted in the last column. An encoder's are
    padded on the right: many have learned positions, and count columns from the left whatever the mask says.
    """
    longest = max(len(prompt) for prompt in prompts)
    right = model.config.is_encoder_decoder

    def padded(row: Sequence[int], value: int) -> list[int]:
        padding = [value] * (longest - len(row))
        return [*row, *padding] if right else [*padding, *row]

    ids = torch.tensor([padded(prompt, pad) for prompt in prompts], device=model.device)
    mask = torch.tensor([padded([1] * len(prompt), 0) for prompt in prompts], device=model.device)
    return ids, mask


def _end_tokens(model: Any) -> Tensor:
    ends = model.generation_config.eos_token_id
    listed = [] if ends is None else [ends] if isinstance(ends, int) else list(ends)
    return torch.tensor(listed, dtype=torch.long, device=model.device)


class _DecoderOnly:
    """Prompt and text are one sequence."""

    def __init__(self, model: Any, ids: Tensor, mask: Tensor) -> None:
        self._model = model
        self._ids = ids
        self._mask = mask
        self._cache: Any = None
        self._places = most_positions(model.config)
        # Models that place tokens by ALiBi take no positions: theirs follow from the mask.
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters

    def read(self) -> Tensor:
        return self._forward(self._ids, (self._mask.cumsum(dim=1) - 1).clamp(min=0))

    def follow(self, tokens: Tensor) -> Tensor:
        if self._mask.shape[1] >= self._places and are_plain(self._cache.layers):
            # Some look places up by column (MPT, GPT-Neo): rows that have left may have been all that was so long.
            self._mask = without_padding(self._mask, self._cache.layers)
        self._mask = torch.nn.functional.pad(self._mask, (0, 1), value=1)
        return self._forward(tokens[:, None], self._mask.sum(dim=1, keepdim=True) - 1)

    def keep(self, rows: Tensor) -> None:
        self._mask = self._mask[rows]
        self._cache.batch_select_indices(rows)

    def _forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        placed = {"position_ids": positions} if self._takes_positions else {}
        output = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
            **placed,
        )
        self._cache = output.past_key_values
        logits: Tensor = output.logits[:, -1]
        return logits


class _EncoderDecoder:
    """The prompt is read once by the encoder; the text begins with the decoder's start token."""

    def __init__(self, model: Any, ids: Tensor, mask: Tensor) -> None:
        self._model = model
        self._mask = mask
        self._encoded: Tensor = model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        self._cache: Any = None

    def read(self) -> Tensor:
        start = self._model.generation_config.decoder_start_token_id
        return self.follow(self._mask.new_full((len(self._mask),), start))

    def follow(self, tokens: Tensor) -> Tensor:
        output = self._model(
            encoder_outputs=BaseModelOutput(last_hidden_state=self._encoded),
            attention_mask=self._mask,
            decoder_input_ids=tokens[:, None],
            past_key_values=self._cache,
            use_cache=True,
        )
        self._cache = output.past_key_values
        logits: Tensor = output.logits[:, -1]
        return logits

    def keep(self, rows: Tensor) -> None:
        self._mask = self._mask[rows]
        self._encoded = self._encoded[rows]
        self._cache.batch_select_indices(rows)
