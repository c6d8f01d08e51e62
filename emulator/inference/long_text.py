"""Token ids of a text that may be megabytes long, of which the model reads a few thousand tokens at most.

A tokenizer takes seconds and hundreds of megabytes for a text of megabytes. One that is far over the limit is known to
be so by its beginning, and the last tokens of one that is to be cut by its end.
"""

from collections.abc import Callable

Tokenize = Callable[[str], list[int]]

SHORT = 65_536
"""Characters that are tokenized whole."""
CHARACTERS = 16
"""More of them than a token has, as a rule: what is tokenized first for each token that the model reads."""
GROWTH = 4
MARGIN = 64
"""Tokens beside which the place of a cut does not matter."""


def beginning(text: str, most: int, tokenize: Tokenize) -> tuple[list[int], bool]:
    """The ids of a text, and whether they are all; else they are those of its beginning, and many more than `most`."""
    size = _first(most)
    while size < len(text):
        ids = tokenize(text[:size])
        if len(ids) > 2 * most + MARGIN:
            return ids, False
        size *= GROWTH
    return tokenize(text), True


def ending(text: str, most: int, tokenize: Tokenize) -> list[int]:
    """The last `most` ids of a text, or all of one that has fewer."""
    size = _first(most)
    while size < len(text):
        ids = tokenize(text[-size:])
        if len(ids) > 2 * most + MARGIN:
            return ids[-most:]
        size *= GROWTH
    return tokenize(text)[-most:]


def _first(most: int) -> int:
    return max(SHORT, CHARACTERS * most)
