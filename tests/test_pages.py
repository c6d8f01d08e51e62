"""The tables of docs/: each names all that the code has, and nothing else. Links, those of the front page, too."""

import json
import re
from pathlib import Path

import pytest

from emulator.base_models.catalogue import base_model
from emulator.base_models.choice import Choice
from emulator.invocations import RUNTIME_OPERATIONS
from emulator.operations import OPERATIONS
from emulator.problem_types import CONFIG_NAMES
from emulator.problem_types.text_generation.facts import TEXT_GENERATION
from emulator.settings import ENVIRONMENT_PREFIX, SETTINGS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINKING = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *PAGES]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def page(name: str) -> str:
    """A page's text."""
    return (DOCS / name).read_text(encoding="utf-8")


def rows(name: str, heading: str) -> list[list[str]]:
    """The rows of a page's table, by the words of its first column's head; other tables may have the same."""
    tables = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page(name), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for table in tables for line in table.splitlines()]


def shown(default: object) -> str:
    """A default as the table has it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, float):
        return f"`{default:g}`"
    return f"`{default}`" if default not in {"", ()} else ""


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_configuration_has_every_setting() -> None:
    """Each setting has one row in docs/configuration.md, with its flag, its variable and its default."""
    told = [tuple(row[:3]) for row in rows("configuration.md", "flag")]
    known = [
        (f"`--{knob.name.replace('_', '-')}`", f"`{ENVIRONMENT_PREFIX}{knob.name.upper()}`", shown(knob.default))
        for knob in SETTINGS
    ]
    assert sorted(told) == sorted(known)


def test_compatibility_has_every_operation() -> None:
    """Each operation of the API has one row in docs/compatibility.md, and so has each of the runtime."""
    assert sorted(row[0] for row in rows("compatibility.md", "operation")) == sorted(f"`{name}`" for name in OPERATIONS)
    told = {row[0] for row in rows("compatibility.md", "operation of `sagemaker-runtime`")}
    assert told == {f"`{name}`" for name in (*RUNTIME_OPERATIONS, "InvokeEndpointAsync")}


def test_compatibility_has_every_problem_type() -> None:
    """Each problem type of the service model has one row."""
    told = [row[0] for row in rows("compatibility.md", "problem type")]
    assert sorted(told) == sorted(f"`{name}`" for name in CONFIG_NAMES.values())


def test_metrics_are_those_of_the_api() -> None:
    """docs/metrics.md has the seven metrics, each with its Set."""
    told = {row[0]: row[1] for row in rows("metrics.md", "`StandardMetricName`")}
    assert told == {f"`{name}`": f"`{of}`" for name, of in TEXT_GENERATION.metrics.items()}


def test_fields_of_metrics_json_are_told() -> None:
    """docs/metrics.md has a row for every field that a recorded run's metrics.json has."""
    recording = json.loads((ROOT / "fixtures" / "recordings" / "tiny-decoder.json").read_text(encoding="utf-8"))
    fields = json.loads(recording["artifacts"]["metrics.json"]["text"])
    told = {name for row in rows("metrics.md", "field") for name in re.findall(r"`(\w+)`", row[0])}
    assert told == set(fields)


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_models_are_those_that_run(size: str) -> None:
    """docs/models-and-gpu.md names what `--models` puts in place of decoder-only names."""
    (row,) = (row for row in rows("models-and-gpu.md", "`--models`") if row[0].startswith(f"`{size}`"))
    assert row[1].startswith(base_model("Falcon7BInstruct", Choice(size)).local.name)


def test_every_page_is_in_the_index() -> None:
    """docs/README.md links every page, and the README links docs/README.md."""
    assert {link for link, _ in LINK.findall(page("README.md")) if "/" not in link} == {
        file.name for file in PAGES if file.name != "README.md"
    }
    assert "(docs/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", LINKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    """Each link of a page to a file of the repository, or to a heading of one, finds it."""
    for path, anchor in LINK.findall(file.read_text(encoding="utf-8")):
        target = file.parent / path if path else file
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), anchor
