"""A model folder to a model and its tokenizer, and back."""

import json
import logging
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

logger = logging.getLogger(__name__)

transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def load_model(folder: Path, device: torch.device, *, encoder_decoder: bool) -> tuple[Any, Any]:
    """The model in fp32 on the device, in evaluation mode, and its tokenizer. Loads safetensors only, no code."""
    kind = AutoModelForSeq2SeqLM if encoder_decoder else AutoModelForCausalLM
    model: Any = kind.from_pretrained(folder, dtype=torch.float32, use_safetensors=True, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    logger.info("loaded %s, %d parameters", folder.name, model.num_parameters())
    return model.to(device).eval(), tokenizer


def preload(folder: Path) -> None:
    """Import the code of the model in a folder, which transformers leaves to the first load."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for architecture in config["architectures"]:
        getattr(transformers, architecture)


def save_model(model: Any, tokenizer: Any, folder: Path, max_new_tokens: int) -> None:
    """A folder that transformers loads: safetensors, tokenizer, and a generation configuration with the limit used."""
    model.generation_config.max_new_tokens = max_new_tokens
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
