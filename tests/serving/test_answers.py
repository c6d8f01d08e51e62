"""What endpoints answer: the texts of the tuned model, in the form of each container."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.serving import Tuned


@pytest.mark.parametrize("member", ["input", "prompt"])
def test_greedy_answers_are_the_stored_predictions(tuned: Tuned, member: str) -> None:
    """By default the answer is the prediction's text, for the row's input and for its exact prompt alike."""
    for prediction in tuned.predictions:
        assert tuned.text(prediction[member]) == prediction["generated"]


def test_answer_names_variant_and_content_type(tuned: Tuned) -> None:
    """An answer is JSON and says which variant gave it, also where that was asked for."""
    answer = tuned.invoke(tuned.request("hello"), TargetVariant="AllTraffic")
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == ("AllTraffic", "application/json")


def test_sixteen_clients_get_what_one_gets(tuned: Tuned) -> None:
    """Requests that are answered together get the texts that each would get alone, drawn ones too."""
    asked: list[tuple[str, dict[str, Any]]] = [(row["input"], {}) for row in tuned.predictions[:12]]
    drawn = {"do_sample": True, "temperature": 1.5, "max_new_tokens": 24}
    asked += [(row["input"], drawn | {"seed": seed}) for seed, row in enumerate(tuned.predictions[:12])]
    alone = [tuned.text(text, **parameters) for text, parameters in asked]
    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(lambda one: tuned.text(one[0], **one[1]), asked * 2)) == alone * 2


def test_a_seed_decides_what_is_drawn(tuned: Tuned) -> None:
    """The same seed draws the same text, others draw others, and no seed any."""
    drawn = {"do_sample": True, "temperature": 2.0, "max_new_tokens": 16}
    texts = [tuned.text("What is the capital of Poland?", seed=seed, **drawn) for seed in (1, 1, 2, 3)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3
    assert isinstance(tuned.text("What is the capital of Poland?", **drawn), str)  # one may end before it begins


@pytest.mark.parametrize(
    "shape", [{"top_k": 1}, {"top_p": 1e-6}, {"typical_p": 1e-6, "top_k": 1}, {"temperature": 1e-3}]
)
def test_a_distribution_of_one_token_is_greedy(tuned: Tuned, shape: dict[str, float]) -> None:
    """Every way to cut the distribution down keeps the likeliest token."""
    row = tuned.predictions[0]
    assert tuned.text(row["input"], do_sample=True, seed=5, **shape) == row["generated"]


@pytest.mark.parametrize(("temperature", "drawn"), [(1, False), (1.0, False), (0.9, True)])
def test_a_temperature_of_one_draws_nothing(tgi: Tuned, temperature: float, drawn: bool) -> None:
    """Without do_sample, TGI draws where a temperature changes the distribution, and not where it is the default."""
    row = tgi.predictions[0]
    (answer,) = tgi.answer(row["input"], temperature=temperature, details=True)
    assert (answer["details"]["seed"] is not None) == drawn
    assert drawn or answer["generated_text"] == row["generated"]


def test_a_repetition_penalty_changes_the_text(tuned: Tuned) -> None:
    """A strong penalty on what was read and written leads elsewhere, without any draw."""
    row = tuned.predictions[0]
    texts = {tuned.text(row["input"], repetition_penalty=penalty) for penalty in (1.0, 5.0, 5.0)}
    assert len(texts) == 2
    assert row["generated"] in texts


def test_max_new_tokens_and_stop_end_a_text(tgi: Tuned) -> None:
    """A text ends after max_new_tokens, or with a stop sequence, which stays in it as TGI 1.0.3 leaves it."""
    row = max(tgi.predictions, key=lambda row: len(row["generated"]))
    (answer,) = tgi.answer(row["input"], max_new_tokens=2, details=True)
    assert (answer["details"]["finish_reason"], answer["details"]["generated_tokens"]) == ("length", 2)
    assert row["generated"].startswith(answer["generated_text"])
    stop = row["generated"].split()[1]
    (answer,) = tgi.answer(row["input"], stop=["never", stop], details=True)
    assert answer["details"]["finish_reason"] == "stop_sequence"
    assert answer["generated_text"] == row["generated"][: row["generated"].index(stop) + len(stop)]


def test_details_tell_each_token(tgi: Tuned) -> None:
    """With details come the tokens that make up the text, why it ended, and on request what was read."""
    row = tgi.predictions[0]
    (answer,) = tgi.answer(row["prompt"], details=True, decoder_input_details=True)
    details = answer["details"]
    assert "".join(token["text"] for token in details["tokens"] if not token["special"]) == row["generated"]
    assert (details["finish_reason"], details["seed"]) == ("eos_token", None)
    assert len(details["tokens"]) == details["generated_tokens"]
    assert all(token["logprob"] <= 0 for token in details["tokens"])
    assert "".join(token["text"] for token in details["prefill"]) == row["prompt"]
    assert details["prefill"][0]["logprob"] is None
    assert all(token["logprob"] <= 0 for token in details["prefill"][1:])


def test_return_full_text_puts_the_request_before_the_answer(tuned: Tuned) -> None:
    """The text comes after what the caller sent, not after the template around it."""
    row = tuned.predictions[0]
    assert tuned.text(row["input"], return_full_text=True) == row["input"] + row["generated"]


def test_best_of_tells_both_texts(tgi: Tuned) -> None:
    """The likelier one of two drawn texts is the answer, and the other one is among its details."""
    (answer,) = tgi.answer("hello", best_of=2, do_sample=True, temperature=1.5, details=True)
    (other,) = answer["details"]["best_of_sequences"]

    def likelihood(told: dict[str, Any]) -> float:
        return float(sum(token["logprob"] for token in told["tokens"]))

    assert likelihood(answer["details"]) >= likelihood(other)
    assert other["seed"] != answer["details"]["seed"]


def test_text_inputs_may_be_several(djl: Tuned) -> None:
    """A list of texts gets a list of answers, and num_return_sequences several of each, the seed's and those after."""
    rows = djl.predictions[:3]
    texts = djl.answer([row["input"] for row in rows])["generated_texts"]
    assert texts == [row["generated"] for row in rows]
    drawn = {"do_sample": True, "temperature": 2.0, "max_length": 600}
    several = djl.answer(rows[0]["input"], num_return_sequences=3, seed=4, **drawn)["generated_texts"]
    assert several == [djl.text(rows[0]["input"], seed=seed, **drawn) for seed in (4, 5, 6)]


