"""Requests and answers of Hugging Face's text-generation-inference 1.0.3, the container of the Falcon models.

Where it differs from the container on purpose: `max_new_tokens` is by default what the tuned model's validation
predictions were written with, not 20, and `do_sample: false` in a request means greedy, whatever else it sets.
"""

import json
import secrets
from typing import Any

from emulator import errors
from emulator.inference import json_text, reading
from emulator.inference.form import Encoder, Limits, Results, as_members, is_json
from emulator.inference.reading import Members
from emulator.inference.wanted import Generation, Prompt, Sampling, Text, Token, Wanted, Written

MOST_STOPS = 4
BEST_OF = 2
FIELDS = {
    "": frozenset({"inputs", "parameters", "stream"}),
    "parameters": frozenset(
        {
            "best_of",
            "temperature",
            "repetition_penalty",
            "top_k",
            "top_p",
            "typical_p",
            "do_sample",
            "max_new_tokens",
            "return_full_text",
            "stop",
            "truncate",
            "watermark",
            "details",
            "decoder_input_details",
            "seed",
        }
    ),
}
"""Of TGI's CompatGenerateRequest and its GenerateParameters, whose parser takes each of them once."""


class Tgi:
    """The form of one model's endpoint."""

    stream_type = "text/event-stream"

    def __init__(self, limits: Limits, encode: Encoder) -> None:
        self._limits = limits
        self._encode = encode

    def read(self, body: bytes, content_type: str, *, streaming: bool) -> Wanted:
        """A request. Raises ContainerError."""
        if not is_json(content_type):
            raise errors.not_json_content()
        try:
            content = json_text.parsed(body)
        except json_text.Unreadable as problem:
            raise errors.body_no_json(str(problem)) from problem
        if not isinstance(content, dict):
            raise errors.body_not_deserialized("invalid type, expected struct CompatGenerateRequest at line 1 column 1")
        reading.refuse_repeated(body, FIELDS)
        members = Members(content, body)
        text = members.required("inputs", reading.STRING)
        inner = members.optional("parameters", reading.OBJECT, {}, nullable=False)
        stream = members.optional("stream", reading.BOOLEAN, streaming, nullable=False)
        return self._wanted(text, Members(inner, body, "parameters"), stream=stream)

    def _wanted(self, text: str, given: Members, *, stream: bool) -> Wanted:
        best_of = given.optional("best_of", reading.SIZE, 1)
        details = given.optional("details", reading.BOOLEAN, False, nullable=False)
        prefill = given.optional("decoder_input_details", reading.BOOLEAN, False, nullable=False)
        full_text = given.optional("return_full_text", reading.BOOLEAN, False)
        generations = self._generations(given, best_of, stream=stream, prefill=prefill)
        truncate = given.optional("truncate", reading.SIZE)
        if not text:
            raise errors.tgi_rule("empty")
        if truncate is not None and not 0 < truncate <= self._limits.input:
            raise errors.tgi_rule("truncate", self._limits.input, truncate)
        prompt = self._encode(text, truncate)
        new_tokens = self._new_tokens(given.optional("max_new_tokens", reading.COUNT), prompt)
        return Wanted(
            texts=[Text(prompt, generation(new_tokens)) for generation in generations],
            stream=stream,
            full_text=full_text,
            details=details or (prefill and not stream),
            prefill=prefill,
            best=best_of > 1,
        )

    def _generations(self, given: Members, best_of: int, *, stream: bool, prefill: bool) -> list[Any]:
        """For each text a function that makes its Generation once the number of new tokens is known."""
        if stream and best_of != 1:
            raise errors.tgi_rule("best_of_stream")
        if stream and prefill:
            raise errors.tgi_rule("prefill_stream")
        if not 0 < best_of <= BEST_OF:
            raise errors.tgi_rule("best_of", BEST_OF, best_of)
        samplings = _samplings(given, best_of)
        penalty = given.optional("repetition_penalty", reading.NUMBER, 1.0)
        if penalty <= 0:
            raise errors.tgi_rule("repetition_penalty")
        if given.optional("watermark", reading.BOOLEAN, False, nullable=False):
            raise errors.tgi_rule("watermark")
        if given.optional("max_new_tokens", reading.COUNT, 1) == 0:
            raise errors.tgi_rule("max_new_tokens")
        stop = tuple(given.optional("stop", reading.STRINGS, [], nullable=False))
        if len(stop) > MOST_STOPS:
            raise errors.tgi_rule("stop", MOST_STOPS, len(stop))
        return [
            lambda tokens, sampling=sampling: Generation(tokens, sampling, float(penalty), tuple(filter(None, stop)))
            for sampling in samplings
        ]

    def _new_tokens(self, asked: int | None, prompt: Prompt) -> int:
        length = prompt.counted
        if asked is not None and length + asked > self._limits.total:
            raise errors.tgi_rule("total", self._limits.total, prompt.length, asked)
        if length > self._limits.input:
            raise errors.tgi_rule("input_length", self._limits.input, prompt.length)
        return min(self._limits.new, self._limits.total - length) if asked is None else asked

    def answer(self, wanted: Wanted, results: Results) -> bytes:
        """A list of one object, as the container answers on SageMaker."""
        texts = sorted(results.written, key=_likelihood, reverse=True) if wanted.best else list(results.written)
        seeds = {id(one): _seed(text) for one, text in zip(results.written, wanted.texts, strict=True)}
        content: dict[str, Any] = {"generated_text": _whole(wanted, texts[0])}
        if wanted.details:
            content["details"] = _details(texts[0], seeds[id(texts[0])], results)
            if wanted.best:
                content["details"]["best_of_sequences"] = [
                    {"generated_text": _whole(wanted, other)} | _details(other, seeds[id(other)], results)
                    for other in texts[1:]
                ]
        return _json([content])

    def part(self, wanted: Wanted, token: Token, written: Written) -> bytes:
        """A server-sent event."""
        last = written.reason is not None
        details = {
            "finish_reason": written.reason,
            "generated_tokens": len(written.tokens),
            "seed": _seed(wanted.texts[0]),
        }
        content = {
            "token": as_members(token),
            "generated_text": _whole(wanted, written) if last else None,
            "details": details if last and wanted.details else None,
        }
        return b"data:" + _json(content) + b"\n\n"


