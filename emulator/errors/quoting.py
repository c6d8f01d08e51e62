"""What callers gave, inside our own sentences: no control characters, and no longer than leaves room for a cause."""

from collections.abc import Sequence

LONGEST_URI = 300
"""Characters of a URI, so that a FailureReason of 1,024 holds its prefix, the URI, a row and a cause."""
LONGEST_LIST = 300

_GAP = "..."


def printable(text: str) -> str:
    """The text with an escape for whatever shows no sign: control characters, lone surrogates, marks of direction."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def short_uri(uri: str) -> str:
    """A URI with its bucket and the end of its key; a long one leaves out what is between."""
    shown = printable(uri)
    if len(shown) <= LONGEST_URI:
        return shown
    end = LONGEST_URI // 2
    return shown[: LONGEST_URI - end - len(_GAP)] + _GAP + shown[-end:]


def quoted_names(names: Sequence[str]) -> str:
    """Names in quotation marks, so that a blank or a comma inside of one can be seen."""
    shown = ", ".join('"' + printable(name).replace('"', '\\"') + '"' for name in names)
    return shown if len(shown) <= LONGEST_LIST else shown[:LONGEST_LIST] + _GAP