def test_max_length_is_that_of_what_an_encoder_decoder_writes(djl: Tuned) -> None:
    """The prompt does not count, however long it is; the token with which the decoder begins does."""
    drawn = {"do_sample": True, "temperature": 1000.0, "seed": 1}
    prompt = "What is the capital of Poland? " * 20
    assert djl.text(prompt, max_length=21, **drawn) == djl.text(prompt, max_new_tokens=20, **drawn)
    assert djl.text("hello", max_length=21, **drawn) == djl.text("hello", max_new_tokens=20, **drawn)


@pytest.mark.parametrize("seconds", [1e-9, 0])
def test_max_time_ends_a_text(djl: Tuned, seconds: float) -> None:
    """What there is when max_time is over is the answer."""
    whole = djl.text("hello", do_sample=True, temperature=1000.0, seed=1, max_new_tokens=60)
    begun = djl.text("hello", do_sample=True, temperature=1000.0, seed=1, max_new_tokens=60, max_time=seconds)
    assert whole.startswith(begun)
    assert len(begun) < len(whole)


def test_a_stream_tells_tokens_one_by_one(tgi: Tuned) -> None:
    """A stream of the TGI container has an event for each token, and the whole text in the last one."""
    row = tgi.predictions[0]
    answer = tgi.stream(tgi.request(row["input"], details=True))
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == ("AllTraffic", "text/event-stream")
    parts = [part["PayloadPart"]["Bytes"] for part in answer["Body"]]
    assert all(part.startswith(b"data:") and part.endswith(b"\n\n") for part in parts)
    events = [json.loads(part[5:]) for part in parts]
    assert [event["generated_text"] for event in events[:-1]] == [None] * (len(events) - 1)
    assert events[-1]["generated_text"] == row["generated"]
    assert events[-1]["details"]["generated_tokens"] == len(events) > 2
    assert "".join(one["token"]["text"] for one in events if not one["token"]["special"]) == row["generated"]


def test_a_stream_of_text_inputs_is_json_lines(djl: Tuned) -> None:
    """A stream of the DJL container has a line for each token; together they are the text."""
    row = djl.predictions[0]
    parts = [part["PayloadPart"]["Bytes"] for part in djl.stream(djl.request(row["input"]))["Body"]]
    assert "".join(json.loads(part)["outputs"][0] for part in parts) == row["generated"]
    assert len(parts) > 2


def test_stream_true_and_false_decide_for_the_tgi_container(tgi: Tuned) -> None:
    """InvokeEndpoint answers `stream: true` with all events, and the stream `stream: false` with the whole answer."""
    row = tgi.predictions[0]
    answer = tgi.invoke(tgi.request(row["input"]) | {"stream": True})
    assert answer["ContentType"] == "text/event-stream"
    assert json.loads(answer["Body"].read().split(b"\n\n")[-2][5:])["generated_text"] == row["generated"]
    (part,) = tgi.stream(tgi.request(row["input"]) | {"stream": False})["Body"]
    assert json.loads(part["PayloadPart"]["Bytes"]) == [{"generated_text": row["generated"]}]
