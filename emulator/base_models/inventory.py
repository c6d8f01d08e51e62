"""All that is known of each base model, and of what runs in its place: `automl-emulator models --json`."""

import json
from pathlib import Path
from typing import Any

from emulator.base_models.catalogue import BASE_MODEL_NAMES, base_model
from emulator.base_models.choice import Choice
from emulator.base_models.folder import count_parameters
from emulator.base_models.places import on_disk
from emulator.base_models.table import state


def inventory(choice: Choice, cache: Path) -> str:
    """A JSON list with an object for each base model."""
    return json.dumps([_facts(name, choice, cache) for name in BASE_MODEL_NAMES], indent=2, ensure_ascii=False)


def _facts(name: str, choice: Choice, cache: Path) -> dict[str, Any]:
    base = base_model(name, choice)
    folder = on_disk(base.local, cache)
    return {
        "base_model_name": name,
        "jumpstart_id": base.jumpstart,
        "most_rows": base.rows,
        "context_tokens": base.context,
        "architecture": base.architecture,
        "container": base.image,
        "eula": base.eula,
        "repository": base.repository,
        "local_model": {
            "name": base.local.name,
            "source": base.local.source,
            "place": base.local.place,
            "on_disk": state(base.local, folder),
            "folder": None if folder is None else str(folder),
            "parameters": count_parameters(folder) if folder else None,
            "licence": base.local.licence,
            "prompt": base.local.prompt,
            "hyperparameters": base.local.hyperparameters,
        },
    }
