"""Greedy generation, many prompts at a time."""

from collections.abc import Sequence
from typing import Any

import torch

BATCH_ROWS = 64


@torch.no_grad()
def generate(model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[str]:
    """The model's most likely continuation of each prompt (token ids), in order, without special tokens.

    Prompts of like length go together, which saves padding and changes no result.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    texts = [""] * len(prompts)
    for start in range(0, len(order), BATCH_ROWS):
        chosen = order[start : start + BATCH_ROWS]
        batch = tokenizer.pad(
            {"input_ids": [list(prompts[index]) for index in chosen]}, padding_side="left", return_tensors="pt"
        ).to(model.device)
        generated = model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
        )
        if not model.config.is_encoder_decoder:
            generated = generated[:, batch["input_ids"].shape[1] :]
        for index, text in zip(chosen, tokenizer.batch_decode(generated, skip_special_tokens=True), strict=True):
            texts[index] = text
    return texts
