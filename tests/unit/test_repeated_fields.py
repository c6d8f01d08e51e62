"""Fields that stand twice in a request, which TGI's parser refuses where it finds the second one."""

import json
import time
from typing import Any

import pytest

from emulator.errors import ContainerError
from emulator.inference.form import Limits
from emulator.inference.tgi import FIELDS, Tgi
from emulator.inference.wanted import Prompt, Wanted


def read(body: bytes) -> Wanted:
    """What a container of a model with enough room makes of a body."""
    tgi = Tgi(Limits(input=100, total=200, new=10), lambda text, most=None: Prompt(text, [1, 2]))  # noqa: ARG005
    return tgi.read(body, "application/json", streaming=False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"inputs":"a","inputs":"b"}', "duplicate field `inputs` at line 1 column 22"),
        (b'{"inputs":"\xc3\xa9","inputs" : "b"}', "duplicate field `inputs` at line 1 column 24"),
        (b'{"inputs":"a",\n "inputs" \n :"b"}', "duplicate field `inputs` at line 3 column 1"),
        (b'{"inputs":"a","stream":true,"stre\\u0061m":true}', "duplicate field `stream` at line 1 column 41"),
        (b'{"parameters":{},"inputs":"a","parameters":{}}', "duplicate field `parameters` at line 1 column 42"),
        (
            b'{"inputs":"a","parameters":{"top_k":null,"top_k":1}}',
            "parameters: duplicate field `top_k` at line 1 column 48",
        ),
        (
            b'{"inputs":"a","parameters":{"seed":1,"seed":2},"inputs":"b"}',
            "parameters: duplicate field `seed` at line 1 column 43",
        ),
    ],
)
def test_a_field_that_stands_twice_is_refused(body: bytes, words: str) -> None:
    """The second name of a field is where reading ends, as derived parsers of serde tell it."""
    with pytest.raises(ContainerError) as refused:
        read(body)
    assert refused.value.status == 422
    assert refused.value.message == f"Failed to deserialize the JSON body into the target type: {words}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs":"a","x":1,"x":{"inputs":1,"inputs":2}}',
        b' { "inputs" : "a" , "parameters" : { "x" : [ ] , "x" : { } , "inputs" : 1 , "inputs" : 2 } } ',
        b'{"inputs":"\\"inputs\\":","parameters":{"top_k":5},"top_k":1,"top_k":2}',
    ],
)
def test_what_is_no_field_may_stand_twice(body: bytes) -> None:
    """Members that the container does not know it ignores, however often they come."""
    assert read(body).texts


def test_every_parameter_is_a_field() -> None:
    """Each parameter that a request may set is refused the second time."""
    for name in FIELDS["parameters"]:
        twice = f'{{"inputs":"a","parameters":{{"{name}":null,"{name}":null}}}}'.encode()
        with pytest.raises(ContainerError, match=f"parameters: duplicate field `{name}`"):
            read(twice)


def test_many_members_are_read_soon() -> None:
    """A body of nothing but members, of which there are hundreds of thousands, keeps nobody waiting for long."""
    content: dict[str, Any] = {"inputs": "a"} | dict.fromkeys(map(str, range(200_000)), 1)
    body = json.dumps(content, separators=(",", ":")).encode()
    begun = time.monotonic()
    assert read(body).texts
    assert time.monotonic() - begun < 10
