"""Token ids of long texts: what is read of them, and that it is what reading all of it would give."""

from emulator.inference.long_text import SHORT, beginning, ending


class Words:
    """A tokenizer of words, whose ids are their numbers; it counts the characters that it has read."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, text: str) -> list[int]:
        """The ids of a text."""
        self.read += len(text)
        return [int(word) for word in text.split()]


NUMBERS = " ".join(str(number % 1000) for number in range(1_000_000))


def test_a_short_text_is_read_whole() -> None:
    """Up to a length that costs nothing all ids are there, also of a text over the limit."""
    text = NUMBERS[: SHORT - 10]
    assert beginning(text, 5, Words()) == (Words()(text), True)
    assert ending(text, 5, Words()) == Words()(text)[-5:]


def test_of_a_long_text_only_so_much_is_read_as_tells_that_it_is_long() -> None:
    """A text far over the limit is known by its beginning, and its last tokens by its end."""
    words = Words()
    ids, whole = beginning(NUMBERS, 1000, words)
    assert not whole
    assert len(ids) > 2000
    assert ending(NUMBERS, 1000, words) == Words()(NUMBERS)[-1000:]
    assert words.read == 2 * SHORT


def test_a_long_text_of_few_tokens_is_read_whole() -> None:
    """Where megabytes are few tokens, as of a tokenizer that takes spaces together, they are counted to the last."""
    text = "1" + " " * 3_000_000 + "2"
    assert beginning(text, 1000, Words()) == ([1, 2], True)
    assert ending(text, 1000, Words()) == [1, 2]
    assert ending(text, 1, Words()) == [2]
