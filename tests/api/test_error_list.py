"""The list of errors: whole, readable, and in docs/errors.md as it is."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from emulator import cli
from emulator.error_list import markdown, print_list, words
from emulator.errors import CATALOGUE

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"


def test_the_document_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """`automl-emulator errors > docs/errors.md` writes the document; run it again after each change of an error."""
    cli.main(["errors"])
    assert capsys.readouterr().out == markdown() == DOCUMENT.read_text(encoding="utf-8")


def test_every_error_is_in_the_list_with_its_words_and_source() -> None:
    """No constructor is left out, API errors and FailureReasons alike."""
    text = markdown()
    for entry in CATALOGUE.values():
        told = getattr(words(entry), "message", None) or ("" if hasattr(words(entry), "code") else str(words(entry)))
        assert told.replace("|", r"\|") in text
        assert f"| {entry.confidence} | {entry.source} |" in text


def test_a_terminal_gets_every_word() -> None:
    """The tables fold what is long, however narrow the terminal, and leave nothing out."""
    shown = io.StringIO()
    print_list(Console(file=shown, width=70))
    assert "…" not in shown.getvalue()
    assert all(word in shown.getvalue() for word in ("Answers to requests", "FailureReason", "inferred", "observed"))
