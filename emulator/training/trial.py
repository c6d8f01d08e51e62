"""Whether a model runs at all: a few tokens through it as jobs send them, before any data is read."""

from typing import Any

import torch

from emulator import errors
from emulator.generation.greedy import decode_greedily
from emulator.generation.lone_rows import alone_above, continue_alone
from emulator.generation.out_of_memory import is_out_of_memory

_ROWS = ((1, 2), (1, 3))
"""They differ in their last token alone."""
_TOLERANCE = 1e-3


@torch.no_grad()
def try_out(model: Any, name: str) -> None:
    """Let a model read, and write two tokens. Raises JobFailure, which names it, where it cannot.

    transformers builds models of configurations that no forward pass goes through (heads that are no multiple of those
    for keys, say), and some that only look like causal language models: their loss would be that of known answers.
    """
    try:
        causal = model.config.is_encoder_decoder or _is_causal(model)
        alone = alone_above(model) == 0
        _ = continue_alone(model, _ROWS[0], 2) if alone else decode_greedily(model, _ROWS, _ROWS[0][0], 2)
    except Exception as problem:  # whatever the code of any architecture raises
        if isinstance(problem, RuntimeError) and is_out_of_memory(problem):
            raise errors.out_of_memory(str(model.device)) from problem
        words = f"{type(problem).__name__}: {problem}"
        raise errors.model_does_not_run(name, words.splitlines()[0]) from problem
    if not causal:
        raise errors.model_not_causal(name)


def _is_causal(model: Any) -> bool:
    ids = torch.tensor(_ROWS, device=model.device)
    first, second = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits[:, 0]
    return not float((first - second).abs().max()) > _TOLERANCE * float(first.abs().max())
