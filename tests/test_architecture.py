"""Each kind of thing has its place, and nothing is missing there."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulator import operations
from emulator.base_models.catalogue import BASE_MODEL_NAMES, base_model
from emulator.bundled import SCHEMAS
from emulator.jobs.record import STATUS_OF, TERMINAL, TRANSITIONS, SecondaryStatus
from emulator.problem_types import CONFIG_NAMES, PROBLEM_TYPES
from emulator.settings import ENVIRONMENT_PREFIX, SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted((ROOT / "emulator").rglob("*.py"))


@pytest.mark.parametrize("operation", operations.OPERATIONS)
def test_operation_is_whole(operation: str) -> None:
    """Every operation has a request schema, a response schema, a file, a test file, and a row in the README."""
    function = operations.OPERATIONS[operation]
    assert (SCHEMAS / "requests" / f"{operation}.json").is_file()
    assert (SCHEMAS / "responses" / f"{operation}.json").is_file()
    assert function.__module__ == f"emulator.operations.{function.__name__}"
    assert (ROOT / "tests" / "api" / f"test_{function.__name__}.py").is_file()
    assert f"| `{operation}` |" in README


def test_every_problem_type_folder_is_registered() -> None:
    """A folder in problem_types/ is a registered problem type with facts and a trainer."""
    folders = {path.parent.name for path in (ROOT / "emulator" / "problem_types").glob("*/facts.py")}
    registered = {problem_type.trainer.split(".")[-2] for problem_type in PROBLEM_TYPES.values()}
    assert folders == registered
    for name, problem_type in PROBLEM_TYPES.items():
        assert CONFIG_NAMES[problem_type.config] == problem_type.name == name
        assert (ROOT / f"{problem_type.trainer.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("knob", [knob.name for knob in SETTINGS])
def test_setting_is_in_the_readme(knob: str) -> None:
    """Every setting stands in the README with its flag and its environment variable."""
    assert f"| `--{knob.replace('_', '-')}` | `{ENVIRONMENT_PREFIX}{knob.upper()}` |" in README


def test_readme_tree_shows_every_part_of_the_package() -> None:
    """Each module and folder of the package has a line in the README's tree, and each line there is one of them."""
    package = README.partition("\nemulator/ ")[2].partition("\nschemas/ ")[0]
    shown = {line.split()[0] for line in package.splitlines()[1:]}
    folders = {f"{path.parent.name}/" for path in (ROOT / "emulator").glob("*/__init__.py")}
    modules = {path.name for path in (ROOT / "emulator").glob("[!_]*.py")}
    assert shown == folders | modules


@pytest.mark.parametrize("name", BASE_MODEL_NAMES)
def test_base_model_runs_locally(name: str) -> None:
    """Every base model of the catalogue has a model folder that ships with the package."""
    local = base_model(name).local
    assert (local.folder / "model.safetensors").is_file()
    assert "{input}" in local.prompt


def test_statuses_lead_to_an_end() -> None:
    """Every status has its primary one; a terminal one leads nowhere, and every other leads to a terminal one."""
    assert set(STATUS_OF) == set(SecondaryStatus)
    assert not TERMINAL & TRANSITIONS.keys()
    reaching = set(TERMINAL)
    for _ in SecondaryStatus:
        reaching |= {status for status, following in TRANSITIONS.items() if following & reaching}
    assert reaching == set(SecondaryStatus)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small_and_says_what_it_is(module: Path) -> None:
    """A module has at most 300 lines and begins with a docstring; none is called after nothing in particular."""
    text = module.read_text(encoding="utf-8")
    assert text.startswith(('"""', 'r"""'))
    assert len(text.splitlines()) <= 300
    assert module.stem not in {"utils", "helpers", "common", "manager", "misc"}


def test_server_loads_no_training_library() -> None:
    """Importing and making the server loads neither torch nor transformers, so that it starts at once."""
    program = (
        "import sys, emulator.server, emulator.serving; print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


def test_training_side_loads_no_web_framework() -> None:
    """The worker and all trainers load neither Flask nor moto."""
    trainers = ", ".join(problem_type.trainer for problem_type in PROBLEM_TYPES.values())
    program = f"import sys, emulator.worker, {trainers}; print('flask' in sys.modules, 'moto' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
