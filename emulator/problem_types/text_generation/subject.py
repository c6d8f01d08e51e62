"""The model that a job fine-tunes, with all that goes with it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from emulator import errors
from emulator.base_models.catalogue import BASE_MODEL_NAMES, BaseModel, base_model
from emulator.base_models.choice import Choice
from emulator.base_models.places import cache_folder
from emulator.generation.positions import most_positions
from emulator.problem_types.problem_type import TrainingOrder
from emulator.problem_types.text_generation.facts import base_model_name
from emulator.training.batches import Batcher
from emulator.training.device import chosen_device
from emulator.training.find_model import find_model
from emulator.training.load_model import load_model, opening, preload
from emulator.training.prompts import PromptFormat
from emulator.training.sequence_packing import can_be_packed
from emulator.training.trial import try_out

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Subject:
    """A base model of the catalogue as it runs here."""

    base: BaseModel
    model: Any
    tokenizer: Any
    prompt_format: PromptFormat
    batcher: Batcher
    device: torch.device


def load_subject(config: Mapping[str, Any], order: TrainingOrder) -> Subject:
    """The model that a TextGenerationJobConfig names, or AWS's default one, as the order says. Raises JobFailure."""
    choice = Choice.of(order.models, order.model, BASE_MODEL_NAMES)
    base = base_model(base_model_name(config), choice)
    device = chosen_device(order.device)
    encoder_decoder = base.architecture == "encoder-decoder"
    folder = find_model(base.local, cache_folder(order.cache_dir))
    logger.info("%s is run by %s, from %s", base.name, base.local.origin, folder)
    model, tokenizer = load_model(folder, device, encoder_decoder=encoder_decoder)
    if base.local.source in ("folder", "hub"):  # the emulator's own are known to run
        try_out(model, base.local.origin)
    try:
        prompt_format = _prompt_format(base, model, tokenizer)
        prompt_format.encode_prompts([""], tokenizer)
    except Exception as problem:  # tokenizers has no other kind
        raise errors.model_not_loaded(
            str(folder), f"its tokenizer cannot encode the prompt of {base.name}: {problem}"
        ) from problem
    batcher = Batcher(encoder_decoder, tokenizer.pad_token_id, device, packed=can_be_packed(model))
    return Subject(base, model, tokenizer, prompt_format, batcher, device)


def _prompt_format(base: BaseModel, model: Any, tokenizer: Any) -> PromptFormat:
    """An encoder's tokenizer adds its own special tokens; before a decoder's prompt they stand in the template."""
    context = min(base.context, most_positions(model.config))
    if base.architecture == "encoder-decoder":
        return PromptFormat(base.local.prompt, context, encoder_decoder=True)
    begin = opening(tokenizer)
    template = base.local.prompt if base.local.prompt.startswith(begin) else begin + base.local.prompt
    return PromptFormat(template, context, encoder_decoder=False)


def preload_subjects() -> None:
    """Import the code of every model that a job can name."""
    for folder in {base_model(name).local.folder for name in BASE_MODEL_NAMES}:
        preload(folder)
