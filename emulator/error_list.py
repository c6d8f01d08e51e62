"""The list of every error and every FailureReason, as `automl-emulator errors` and docs/errors.md have it."""

import inspect
from dataclasses import dataclass
from typing import Any, get_type_hints

from rich.console import Console
from rich.table import Table
from rich.text import Text

from emulator.errors import (
    CATALOGUE,
    CONSTRAINT_PHRASES,
    TGI_RULES,
    ApiError,
    CatalogueEntry,
    ContainerError,
    EndpointFailure,
    JobFailure,
)

HEAD = """\
Every error that a caller of the emulator can meet, written by `automl-emulator errors`. Each bears the source of its
words:

- **observed**: seen from SageMaker itself, in a transcript that the source names.
- **documented**: written in AWS's pages.
- **inferred**: deduced, from what the source names: the rule is AWS's, the words may not be.
- **ours**: about the emulator itself; AWS has no such error.

`<name>` stands for what differs from call to call. Whoever has an AWS account can turn inferred into observed:
`pytest tests/api --endpoint URL` sends the same faulty requests to any other server (tests/golden/README.md)."""

NO_MESSAGE = "(no message)"
CONSTRAINTS = """\
A ValidationException names all of them that a request breaks, at most ten, as
`<count> validation errors detected: Value '<value>' at '<path>' failed to satisfy constraint: <phrase>; ...`"""


CONTAINERS = """\
What stands in a ModelError: its OriginalStatusCode and OriginalMessage. Status 0 means no answer in time."""


class Placeholder(str):
    """What stands for an argument in the words of an error, whatever format it is asked for."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


def words(entry: CatalogueEntry) -> ApiError | JobFailure | EndpointFailure | ContainerError:
    """The error with a placeholder for each argument."""
    made = entry.make(**{name: _argument(name, kind) for name, kind in _parameters(entry).items()})
    kinds = (ApiError, JobFailure, EndpointFailure, ContainerError)
    assert isinstance(made, kinds)  # noqa: S101 - the catalogue holds nothing else
    return made


def _parameters(entry: CatalogueEntry) -> dict[str, Any]:
    hints = get_type_hints(entry.make)
    return {name: hints[name] for name in inspect.signature(entry.make).parameters}


def _argument(name: str, kind: Any) -> Any:
    if kind is bool:
        return True
    placeholder = Placeholder(f"<{name}>")
    return [placeholder] if "Sequence" in str(kind) else placeholder


@dataclass(frozen=True)
class Section:
    """One table of the list; `code` counts the columns, from the left, that hold codes and words of the API."""

    title: str
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    code: int


def sections() -> list[Section]:
    """The list as data: what answers requests, the phrases of constraints, what ends jobs."""
    made = [(entry, words(entry)) for entry in CATALOGUE.values()]
    answers = [
        (error.code, str(error.status), error.message or NO_MESSAGE, *_origin(entry))
        for entry, error in made
        if isinstance(error, ApiError)
    ]
    reasons = {
        kind: [(str(error), *_origin(entry)) for entry, error in made if isinstance(error, kind)]
        for kind in (JobFailure, EndpointFailure)
    }
    refusals = [
        (str(error.status), error.message, *_origin(entry))
        for entry, error in made
        if isinstance(error, ContainerError)
    ]
    return [
        Section("Answers to requests", "", ("code", "status", "message", *_ORIGIN), sorted(answers), 3),
        Section(
            "Constraints of the service model", CONSTRAINTS, ("keyword", "phrase"), [*CONSTRAINT_PHRASES.items()], 2
        ),
        Section("FailureReason of a failed job", "", ("FailureReason", *_ORIGIN), sorted(reasons[JobFailure]), 1),
        Section(
            "FailureReason of a failed endpoint", "", ("FailureReason", *_ORIGIN), sorted(reasons[EndpointFailure]), 1
        ),
        Section("Answers of a model's container", CONTAINERS, ("status", "message", *_ORIGIN), sorted(refusals), 2),
        Section("Rules of TGI", "", ("parameter", "rule"), [*TGI_RULES.items()], 2),
    ]


_ORIGIN = ("when", "source", "from")


def _origin(entry: CatalogueEntry) -> tuple[str, str, str]:
    when = (inspect.getdoc(entry.make) or "").partition("\n")[0].rstrip(".")
    return when, entry.confidence, entry.source


def markdown() -> str:
    """The whole list as Markdown, which docs/errors.md is."""
    return "\n\n".join([f"# Errors\n\n{HEAD}", *map(_markdown, sections())]) + "\n"


def _markdown(section: Section) -> str:
    rows = [[_cell(text, column < section.code) for column, text in enumerate(row)] for row in section.rows]
    lines = [f"| {' | '.join(row)} |" for row in (section.columns, ["---"] * len(section.columns), *rows)]
    return "\n\n".join(filter(None, [f"## {section.title}", section.text, "\n".join(lines)]))


def _cell(text: str, code: bool) -> str:
    """A cell that a bar or a line end in it does not break; in a code span a placeholder is no tag."""
    escaped = text.replace("\n", " ").replace("|", r"\|")
    return f"`{escaped}`" if code else escaped


def print_list(console: Console) -> None:
    """The whole list as tables for a terminal, every word of it, however narrow."""
    console.print(HEAD, markup=False, highlight=False)
    for section in sections():
        table = Table(title=section.title, caption=section.text or None, show_lines=True, title_justify="left")
        for column in section.columns:
            table.add_column(column, overflow="fold")
        for row in section.rows:
            table.add_row(*map(Text, row))
        console.print("\n", table)
