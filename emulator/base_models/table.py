"""The table that `automl-emulator models` prints: what runs in place of each base model."""

from collections.abc import Sequence
from pathlib import Path

from emulator.base_models.catalogue import BASE_MODEL_NAMES, LocalModel, base_model
from emulator.base_models.choice import Choice
from emulator.base_models.folder import count_parameters, fits, is_whole
from emulator.base_models.places import on_disk, packaged_weights

HEAD = ("BaseModelName", "runs", "from", "on disk", "parameters", "licence")
UNKNOWN = "-"


def table(choice: Choice, cache: Path) -> str:
    """One line for each base model, in columns."""
    lines = [HEAD]
    for name in BASE_MODEL_NAMES:
        local = base_model(name, choice).local
        folder = on_disk(local, cache)
        parameters = count_parameters(folder) if folder else None
        lines.append(
            (
                name,
                local.name,
                _origin(local),
                state(local, folder),
                UNKNOWN if parameters is None else f"{parameters:,}",
                local.licence or UNKNOWN,
            )
        )
    return _aligned(lines)


def state(local: LocalModel, folder: Path | None) -> str:
    """Whether a model is on disk: yes, no, or what else there is to say in few words."""
    if folder is None:
        if local.source == "package":
            return "not converted yet" if packaged_weights() else "not installed"
        return "no"
    if not is_whole(folder):
        return "incomplete"
    return "yes" if fits(folder, local.architecture) else "does not fit"


def _origin(local: LocalModel) -> str:
    """Where it is from; the user's own folder in full."""
    match local.source:
        case "bundled":
            return "this package"
        case "package":
            return f"package {local.place}"
        case "folder":
            return local.place
        case _:
            return "Hugging Face hub"


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(line.rstrip() for line in padded)
