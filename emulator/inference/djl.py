"""Requests and answers of the DJL container, that of all models but Falcon.

AWS documents `{"text_inputs": ...}` and nothing else. The parameters beside it, and `generated_texts` in the answer,
are inferred from JumpStart's models that take `text_inputs`; a stream of JSON lines is inferred from DJL's own.
"""

import json
import secrets
from typing import Any

from emulator import errors
from emulator.inference import json_text, reading
from emulator.inference.form import Encoder, Limits, Results, is_json
from emulator.inference.reading import Kind, Members
from emulator.inference.wanted import Generation, Prompt, Sampling, Text, Token, Wanted, Written

MOST_SEQUENCES = 8
MOST_TEXTS = 16
MOST_STOPS = 16

_BEAMS = {"num_beams": 1, "num_beam_groups": 1, "no_repeat_ngram_size": 0, "length_penalty": 1, "penalty_alpha": 0}
"""What only searches of other kinds know, with the value that asks for nothing."""
_GREATEST: dict[str, float] = {
    reading.NUMBER[0]: 3.4028234663852886e38,
    reading.COUNT[0]: 2**32 - 1,
    reading.LARGE[0]: 2**64 - 1,
}
"""Of each kind of numbers: a float of 32 bits, and integers of 32 and of 64."""
_KNOWN = frozenset(
    {
        "text_inputs",
        "max_new_tokens",
        "max_length",
        "max_time",
        "num_return_sequences",
        "do_sample",
        "temperature",
        "top_k",
        "top_p",
        "typical_p",
        "seed",
        "repetition_penalty",
        "stop",
        "return_full_text",
        "early_stopping",
        *_BEAMS,
    }
)


class Djl:
    """The form of one model's endpoint."""

    stream_type = "application/jsonlines"

    def __init__(self, limits: Limits, encode: Encoder) -> None:
        self._limits = limits
        self._encode = encode

    def read(self, body: bytes, content_type: str, *, streaming: bool) -> Wanted:
        """A request. Raises ContainerError."""
        if not is_json(content_type):
            raise errors.djl_refused(415, f"content type {content_type[:100]!r} is not supported: application/json is")
        try:
            content = json_text.parsed(body)
        except json_text.Unreadable as problem:
            raise errors.djl_refused(400, f"the body is no JSON: {problem}") from problem
        if not isinstance(content, dict) or "text_inputs" not in content:
            raise errors.djl_refused(400, "the body must be a JSON object with text_inputs")
        content = _with_parameters(content)
        unknown = sorted(content.keys() - _KNOWN)
        if unknown:
            raise errors.djl_refused(400, f"unknown parameter {unknown[0][:100]!r}")
        return self._wanted(_Given(content, body), streaming=streaming)

    def _wanted(self, given: "_Given", *, streaming: bool) -> Wanted:
        texts = self._texts(given)
        copies = given.number("num_return_sequences", reading.COUNT, 1, least=1, most=MOST_SEQUENCES)
        if streaming and (len(texts) > 1 or copies > 1):
            raise errors.djl_refused(400, "a stream has one text: neither several text_inputs nor several sequences")
        draws = _draws(given)
        if copies > 1 and draws is None:
            raise errors.djl_refused(400, "num_return_sequences > 1 needs do_sample: greedy texts would be the same")
        wanted = []
        for text in texts:
            prompt = self._encode(text)
            length = self._new_tokens(given, prompt)
            for copy in range(copies):
                sampling = None if draws is None else _with_seed(draws, copy)
                wanted.append(Text(prompt, _generation(given, length, sampling)))
        full_text = given.truth("return_full_text")
        given.truth("early_stopping")
        return Wanted(wanted, stream=streaming, full_text=full_text)

    def _texts(self, given: "_Given") -> list[str]:
        content = given.members.content["text_inputs"]
        texts = [content] if isinstance(content, str) else content
        if not reading.STRINGS[1](texts) or not texts or not all(texts):
            raise errors.djl_refused(400, "text_inputs must be a text, or a list of texts, and none of them empty")
        if len(texts) > MOST_TEXTS:
            raise errors.djl_refused(400, f"text_inputs may have up to {MOST_TEXTS} texts")
        return list(texts)

    def _new_tokens(self, given: "_Given", prompt: Prompt) -> int:
        """`max_new_tokens`, or what `max_length` leaves; by default that of the predictions."""
        length = prompt.counted
        if length > self._limits.input:
            raise errors.djl_refused(
                400, f"text_inputs has {prompt.length} tokens; the model reads at most {self._limits.input}"
            )
        # What stands before the new tokens and counts with them: the token with which an encoder-decoder's decoder
        # begins (as transformers counts `max_length`), or all of the prompt.
        before = 1 if self._limits.encoder_decoder else length
        room = self._limits.total - before
        asked = given.number("max_new_tokens", reading.COUNT, None, least=1)
        longest = given.number("max_length", reading.COUNT, None, least=1)
        if asked is None and longest is not None:
            asked = max(1, min(longest, self._limits.total) - before)
        if asked is not None and asked > room:
            beside = "" if self._limits.encoder_decoder else f" for a prompt of {length} tokens"
            raise errors.djl_refused(400, f"max_new_tokens must be <= {room}{beside}")
        return min(self._limits.new, room) if asked is None else int(asked)

    def answer(self, wanted: Wanted, results: Results) -> bytes:
        """All texts, of each prompt one after the other."""
        texts = [
            (text.prompt.text if wanted.full_text else "") + written.text
            for text, written in zip(wanted.texts, results.written, strict=True)
        ]
        return json.dumps({"generated_texts": texts}, ensure_ascii=False).encode()

    def part(self, wanted: Wanted, token: Token, written: Written) -> bytes:
        """A line with what the token adds to the text."""
        before = wanted.texts[0].prompt.text if wanted.full_text and len(written.tokens) == 1 else ""
        text = before + ("" if token.special else token.text)
        return json.dumps({"outputs": [text]}, ensure_ascii=False).encode() + b"\n"


