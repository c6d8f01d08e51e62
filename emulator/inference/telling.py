"""Token ids to text, one token at a time."""

from typing import Any

from emulator.inference.wanted import Token

_UNFINISHED = "\ufffd"


class Telling:
    """The text of a row as it grows. A character of several tokens is told with its last one."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = frozenset(tokenizer.all_special_ids)
        self.ids: list[int] = []
        self._whole = 0  # tokens whose text has been told
        self._context = 0  # where the last told part began: some tokens look different without what precedes them

    def add(self, token: int, logprob: float, *, last: bool = False) -> Token:
        """One more token. The last one of a text is told whether or not its character is whole."""
        self.ids.append(token)
        if token in self._special:
            return Token(token, str(self._tokenizer.convert_ids_to_tokens(token)), logprob, special=True)
        return Token(token, self._news(last=last), logprob, special=False)

    @property
    def text(self) -> str:
        """The whole text, without special tokens."""
        text: str = self._tokenizer.decode(self.ids, skip_special_tokens=True)
        return text

    def _news(self, *, last: bool) -> str:
        told = self._decoded(self._context, self._whole)
        now = self._decoded(self._context, len(self.ids))
        if len(now) <= len(told) or (now.endswith(_UNFINISHED) and not last):
            return ""
        self._context, self._whole = self._whole, len(self.ids)
        return now[len(told) :]

    def _decoded(self, begin: int, end: int) -> str:
        text: str = self._tokenizer.decode(self.ids[begin:end], skip_special_tokens=True)
        return text
