"""Tuned models behind endpoints, made as a user makes them."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.s3.layout import parse_s3_uri
from tests.support.requests import ROLE, channel, text_generation
from tests.support.server import Server

LONG = {"do_sample": True, "temperature": 1000.0, "max_new_tokens": 900, "seed": 7}
"""Parameters with which a text does not end by itself: a hot model hardly ever draws the end-of-text token."""


@dataclass(frozen=True)
class Tuned:
    """A job's candidate, deployed under the job's name."""

    server: Server
    name: str
    container: dict[str, Any]
    predictions: list[dict[str, str]]

    @property
    def takes_text_inputs(self) -> bool:
        """Whether its container is the DJL one."""
        return "djl" in self.container["Image"]

    def request(self, text: object, **parameters: Any) -> dict[str, Any]:
        """A request in the form of its container."""
        if self.takes_text_inputs:
            return {"text_inputs": text} | parameters
        return {"inputs": text} | ({"parameters": parameters} if parameters else {})

    def invoke(self, content: object, **options: Any) -> dict[str, Any]:
        """InvokeEndpoint with a body as JSON, or as it is where it is bytes."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        arguments = {"EndpointName": self.name, "Body": body, "ContentType": "application/json"} | options
        answer: dict[str, Any] = self.server.client("sagemaker-runtime").invoke_endpoint(**arguments)
        return answer

    def answer(self, text: object, **parameters: Any) -> Any:
        """The decoded answer to a text."""
        return json.loads(self.invoke(self.request(text, **parameters))["Body"].read())

    def text(self, text: object, **parameters: Any) -> str:
        """The one generated text."""
        content = self.answer(text, **parameters)
        told: str = content["generated_texts"][0] if self.takes_text_inputs else content[0]["generated_text"]
        return told

    def stream(self, content: dict[str, Any], **options: Any) -> dict[str, Any]:
        """InvokeEndpointWithResponseStream."""
        arguments = {"EndpointName": self.name, "Body": json.dumps(content), "ContentType": "application/json"}
        runtime = self.server.client("sagemaker-runtime")
        answer: dict[str, Any] = runtime.invoke_endpoint_with_response_stream(**arguments | options)
        return answer


def tune(server: Server, name: str, base_model: str) -> Tuned:
    """Fine-tune a tiny model on a small dataset, and deploy it."""
    request = text_generation(name, channel("input/facts_100.csv"), BaseModelName=base_model)
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = server.wait(name, "Completed")
    (container,) = job["BestCandidate"]["InferenceContainers"]
    tuned = Tuned(server, name, container, predictions_of(server, container))
    make_model(server, name, container)
    endpoint = make_endpoint(server, name)
    assert endpoint["EndpointStatus"] == "InService", endpoint
    return tuned


def make_model(server: Server, name: str, container: dict[str, Any]) -> None:
    """CreateModel."""
    server.client("sagemaker").create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)


def make_endpoint(server: Server, name: str, *, config: bool = True) -> dict[str, Any]:
    """An endpoint named after its model, with a configuration; its description once it serves, or cannot."""
    sagemaker = server.client("sagemaker")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.g5.12xlarge",
        "InitialInstanceCount": 1,
    }
    if config:
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while (endpoint := sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] == "Creating":
        time.sleep(0.02)
    described: dict[str, Any] = endpoint
    return described


def serving_processes(server_pid: int) -> set[int]:
    """The processes that serve models, of a server that trains nothing: all that its warm process has forked."""
    return {served for warm in _children(server_pid) for served in _children(warm)}


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]


def predictions_of(server: Server, container: dict[str, Any]) -> list[dict[str, str]]:
    """What a candidate's job stored of its held-out rows."""
    location = parse_s3_uri(container["Environment"]["AUTOML_EMULATOR_ARTIFACTS"] + "/validation_predictions.jsonl")
    content = server.client("s3").get_object(Bucket=location.bucket, Key=location.key)["Body"].read().decode()
    return [json.loads(line) for line in content.splitlines()]
