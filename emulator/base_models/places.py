"""Where on this machine a model is, if it is: nothing is fetched or made."""

import os
from importlib import metadata
from pathlib import Path

from emulator.base_models.catalogue import SMALL_MODEL_PACKAGE, LocalModel

CONVERSION = 1
"""Counts the ways in which the small model has been converted: another way makes another folder."""

HUB_FILES = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
"""What is fetched of a repository: weights as safetensors only, and no code."""


def cache_folder(setting: str) -> Path:
    """The folder for a value of the setting `cache_dir`."""
    if setting != "auto":
        return Path(setting).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "automl-emulator"


def on_disk(local: LocalModel, cache: Path) -> Path | None:
    """The folder from which transformers can load the model now."""
    match local.source:
        case "hub":
            return _in_hub_cache(local.place)
        case "package":
            folder = converted_folder(local, cache)
        case _:
            folder = local.folder
    return folder if folder.is_dir() else None


def packaged_weights() -> Path | None:
    """The file of the small model's package; the package itself is never imported."""
    try:
        files = metadata.distribution(SMALL_MODEL_PACKAGE).files or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.suffix == ".gguf"), None)


def converted_folder(local: LocalModel, cache: Path) -> Path:
    """Where the small model is kept once it is converted."""
    return cache / f"{local.name.lower()}-{CONVERSION}"


def _in_hub_cache(repository: str) -> Path | None:
    try:
        from huggingface_hub import errors, snapshot_download
    except ImportError:
        return None
    try:
        return Path(snapshot_download(repository, local_files_only=True, allow_patterns=list(HUB_FILES)))
    except (errors.LocalEntryNotFoundError, errors.HFValidationError):
        return None
