"""Rows to token ids: the prompt that the model reads, and the response that it is to write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.training.dataset import Row

MOST_TRUNCATED = 0.6
"""Share of rows above which the service fails the job (documented)."""


@dataclass(frozen=True)
class Example:
    """One row as token ids. `response` ends with the end-of-text token unless it was truncated."""

    prompt: list[int]
    response: list[int]
    truncated: bool


@dataclass(frozen=True)
class PromptFormat:
    """How a row becomes text: `template` holds `{input}`; `context` is the limit in tokens.

    An encoder-decoder reads prompt and response apart, each up to the limit. A decoder-only model reads them one
    after the other: a row over the limit keeps at most half of it as response, then the end of its prompt.
    """

    template: str
    context: int
    encoder_decoder: bool

    def prompt_text(self, text: str) -> str:
        """What the model reads for an input."""
        return self.template.replace("{input}", text)

    def encode(self, rows: Sequence[Row], tokenizer: Any) -> list[Example]:
        """The rows as token ids, in their order."""
        prompts = self.encode_prompts([row.input for row in rows], tokenizer)
        responses = tokenizer([row.output for row in rows], add_special_tokens=False).input_ids
        end = tokenizer.eos_token_id
        return [self._fit_in(prompt, [*response, end]) for prompt, response in zip(prompts, responses, strict=True)]

    def encode_prompts(self, inputs: Sequence[str], tokenizer: Any) -> list[list[int]]:
        """The prompts alone, as `read` has them."""
        return self.read([self.prompt_text(text) for text in inputs], tokenizer)

    def read(self, texts: Sequence[str], tokenizer: Any) -> list[list[int]]:
        """What the model reads for texts; an encoder's carry whatever special tokens its tokenizer adds.

        An encoder must read something: where its tokenizer makes nothing of a text, that is the end-of-text token.
        """
        prompts: list[list[int]] = tokenizer(list(texts), add_special_tokens=self.encoder_decoder).input_ids
        return [ids or [tokenizer.eos_token_id] if self.encoder_decoder else ids for ids in prompts]

    def _fit_in(self, prompt: list[int], response: list[int]) -> Example:
        if self.encoder_decoder:
            truncated = len(prompt) > self.context or len(response) > self.context
            return Example(_with_its_end(prompt, self.context), response[: self.context], truncated)
        if len(prompt) + len(response) <= self.context:
            return Example(prompt, response, truncated=False)
        kept = response[: max(self.context // 2, self.context - len(prompt))]
        return Example(prompt[len(kept) - self.context :], kept, truncated=True)


def _with_its_end(ids: list[int], limit: int) -> list[int]:
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]
