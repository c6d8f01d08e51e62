"""A model folder to a model and its tokenizer, and back."""

import json
import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
from transformers.conversion_mapping import get_checkpoint_conversion_mapping
from transformers.models.auto import modeling_auto

from emulator import errors
from emulator.base_models.folder import SENTENCEPIECE, check_folder, tokenizer_file
from emulator.generation.out_of_memory import is_out_of_memory
from emulator.training.ready import drop_impossible_padding, make_ready

_FOR_PROGRAMS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError)
"""Exceptions whose words say little without their kind."""

_NO_CODE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}

logger = logging.getLogger(__name__)

transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def load_model(folder: Path, device: torch.device, *, encoder_decoder: bool) -> tuple[Any, Any]:
    """The model in fp32 on the device, in evaluation mode, and its tokenizer. Loads safetensors only, no code.

    Both are made ready for our use: the tokenizer has a token to pad with, and the model generates greedily up to the
    tokenizer's end-of-text token. Raises JobFailure.
    """
    check_folder(folder)
    config = _loaded(folder, "its configuration cannot be read", AutoConfig)
    _check_architecture(folder, config, encoder_decoder)
    drop_impossible_padding(config)
    _check_sentencepiece(folder)
    tokenizer = _loaded(folder, "its tokenizer cannot be loaded", AutoTokenizer)
    kind = AutoModelForSeq2SeqLM if encoder_decoder else AutoModelForCausalLM
    model, notes = _loaded(
        folder,
        "its weights cannot be loaded as its config.json says",
        kind,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # they are in the notes then, where the exception would not name them
    )
    if notes["mismatched_keys"]:
        raise errors.model_weights_do_not_fit(str(folder), *min(notes["mismatched_keys"]))
    if notes["missing_keys"]:
        raise errors.model_not_loaded(str(folder), f"its weights lack {min(notes['missing_keys'])}")
    make_ready(folder, model, tokenizer)
    logger.info("loaded %s, %d parameters", folder.name, model.num_parameters())
    return model.to(device).eval(), tokenizer


def opening(tokenizer: Any) -> str:
    """The special tokens that a tokenizer puts before every text by itself, as text: most often none, or `<s>`."""
    plain: list[int] = tokenizer("a", add_special_tokens=False).input_ids
    ids: list[int] = tokenizer("a").input_ids
    starts = [start for start in range(len(ids)) if ids[start : start + len(plain)] == plain]
    return "".join(tokenizer.convert_ids_to_tokens(ids[: starts[0]])) if starts else ""


def preload(folder: Path) -> None:
    """Import a model's code and transformers' conversion table, which are left to the first load otherwise."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    get_checkpoint_conversion_mapping(config["model_type"])  # type: ignore[no-untyped-call]
    for architecture in config["architectures"]:
        getattr(transformers, architecture)


def save_model(model: Any, tokenizer: Any, folder: Path, max_new_tokens: int) -> None:
    """A folder that transformers loads: safetensors, tokenizer, and a generation configuration with the limit used."""
    model.generation_config.max_new_tokens = max_new_tokens
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _loaded(folder: Path, fault: str, kind: Any, **options: Any) -> Any:
    """What transformers makes of a folder. What it raises at one that it cannot load is of any kind (tokenizers')."""
    try:
        return kind.from_pretrained(folder, **_NO_CODE, **options)
    except Exception as problem:
        if _is_the_machines(problem):
            raise
        raise errors.model_not_loaded(str(folder), f"{fault}: {_told(problem)}") from problem


def _is_the_machines(problem: Exception) -> bool:
    """Whether it is memory or disk that ended, which is no fault of the folder."""
    if isinstance(problem, RuntimeError):
        return is_out_of_memory(problem)
    return isinstance(problem, MemoryError) or errors.is_disk_full(problem)


def _told(problem: Exception) -> str:
    """The first line of an exception's words, the second too where it leads to it; its kind where it needs it."""
    first, *others = str(problem).strip().splitlines() or [""]
    told = f"{first} {others[0].strip()}" if first.endswith(":") and others else first
    return told if told and not isinstance(problem, _FOR_PROGRAMS) else f"{type(problem).__name__}: {told}"


def _check_sentencepiece(folder: Path) -> None:
    """What transformers says where it cannot read sentencepiece's own file is of another package (tiktoken)."""
    form = tokenizer_file(folder)
    if form in SENTENCEPIECE and not all(map(_is_installed, ("sentencepiece", "google.protobuf"))):
        raise errors.model_needs_sentencepiece(str(folder), form)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even what it is inside of
        return False


def _check_architecture(folder: Path, config: Any, encoder_decoder: bool) -> None:
    """The weights' own architecture must be the one that transformers would load: it takes encoders for decoders."""
    classes = (
        modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
        if encoder_decoder
        else modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    )
    fitting = classes.get(config.model_type, "")
    named = (config.architectures or [fitting or config.model_type])[0]
    if named.lower() != fitting.lower():  # MPT's own configurations write MPTForCausalLM
        raise errors.model_does_not_fit(str(folder), named, "encoder-decoder" if encoder_decoder else "decoder-only")
