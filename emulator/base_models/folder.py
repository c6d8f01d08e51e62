"""A model folder before it is loaded: whether it is whole, and how many parameters it has. No torch."""

import json
import math
from pathlib import Path
from typing import Any

from emulator import errors

WEIGHTS = "model.safetensors"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt")
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
LARGEST_HEADER = 100_000_000  # the format's own limit


def check_folder(folder: Path) -> None:
    """Whether a folder has all of a model, with its weights as safetensors. Raises JobFailure."""
    if not folder.is_dir():
        raise errors.model_folder_missing(str(folder))
    if not (folder / "config.json").is_file():
        raise errors.model_file_missing(str(folder), "config.json")
    missing = [file.name for file in weight_files(folder) if not file.is_file()]
    if missing:
        pickles = [file.name for pattern in PICKLES for file in sorted(folder.glob(pattern))]
        if missing == [WEIGHTS] and pickles:
            raise errors.model_only_pickled(str(folder), pickles[0])
        raise errors.model_file_missing(str(folder), missing[0])
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise errors.model_file_missing(str(folder), "tokenizer (tokenizer.json)")


def is_whole(folder: Path) -> bool:
    """Whether `check_folder` finds nothing amiss."""
    try:
        check_folder(folder)
    except errors.JobFailure:
        return False
    return True


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights, there or not: the one, or those that the index names."""
    index = folder / f"{WEIGHTS}.index.json"
    if (folder / WEIGHTS).is_file() or not index.is_file():
        return [folder / WEIGHTS]
    return [folder / name for name in sorted(set(_json(index, folder)["weight_map"].values()))]


def count_parameters(folder: Path) -> int | None:
    """The numbers in the weights, from the headers of the files alone; None where they cannot be read."""
    try:
        headers = [_header(file) for file in weight_files(folder)]
        tensors = [header[name] for header in headers for name in header if name != "__metadata__"]
        sizes: list[int] = [math.prod(tensor["shape"]) for tensor in tensors]
        return sum(sizes)
    except (OSError, ValueError, KeyError, TypeError, errors.JobFailure):
        return None


def _header(file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        length = int.from_bytes(content.read(8), "little")
        header: dict[str, Any] = json.loads(content.read(min(length, LARGEST_HEADER)))
        return header


def _json(file: Path, folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise errors.model_not_loaded(str(folder), f"{file.name} is no JSON: {problem}") from None
    return content