def _samplings(given: Members, best_of: int) -> list[Sampling | None]:
    """How each of `best_of` texts is drawn, or None for greedy ones. Raises ContainerError."""
    do_sample = given.optional("do_sample", reading.BOOLEAN, False, nullable=False)
    temperature = given.optional("temperature", reading.NUMBER)
    top_k = given.optional("top_k", reading.INTEGER)
    top_p = given.optional("top_p", reading.NUMBER)
    typical_p = given.optional("typical_p", reading.NUMBER)
    seed = given.optional("seed", reading.LARGE)
    shaped = any(value is not None for value in (temperature, top_k, top_p, typical_p))
    if best_of > 1 and not (do_sample or shaped):
        raise errors.tgi_rule("best_of_sampling")
    if temperature is not None and temperature <= 0:
        raise errors.tgi_rule("temperature")
    for name, value in (("top_p", top_p), ("typical_p", typical_p)):
        if value is not None and not 0 < value < 1:
            raise errors.tgi_rule(name)
    if top_k is not None and top_k <= 0:
        raise errors.tgi_rule("top_k")
    if best_of > 1 and seed is not None:
        raise errors.tgi_rule("best_of_seed")
    # A temperature of 1 changes nothing, and TGI takes it for none; the other parameters it refuses where they do not.
    draws = any(value is not None for value in (top_k, top_p, typical_p)) or temperature not in (None, 1)
    if not do_sample and ("do_sample" in given.content or not draws):
        return [None] * best_of
    return [
        Sampling(secrets.randbits(63) if seed is None else seed, float(temperature or 1.0), top_k, top_p, typical_p)
        for _ in range(best_of)
    ]


def _seed(text: Text) -> int | None:
    return None if text.generation.sampling is None else text.generation.sampling.seed


def _whole(wanted: Wanted, written: Written) -> str:
    return (wanted.texts[0].prompt.text if wanted.full_text else "") + written.text


def _likelihood(written: Written) -> float:
    return sum(token.logprob for token in written.tokens)


def _details(written: Written, seed: int | None, results: Results) -> dict[str, Any]:
    return {
        "finish_reason": written.reason,
        "generated_tokens": len(written.tokens),
        "seed": seed,
        "prefill": [{"id": token.id, "text": token.text, "logprob": token.logprob} for token in results.prefill],
        "tokens": [as_members(token) for token in written.tokens],
    }


def _json(content: Any) -> bytes:
    try:
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as problem:  # JSON has no NaN, and a model whose numbers overflowed no probabilities
        raise errors.generation_failed("a probability is not finite") from problem
