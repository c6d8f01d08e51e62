"""A tuned model from S3 to memory."""

import json
import logging
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator import errors
from emulator.generation.positions import most_positions
from emulator.inference.form import Limits
from emulator.inference.long_text import beginning, ending
from emulator.inference.order import ServingOrder
from emulator.inference.wanted import Prompt
from emulator.s3.client import S3
from emulator.storage.archive import gather_model, unpack_model
from emulator.training.device import chosen_device
from emulator.training.load_model import load_model, opening
from emulator.training.prompts import PromptFormat

DEFAULT_NEW_TOKENS = 256
"""For an artifact whose generation configuration has no limit."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TunedModel:
    """A model of an artifact, with how it was tuned to be asked."""

    model: Any
    tokenizer: Any
    prompt_format: PromptFormat
    limits: Limits

    def encode(self, text: str, most: int | None = None) -> Prompt:
        """What the model reads for a text, whether it is a prompt already or what belongs into one."""
        prompt = self._as_prompt(text)
        if most is not None:
            return Prompt(text, ending(prompt, most, self._ids))
        ids, whole = beginning(prompt, self.limits.input, self._ids)
        return Prompt(text, ids, whole=whole)

    def _ids(self, text: str) -> list[int]:
        (ids,) = self.prompt_format.read([text], self.tokenizer)
        return ids

    def _as_prompt(self, text: str) -> str:
        """A text in the template that the job tuned the model with, unless it has that form already."""
        before, _, after = self.prompt_format.template.partition("{input}")
        begin = "" if self.prompt_format.encoder_decoder else opening(self.tokenizer)
        for candidate in (text, begin + text):
            if (before or after) and candidate.startswith(before) and candidate.endswith(after):
                return candidate
        return self.prompt_format.prompt_text(text)


def fetch(order: ServingOrder, s3: S3) -> TunedModel:
    """Download an artifact, unpack it and load it; the files are gone afterwards. Raises EndpointFailure."""
    uri, folder = order.model_data_url, Path(order.folder) / "model"
    if not uri:
        raise errors.model_not_ours(uri, "there is nothing to load")
    try:
        chosen_device(order.device)
    except errors.JobFailure as problem:
        raise errors.serving_unavailable(str(problem).removeprefix("AlgorithmError: ")) from problem
    try:
        _download(order, s3, folder)
        return load(folder, order.device, order.environment)
    except errors.JobFailure as problem:
        raise errors.model_not_ours(uri, str(problem).replace(str(folder), uri)) from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _download(order: ServingOrder, s3: S3, folder: Path) -> None:
    """The files of an artifact, in a folder that is made for them. Raises EndpointFailure and JobFailure."""
    uri, archive = order.model_data_url, Path(order.folder) / "model.tar.gz"
    try:
        if order.uncompressed:
            names = s3.names(uri)
        else:
            s3.download(uri, archive)
    except (errors.JobFailure, ValueError) as problem:
        archive.unlink(missing_ok=True)
        raise errors.model_data_not_downloaded(uri, str(problem)) from problem
    try:
        if order.uncompressed:
            gather_model(names, folder, s3.download, name=uri)
        else:
            unpack_model(archive, folder, name=uri)
    finally:
        archive.unlink(missing_ok=True)


def load(folder: Path, device: str, environment: Mapping[str, str]) -> TunedModel:
    """The model in an unpacked artifact. Raises JobFailure."""
    prompt_format = _prompt_format(folder)
    model, tokenizer = load_model(folder, chosen_device(device), encoder_decoder=prompt_format.encoder_decoder)
    return TunedModel(model, tokenizer, prompt_format, _limits(folder, prompt_format, model, environment))


def _prompt_format(folder: Path) -> PromptFormat:
    content = _json(folder / "prompt_format.json")
    fits = {"template": str, "context": int, "encoder_decoder": bool}
    if not all(isinstance(content.get(name), kind) for name, kind in fits.items()) or "{input}" not in str(
        content.get("template")
    ):
        raise errors.data_fault("prompt_format.json", None, f"it must have {', '.join(fits)}")
    return PromptFormat(content["template"], content["context"], content["encoder_decoder"])


def _limits(folder: Path, prompt_format: PromptFormat, model: Any, environment: Mapping[str, str]) -> Limits:
    """Those of the job, and of the container's environment where it sets lower ones, under TGI's names."""
    new = _json(folder / "generation_config.json").get("max_new_tokens")
    new = new if isinstance(new, int) and new > 0 else DEFAULT_NEW_TOKENS
    return Limits(
        input=min(prompt_format.context, _number(environment, "MAX_INPUT_LENGTH")),
        total=min(_places(prompt_format, model), _number(environment, "MAX_TOTAL_TOKENS")),
        new=new,
        encoder_decoder=prompt_format.encoder_decoder,
    )


def _places(prompt_format: PromptFormat, model: Any) -> int:
    """As many as the fine-tune's predictions could take, or twice the context where the model itself has no end."""
    places = most_positions(model.config)
    if places == sys.maxsize:
        return 2 * prompt_format.context
    # An encoder-decoder's text has all of them; the token that it begins with is counted beside it.
    return places + 1 if prompt_format.encoder_decoder else places


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isdecimal() and int(text) > 0 else 2**31


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise errors.data_fault(file.name, None, f"it is missing or no JSON ({type(problem).__name__})") from problem
    return content if isinstance(content, dict) else {}
