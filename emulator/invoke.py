"""`automl-emulator invoke`: one prompt to an endpoint, its answer as it is written."""

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EventStreamError

from emulator import direct

_EVENT, _PREFIX = "\n\n", "data:"


class Failed(Exception):
    """An endpoint that cannot be asked, or does not answer; the text says why."""


def answer(endpoint_url: str, region: str, endpoint: str, prompt: str, generation: dict[str, Any]) -> Iterator[str]:
    """The parts of the model's answer as they come. Raises Failed."""
    try:
        direct.check_url(endpoint_url)
        takes_text_inputs = "djl" in _image(direct.client_of_user("sagemaker", endpoint_url, region), endpoint)
        if takes_text_inputs:
            body: dict[str, Any] = {"text_inputs": prompt} | generation
        else:
            body = {"inputs": prompt, "parameters": generation, "stream": True}
        runtime = direct.client_of_user("sagemaker-runtime", endpoint_url, region)
        response = runtime.invoke_endpoint_with_response_stream(
            EndpointName=endpoint, ContentType="application/json", Body=json.dumps(body)
        )
        parts = (event["PayloadPart"]["Bytes"] for event in response["Body"])
        yield from (lines_text(parts) if takes_text_inputs else events_text(parts))
    except EventStreamError as problem:
        raise Failed(problem.response["Error"]["Message"]) from problem
    except (ClientError, BotoCoreError, OSError) as problem:
        raise Failed(str(problem)) from problem


def events_text(parts: Iterable[bytes]) -> Iterator[str]:
    """The text in server-sent events of tokens, the TGI container's, however they are cut into parts."""
    for event in _split(parts, _EVENT):
        content = json.loads(event.removeprefix(_PREFIX))
        if "error" in content:
            raise Failed(content["error"])
        if not content["token"]["special"]:
            yield content["token"]["text"]


def lines_text(parts: Iterable[bytes]) -> Iterator[str]:
    """The text in lines of JSON, the DJL container's, however they are cut into parts."""
    for line in _split(parts, "\n"):
        yield from json.loads(line)["outputs"]


def _split(parts: Iterable[bytes], end: str) -> Iterator[str]:
    """What stands between ends, whole, decoded."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    kept = ""
    for part in parts:
        *whole, kept = (kept + decoder.decode(part)).split(end)
        yield from filter(None, whole)
    yield from filter(None, [kept])


def _image(sagemaker: Any, endpoint: str) -> str:
    """The image of the endpoint's first variant, which says what a request looks like; none before it serves.

    The endpoint itself tells it: what it was made of may be deleted while it goes on.
    """
    variants = sagemaker.describe_endpoint(EndpointName=endpoint).get("ProductionVariants", [])
    images = [image for variant in variants[:1] for image in variant.get("DeployedImages", [])]
    image: str = images[0].get("SpecifiedImage", "") if images else ""
    return image
