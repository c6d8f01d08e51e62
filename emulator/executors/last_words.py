"""What a process said last."""

from pathlib import Path

LAST_WORDS_BYTES = 2_000


def last_words(log_file: Path) -> str:
    """The last line of a log without bounds, empty where nothing was printed. Raises OSError."""
    with log_file.open("rb") as log:
        log.seek(max(0, log.seek(0, 2) - LAST_WORDS_BYTES))
        lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