class _Given:
    """The parameters of a request, refused in the words of this form."""

    def __init__(self, content: dict[str, Any], body: bytes) -> None:
        self.members = Members(content, body)
        for name, nothing in _BEAMS.items():
            if self.members.content.get(name, nothing) not in (nothing, None):
                raise errors.djl_refused(400, f"{name} is not emulated")

    def number(self, name: str, kind: Kind, default: Any, *, least: float = 0, most: float | None = None) -> Any:
        value = self.members.content.get(name)
        if value is None:
            return default
        most = _GREATEST[kind[0]] if most is None else most
        if not kind[1](value) or not least <= value <= most:
            raise errors.djl_refused(400, f"{name} must be a number from {least} to {most}")
        return value

    def truth(self, name: str, *, default: bool = False) -> bool:
        value = self.members.content.get(name, default)
        if not isinstance(value, bool):
            raise errors.djl_refused(400, f"{name} must be true or false")
        return value


def _with_parameters(content: dict[str, Any]) -> dict[str, Any]:
    """All members side by side: DJL's own requests have parameters of that name, JumpStart's beside the text."""
    inner = content.get("parameters")
    beside = {name: value for name, value in content.items() if name != "parameters"}
    if inner is None:
        return beside
    if not isinstance(inner, dict):
        raise errors.djl_refused(400, "parameters must be an object")
    twice = sorted(inner.keys() & beside.keys())
    if twice:
        raise errors.djl_refused(400, f"{twice[0][:100]} stands in parameters and beside them")
    return beside | inner


def _draws(given: _Given) -> Sampling | None:
    """How texts are drawn, or None for greedy ones; its seed is the first one's."""
    above_nothing = 1e-30
    temperature = given.number("temperature", reading.NUMBER, 1.0, least=0)
    top_k = given.number("top_k", reading.COUNT, None, least=0)
    top_p = given.number("top_p", reading.NUMBER, None, least=above_nothing, most=1)
    typical_p = given.number("typical_p", reading.NUMBER, None, least=above_nothing, most=1)
    seed = given.number("seed", reading.LARGE, None)
    if not given.truth("do_sample") or temperature < 1e-6:
        return None
    first = secrets.randbits(63) if seed is None else seed
    return Sampling(first, float(temperature), top_k or None, top_p, typical_p)


def _with_seed(draws: Sampling, copy: int) -> Sampling:
    return Sampling(draws.seed + copy, draws.temperature, draws.top_k, draws.top_p, draws.typical_p)


def _generation(given: _Given, length: int, sampling: Sampling | None) -> Generation:
    stop = given.members.content.get("stop") or []
    stop = [stop] if isinstance(stop, str) else stop
    if not reading.STRINGS[1](stop) or len(stop) > MOST_STOPS:
        raise errors.djl_refused(400, f"stop must be a list of up to {MOST_STOPS} texts")
    return Generation(
        length,
        sampling,
        float(given.number("repetition_penalty", reading.NUMBER, 1.0, least=1e-30)),
        tuple(filter(None, stop)),
        given.number("max_time", reading.NUMBER, None, least=0),
    )
