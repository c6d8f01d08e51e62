"""A model folder before it is loaded: whether it is whole, what it is, and how many parameters it has. No torch."""

import json
import math
from pathlib import Path
from typing import Any

from emulator import errors

WEIGHTS = "model.safetensors"
SENTENCEPIECE = ("tokenizer.model", "spiece.model")
TOKENIZERS = ("tokenizer.json", "vocab.json", "vocab.txt", *SENTENCEPIECE)
JSON_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
ADAPTER = "adapter_config.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
LARGEST_HEADER = 100_000_000  # the format's own limit
LENGTH_BYTES = 8

_HEADS = {
    "decoder-only": ("ForCausalLM", "LMHead", "ForConditionalGeneration", "Decoder"),
    "encoder-decoder": ("ForConditionalGeneration", "EncoderDecoder", "MTModel", "ForTextToText"),
}
"""What is in the names of transformers' language models of each kind; those that read pictures too are ambiguous."""


def check_folder(folder: Path) -> None:
    """Whether a folder has all of a model, with its weights as safetensors, none cut short. Raises JobFailure."""
    if not folder.is_dir():
        raise errors.model_folder_missing(str(folder))
    if (folder / ADAPTER).is_file():
        raise errors.model_with_adapter(str(folder), ADAPTER)
    if not (folder / "config.json").is_file():
        raise errors.model_file_missing(str(folder), "config.json")
    missing = [file.name for file in weight_files(folder) if not file.is_file()]
    if missing:
        pickles = [file.name for pattern in PICKLES for file in sorted(folder.glob(pattern))]
        if missing == [WEIGHTS] and pickles:
            raise errors.model_only_pickled(str(folder), pickles[0])
        raise errors.model_file_missing(str(folder), missing[0])
    if tokenizer_file(folder) is None:
        raise errors.model_file_missing(str(folder), "tokenizer (tokenizer.json)")
    _check_contents(folder)


def tokenizer_file(folder: Path) -> str | None:
    """The name of the file that a tokenizer is made from, by which one is read first."""
    return next((name for name in TOKENIZERS if (folder / name).is_file()), None)


def is_whole(folder: Path) -> bool:
    """Whether `check_folder` finds nothing amiss."""
    try:
        check_folder(folder)
    except errors.JobFailure:
        return False
    return True


def fits(folder: Path, architecture: str) -> bool:
    """Whether the configuration does not name a model of another kind than that, decoder-only or encoder-decoder.

    transformers knows better; its tables are asked when the model is loaded (load_model).
    """
    config = _json(folder / "config.json", folder)
    named = config.get("architectures")
    if not (isinstance(named, list) and named):
        return True
    both_sides = config.get("is_encoder_decoder")
    contradicted = isinstance(both_sides, bool) and both_sides is (architecture == "decoder-only")
    return any(head in str(named[0]) for head in _HEADS[architecture]) and not contradicted


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights, there or not: the one, or those that the index names."""
    index = folder / f"{WEIGHTS}.index.json"
    if (folder / WEIGHTS).is_file() or not index.is_file():
        return [folder / WEIGHTS]
    try:
        return [folder / name for name in sorted(set(_json(index, folder)["weight_map"].values()))]
    except (KeyError, AttributeError, TypeError):
        raise errors.model_file_broken(str(folder), index.name, "it has no weight_map of file names") from None


def count_parameters(folder: Path) -> int | None:
    """The numbers in the weights, from the headers of the files alone; None where they cannot be read."""
    try:
        headers = [_header(file) for file in weight_files(folder)]
        tensors = [header[name] for header in headers for name in header if name != "__metadata__"]
        sizes: list[int] = [math.prod(tensor["shape"]) for tensor in tensors]
        return sum(sizes)
    except (OSError, ValueError, KeyError, TypeError, errors.JobFailure):
        return None


def _check_contents(folder: Path) -> None:
    for name in JSON_FILES:
        if (folder / name).is_file():
            _json(folder / name, folder)
    named = _json(folder / "config.json", folder).get("architectures")
    if named is not None and not (isinstance(named, list) and all(isinstance(name, str) for name in named)):
        raise errors.model_file_broken(str(folder), "config.json", "its architectures are no list of names")
    for file in weight_files(folder):
        _check_length(file, folder)


def _check_length(file: Path, folder: Path) -> None:
    """Whether a file of weights has as many bytes as its header tells of, as one of a broken download has not."""
    try:
        header = _header(file)
        tensors = [header[name] for name in header if name != "__metadata__"]
        told = max([tensor["data_offsets"][1] for tensor in tensors], default=0)
        with file.open("rb") as content:
            told += LENGTH_BYTES + int.from_bytes(content.read(LENGTH_BYTES), "little")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise errors.model_file_broken(str(folder), file.name, "it has no whole header of safetensors") from None
    found = file.stat().st_size
    if found != told:
        problem = f"it has {found} bytes, where its header tells of {told}"
        raise errors.model_file_broken(str(folder), file.name, problem)


def _header(file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        length = int.from_bytes(content.read(LENGTH_BYTES), "little")
        header: dict[str, Any] = json.loads(content.read(min(length, LARGEST_HEADER)))
        return header


def _json(file: Path, folder: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise errors.model_file_broken(str(folder), file.name, f"it is no JSON: {problem}") from None
    if not isinstance(content, dict):
        raise errors.model_file_broken(str(folder), file.name, "it is no JSON object")
    return content
