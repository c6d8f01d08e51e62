"""A model of the catalogue to its folder on this machine: found, converted or fetched."""

import logging
from pathlib import Path

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from emulator import errors
from emulator.base_models.catalogue import SMALL_MODEL_PACKAGE, LocalModel
from emulator.base_models.folder import is_whole
from emulator.base_models.places import HUB_FILES, converted_folder, on_disk, packaged_weights

logger = logging.getLogger(__name__)


def find_model(local: LocalModel, cache: Path) -> Path:
    """The model's folder, which may still lack files. Raises JobFailure where there is none."""
    folder = on_disk(local, cache)
    match local.source:
        case "hub":
            return folder if folder and (is_whole(folder) or constants.HF_HUB_OFFLINE) else _fetch(local.place)
        case "package":
            return folder or _convert(converted_folder(local, cache))
        case _:
            return folder or local.folder


def _convert(folder: Path) -> Path:
    weights = packaged_weights()
    if weights is None:
        raise errors.small_model_not_installed(SMALL_MODEL_PACKAGE)
    try:
        from emulator.training.convert_model import convert
    except ImportError as problem:
        raise errors.small_model_not_installed(problem.name or str(problem)) from None
    logger.info("converting %s, once", weights.name)
    convert(weights, folder)
    return folder


def _fetch(repository: str) -> Path:
    if constants.HF_HUB_OFFLINE:
        raise errors.model_not_fetched(repository, "HF_HUB_OFFLINE is set.")
    logger.info("fetching %s from the Hugging Face hub", repository)
    try:
        return Path(snapshot_download(repository, allow_patterns=list(HUB_FILES)))
    except Exception as problem:  # whatever the hub's client and the HTTP client beneath it raise
        raise errors.model_not_fetched(repository, _why(problem)) from problem


def _why(problem: Exception) -> str:
    """What to do where that is known; the hub's client writes its own words for programs, over many lines."""
    match problem:
        case GatedRepoError():
            return (
                "its terms have to be accepted on its page at the hub first; then set HF_TOKEN to a token of that user."
            )
        case RepositoryNotFoundError():
            return "the hub has none of this name, or it is private: then set HF_TOKEN to a token that may read it."
        case _:
            return " ".join(str(problem).split()) or type(problem).__name__
