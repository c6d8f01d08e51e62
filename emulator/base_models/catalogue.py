"""The base models: AWS's names with their limits, and the model that runs locally in place of each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from emulator.bundled import FIXTURES

Architecture = Literal["decoder-only", "encoder-decoder"]


@dataclass(frozen=True)
class LocalModel:
    """A model folder on this machine that transformers loads.

    `prompt` is what the model reads, with `{input}` for the row's input; `hyperparameters` are the defaults.
    """

    name: str
    folder: Path
    prompt: str
    architecture: Architecture
    hyperparameters: dict[str, float]


@dataclass(frozen=True)
class BaseModel:
    """One BaseModelName: row limit over all files and channels, context limit in tokens, and its container."""

    name: str
    jumpstart: str
    rows: int
    context: int
    architecture: Architecture
    image: str
    eula: bool
    local: LocalModel


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))


BASE_MODEL_NAMES: tuple[str, ...] = tuple(_content()["models"])
DEFAULT_BASE_MODEL: str = _content()["default"]


def base_model(name: str) -> BaseModel:
    """The base model of that name. Raises KeyError for a name that is not on the list."""
    facts = dict(_content()["models"][name])
    image = _content()["containers"][facts.pop("container")]
    local = _content()["local"][facts["architecture"]]
    return BaseModel(
        name=name,
        image=image,
        eula=facts.pop("eula", False),
        local=LocalModel(
            name=local["folder"],
            folder=FIXTURES / "base_models" / local["folder"],
            prompt=local["prompt"],
            architecture=facts["architecture"],
            hyperparameters=local["hyperparameters"],
        ),
        **facts,
    )
