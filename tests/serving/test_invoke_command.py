"""`automl-emulator invoke`, the answer on a terminal."""

import subprocess
import sys

import pytest

from emulator.invoke import events_text, lines_text
from tests.support.serving import Tuned, make_endpoint, make_model


def invoke(tuned: Tuned, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "emulator", "invoke", *arguments, "--endpoint-url", tuned.server.url]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_answer_is_printed(tuned: Tuned) -> None:
    """The text stands alone on the output, whichever container the endpoint has."""
    row = tuned.predictions[0]
    done = invoke(tuned, tuned.name, row["input"])
    assert (done.returncode, done.stdout) == (0, row["generated"] + "\n")


def test_what_an_endpoint_was_made_of_may_be_gone(djl: Tuned) -> None:
    """The endpoint alone tells what a request looks like, since its configuration and model may be deleted."""
    name, sagemaker, row = "of-nothing", djl.server.client("sagemaker"), djl.predictions[0]
    make_model(djl.server, name, djl.container)
    make_endpoint(djl.server, name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName=name)
    done = invoke(djl, name, row["input"])
    sagemaker.delete_endpoint(EndpointName=name)
    assert (done.returncode, done.stdout) == (0, row["generated"] + "\n"), done.stderr


def test_parameters_are_passed_on(tgi: Tuned) -> None:
    """The flags of generation reach the model."""
    drawn = {"max_new_tokens": 5, "temperature": 2.0, "seed": 3, "do_sample": True}
    done = invoke(tgi, tgi.name, "hello", "--max-new-tokens", "5", "--temperature", "2", "--seed", "3")
    assert done.stdout == tgi.text("hello", **drawn) + "\n"


@pytest.mark.parametrize(("arguments", "words"), [(("nobody", "a"), "Could not find"), (("-", ""), "")])
def test_what_fails_is_said(tgi: Tuned, arguments: tuple[str, str], words: str) -> None:
    """An endpoint that is not there ends the command with its error and status 1."""
    done = invoke(tgi, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr


def test_a_refusal_of_the_container_is_said(tgi: Tuned) -> None:
    """The container's own words are on the terminal."""
    done = invoke(tgi, tgi.name, "a", "--temperature", "-1")
    assert done.returncode == 1
    assert "`temperature` must be strictly positive" in done.stderr


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_parts_may_be_cut_anywhere(size: int) -> None:
    """AWS promises nothing of where a stream is cut: within a line, an event, or a character."""
    events = 'data:{"token":{"text":"é","special":false}}\n\ndata:{"token":{"text":"</s>","special":true}}\n\n'.encode()
    lines = '{"outputs": ["é"]}\n{"outputs": ["a"]}\n'.encode()
    assert "".join(events_text(events[at : at + size] for at in range(0, len(events), size))) == "é"
    assert "".join(lines_text(lines[at : at + size] for at in range(0, len(lines), size))) == "éa"
