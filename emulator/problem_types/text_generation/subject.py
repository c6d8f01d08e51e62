"""The model that a job fine-tunes, with all that goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from emulator.base_models.catalogue import BASE_MODEL_NAMES, BaseModel, base_model
from emulator.problem_types.text_generation.facts import base_model_name
from emulator.training.batches import Batcher
from emulator.training.device import chosen_device
from emulator.training.load_model import load_model, preload
from emulator.training.prompts import PromptFormat


@dataclass(frozen=True)
class Subject:
    """A base model of the catalogue as it runs here."""

    base: BaseModel
    model: Any
    tokenizer: Any
    prompt_format: PromptFormat
    batcher: Batcher
    device: torch.device


def load_subject(config: Mapping[str, Any], device_setting: str) -> Subject:
    """The model that a TextGenerationJobConfig names, or AWS's default one."""
    base = base_model(base_model_name(config))
    device = chosen_device(device_setting)
    encoder_decoder = base.architecture == "encoder-decoder"
    model, tokenizer = load_model(base.local.folder, device, encoder_decoder=encoder_decoder)
    prompt_format = PromptFormat(base.local.prompt, base.context, encoder_decoder)
    return Subject(
        base, model, tokenizer, prompt_format, Batcher(encoder_decoder, tokenizer.pad_token_id, device), device
    )


def preload_subjects() -> None:
    """Import the code of every model that a job can name."""
    for folder in {base_model(name).local.folder for name in BASE_MODEL_NAMES}:
        preload(folder)
