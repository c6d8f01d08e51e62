"""Faulty invocations: each gets the runtime's own form of error, and none harms the endpoint."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.errors import TGI_RULES
from tests.support.serving import Tuned

DEEP = b"[" * 100_000
TGI_FAULTS: list[tuple[bytes, int, str]] = [
    (b"", 400, "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 0"),
    (b'{"inputs":\n ', 400, "EOF while parsing a value at line 2 column 1"),
    (b'{"inputs": "\xc3\xa9a', 400, "EOF while parsing a string at line 1 column 15"),
    (b"not json", 400, "Failed to parse the request body as JSON: "),
    (b'{"inputs": "a"', 400, "Failed to parse the request body as JSON: "),
    (b'{"inputs": "\xff"}', 400, "invalid unicode code point"),
    (b'{"inputs": "a", "parameters": {"temperature": NaN}}', 400, "NaN"),
    (DEEP, 400, "recursion limit exceeded"),
    (b'{"inputs": ' + b"1" * 10_000 + b"}", 400, "as JSON: number out of range at line 1 column 10011"),
    (b'{"inputs": "a", "parameters": {"temperature": 1e999}}', 400, "number out of range at line 1 column 51"),
    (b'{"inputs": "a", "x": [1, }', 400, "as JSON: expected value at line 1 column 26"),
    (b'{"inputs":"a","parameters":{"temperature":"\\ud800"}}', 400, "surrogate in hex escape at line 1 column 49"),
    (b'{"inputs":"\\\\ud800\\ud83d\\ude00 \\uDc00"}', 400, "lone leading surrogate in hex escape at line 1 column 37"),
    (b'{"inputs":"a","\\udfff":1}', 400, "lone leading surrogate"),
    (b"[]", 422, "expected struct CompatGenerateRequest"),
    (b"null", 422, "expected struct CompatGenerateRequest"),
    (b"{}", 422, "missing field `inputs` at line 1 column 2"),
    (b'{"text_inputs": "a"}', 422, "missing field `inputs`"),
    (b'{"inputs": 5}', 422, "inputs: invalid type: integer `5`, expected a string at line 1 column 12"),
    (b'{"inputs": ["a"]}', 422, "inputs: invalid type: sequence, expected a string"),
    (b'{"inputs": null}', 422, "inputs: invalid type: null, expected a string"),
    (b'{"inputs": "a", "parameters": []}', 422, "parameters: invalid type: sequence"),
    (
        b'{\n "inputs": "a",\n "parameters": {\n  "max_new_tokens": "50"}}',
        422,
        'parameters.max_new_tokens: invalid type: string "50", expected u32 at line 4 column 24',
    ),
    (b'{"inputs": "a", "parameters": {"max_new_tokens": -1}}', 422, "invalid value: integer `-1`, expected u32"),
    (b'{"inputs": "a", "parameters": {"max_new_tokens": 1.5}}', 422, "floating point `1.5`, expected u32"),
    (b'{"inputs": "a", "parameters": {"do_sample": "yes"}}', 422, 'string "yes", expected a boolean'),
    (b'{"inputs": "a", "parameters": {"stop": "x"}}', 422, "expected a sequence"),
    (
        b'{"inputs": "a", "parameters": {"stop": ["b", 1]}}',
        422,
        "parameters.stop[1]: invalid type: integer `1`, expected a string at line 1 column 46",
    ),
    (b'{"inputs": "a", "parameters": {"stop": [[2], 1]}}', 422, "parameters.stop[0]: invalid type: sequence, expected"),
    (b'{"inputs": "a", "stream": 1}', 422, "stream: invalid type: integer `1`, expected a boolean"),
    (b'{"inputs": "a", "inputs": "b"}', 422, "target type: duplicate field `inputs` at line 1 column 24"),
]
TGI_BROKEN_RULES: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 0}, TGI_RULES["temperature"]),
    ({"temperature": -1.5}, TGI_RULES["temperature"]),
    ({"top_p": 1}, TGI_RULES["top_p"]),
    ({"top_p": 0}, TGI_RULES["top_p"]),
    ({"typical_p": 2}, TGI_RULES["typical_p"]),
    ({"top_k": 0}, TGI_RULES["top_k"]),
    ({"repetition_penalty": 0}, TGI_RULES["repetition_penalty"]),
    ({"max_new_tokens": 0}, TGI_RULES["max_new_tokens"]),
    ({"stop": ["a", "b", "c", "d", "e"]}, TGI_RULES["stop"].format(4, 5)),
    ({"truncate": 0}, TGI_RULES["truncate"].format(1024, 0)),
    ({"best_of": 3, "do_sample": True}, TGI_RULES["best_of"].format(2, 3)),
    ({"best_of": 2}, TGI_RULES["best_of_sampling"]),
    ({"best_of": 2, "do_sample": True, "seed": 1}, TGI_RULES["best_of_seed"]),
    ({"watermark": True}, TGI_RULES["watermark"]),
    ({"max_new_tokens": 4000}, "`inputs` tokens + `max_new_tokens` must be <= 2048. Given: "),
]
DJL_FAULTS: list[tuple[bytes, int, str]] = [
    (b"", 400, "the body is no JSON"),
    (b'{"text_inputs"', 400, "the body is no JSON"),
    (DEEP, 400, "recursion limit exceeded"),
    (b'{"text_inputs": "\\ud800"}', 400, "lone leading surrogate in hex escape"),
    (b"[]", 400, "a JSON object with text_inputs"),
    (b'{"inputs": "a"}', 400, "a JSON object with text_inputs"),
    (b'{"text_inputs": 5}', 400, "text_inputs must be a text"),
    (b'{"text_inputs": []}', 400, "text_inputs must be a text"),
    (b'{"text_inputs": [[]]}', 400, "text_inputs must be a text"),
    (b'{"text_inputs": ""}', 400, "text_inputs must be a text"),
    (b'{"text_inputs": "a", "parameters": 5}', 400, "parameters must be an object"),
    (b'{"text_inputs": "a", "parameters": {"text_inputs": "b"}}', 400, "text_inputs stands in parameters and beside"),
    (
        b'{"text_inputs": "a", "top_k": 1, "parameters": {"top_k": 2}}',
        400,
        "top_k stands in parameters and beside them",
    ),
    (
        b'{"text_inputs": "a", "temperature": 1e39}',
        400,
        "temperature must be a number from 0 to 3.4028234663852886e+38",
    ),
    (b'{"text_inputs": "a", "repetition_penalty": 1e39}', 400, "from 1e-30 to 3.4028234663852886e+38"),
    (b'{"text_inputs": "a", "max_length": 4294967296}', 400, "max_length must be a number from 1 to 4294967295"),
    (b'{"text_inputs": "a", "sampling": true}', 400, "unknown parameter 'sampling'"),
    (b'{"text_inputs": "a", "max_new_tokens": "x"}', 400, "max_new_tokens must be a number"),
    (b'{"text_inputs": "a", "max_new_tokens": 100000}', 400, "max_new_tokens must be <="),
    (b'{"text_inputs": "a", "num_return_sequences": 3}', 400, "needs do_sample"),
    (b'{"text_inputs": "a", "num_return_sequences": 900, "do_sample": true}', 400, "from 1 to 8"),
    (b'{"text_inputs": "a", "num_beams": [4]}', 400, "num_beams is not emulated"),
    (b'{"text_inputs": "a", "temperature": -1}', 400, "temperature must be a number from 0"),
    (b'{"text_inputs": "a", "do_sample": 1}', 400, "do_sample must be true or false"),
    (b'{"text_inputs": "a", "stop": [5]}', 400, "stop must be a list"),
]


def refused(tuned: Tuned, content: object, **options: Any) -> dict[str, Any]:
    """The error that an invocation gets."""
    with pytest.raises(ClientError) as caught:
        tuned.invoke(content, **options)
    return dict(caught.value.response)


def assert_model_error(tuned: Tuned, error: dict[str, Any], status: int, words: str) -> None:
    """A ModelError to its last member, with what the container said in it."""
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == status
    assert words in error["OriginalMessage"]
    group = f"/aws/sagemaker/Endpoints/{tuned.name}"
    assert error["LogStreamArn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    assert error["Error"]["Message"] == (
        f'Received client error ({status}) from primary with message "{error["OriginalMessage"]}". See '
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group="
        f"{group} in account 123456789012 for more information."
    )


@pytest.mark.parametrize(("body", "status", "words"), TGI_FAULTS)
def test_tgi_refuses_a_body(tgi: Tuned, body: bytes, status: int, words: str) -> None:
    """A body that TGI cannot read comes back as its parser's rejection, within a ModelError."""
    assert_model_error(tgi, refused(tgi, body), status, words)


@pytest.mark.parametrize(("parameters", "words"), TGI_BROKEN_RULES)
def test_tgi_refuses_parameters(tgi: Tuned, parameters: dict[str, Any], words: str) -> None:
    """A parameter out of its range comes back in TGI's words, as its JSON."""
    error = refused(tgi, tgi.request("a", **parameters))
    assert_model_error(tgi, error, 422, words)
    told = json.loads(error["OriginalMessage"])
    assert told.keys() == {"error", "error_type"}
    assert told["error"].startswith("Input validation error: ")
    assert told["error_type"] == "validation"


def test_tgi_refuses_an_empty_and_a_long_text(tgi: Tuned) -> None:
    """A text must have something in it, and no more tokens than the model's context."""
    assert_model_error(tgi, refused(tgi, tgi.request("")), 422, TGI_RULES["empty"])
    error = refused(tgi, tgi.request("word " * 5000))
    assert_model_error(tgi, error, 422, "`inputs` must have less than 1024 tokens. Given: ")
    assert tgi.text("word " * 5000, truncate=500) is not None


def test_megabytes_of_text_are_refused_at_once(tuned: Tuned) -> None:
    """Of a text far over the limit the beginning alone is counted, and nobody waits for the rest."""
    begun = time.monotonic()
    for text in ("word " * 1_100_000, "x" * 5_500_000):
        error = refused(tuned, tuned.request(text))
        assert_model_error(tuned, error, 400 if tuned.takes_text_inputs else 422, "more than ")
    assert time.monotonic() - begun < 10


def test_truncate_keeps_the_end_of_a_long_text(tgi: Tuned) -> None:
    """The last tokens of megabytes are those of its end."""
    end = " and where is the capital of Poland?" * 10
    texts = [
        tgi.answer(before + end, truncate=60, decoder_input_details=True, max_new_tokens=4)[0]
        for before in ("word " * 1_000_000, "word " * 10)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]["details"]["prefill"]) == 60


@pytest.mark.parametrize(
    "shape",
    [
        {"temperature": 1e-40},
        {"do_sample": True, "repetition_penalty": 1e-40},
        {"do_sample": True, "temperature": 1e38, "repetition_penalty": 1e29},
    ],
)
def test_parameters_beyond_all_measure_hurt_nobody(tgi: Tuned, shape: dict[str, Any]) -> None:
    """A request whose scores no number can hold gets some answer, and those beside it get theirs."""
    rows = tgi.predictions[:4]
    asked: list[tuple[str, dict[str, Any]]] = [(row["input"], extra) for row in rows for extra in ({}, shape)]
    with ThreadPoolExecutor(8) as clients:
        texts = list(clients.map(lambda one: tgi.text(one[0], **one[1], max_new_tokens=20), asked))
    alone = [tgi.text(row["input"], max_new_tokens=20) for row in rows]
    assert texts[::2] == alone


@pytest.mark.parametrize(("body", "status", "words"), DJL_FAULTS)
def test_djl_refuses_a_body(djl: Tuned, body: bytes, status: int, words: str) -> None:
    """What the DJL container cannot serve comes back in its form, within a ModelError."""
    error = refused(djl, body)
    assert_model_error(djl, error, status, words)
    assert json.loads(error["OriginalMessage"])["code"] == status


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-image", "", "application/jsonlines"])
def test_other_content_types_are_the_containers_415(tuned: Tuned, content_type: str) -> None:
    """Both containers take JSON alone, and say so themselves."""
    assert_model_error(tuned, refused(tuned, tuned.request("a"), ContentType=content_type), 415, "application/json")


def test_json_may_have_a_charset(tuned: Tuned) -> None:
    """Parameters of the content type change nothing."""
    answer = tuned.invoke(tuned.request("a"), ContentType="application/json; charset=utf-8")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_huge_body_is_refused_by_the_runtime(tuned: Tuned) -> None:
    """More than 6 MB never reach the container; 6 MB do."""
    error = refused(tuned, b"x" * 6_291_457)
    assert error["Error"] == {
        "Code": "ValidationError",
        "Message": "1 validation error detected: Value at 'body' failed to satisfy constraint: "
        "Member must have length less than or equal to 6291456",
    }
    assert refused(tuned, b"x" * 6_291_456)["Error"]["Code"] == "ModelError"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"EndpointName": "nobody"}, "Endpoint nobody of account 123456789012 not found."),
        ({"EndpointName": "under_score"}, "Value 'under_score' at 'endpointName' failed to satisfy constraint: "),
        ({"EndpointName": "a" * 64}, "Member must have length less than or equal to 63"),
        ({"TargetVariant": "Another"}, "Variant Another not found"),
        ({"TargetVariant": "-"}, "Value '-' at 'targetVariant'"),
        ({"TargetVariant": "-" * 64}, "2 validation errors detected: Value '----"),
        (
            {"CustomAttributes": "x" * 1025},
            "1 validation error detected: Value at 'customAttributes' failed to satisfy ",
        ),
        ({"InferenceId": "x" * 65}, "at 'inferenceId' failed to satisfy constraint: Member must have length less than"),
        ({"InferenceId": "caf\u00e9"}, "Value 'caf\u00e9' at 'inferenceId' failed to satisfy constraint: "),
        (
            {"Accept": "a" * 1025},
            "at 'accept' failed to satisfy constraint: Member must have length less than or equal",
        ),
        ({"ContentType": "a" * 1025}, "at 'contentType' failed to satisfy constraint: Member must have length"),
        ({"EnableExplanations": "a" * 65}, "at 'enableExplanations' failed to satisfy constraint: "),
        ({"SessionId": "not a session"}, "at 'sessionId' failed to satisfy constraint: Member must satisfy regular"),
        ({"TargetModel": "model.tar.gz"}, "X-Amzn-SageMaker-Target-Model is not supported for endpoint "),
        ({"TargetContainerHostname": "second"}, "X-Amzn-SageMaker-Target-Container-Hostname is not supported"),
        ({"InferenceComponentName": "one"}, "X-Amzn-SageMaker-Inference-Component is not supported"),
    ],
)
def test_the_runtime_refuses_targets(tuned: Tuned, options: dict[str, Any], words: str) -> None:
    """What the runtime cannot route is its ValidationError."""
    error = refused(tuned, tuned.request("a"), **options)
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("ValidationError", 400)
    assert words in error["Error"]["Message"]


@pytest.mark.parametrize("content", [{"nothing": 1}, {"inputs": "a", "stream": "\udc00"}])
def test_a_stream_is_refused_before_it_begins(tuned: Tuned, content: dict[str, Any]) -> None:
    """A fault of a streaming request is a ModelError too, not a stream."""
    with pytest.raises(ClientError) as caught:
        tuned.stream(content)
    assert caught.value.response["Error"]["Code"] == "ModelError"


def test_asynchronous_invocations_are_refused(tuned: Tuned) -> None:
    """The emulator runs no asynchronous inference, and says so of an endpoint that is there."""
    runtime = tuned.server.client("sagemaker-runtime")
    for name, words in (
        (tuned.name, "does not support asynchronous inference: the emulator runs none"),
        ("no", "not found"),
    ):
        with pytest.raises(runtime.exceptions.ValidationError, match=words):
            runtime.invoke_endpoint_async(EndpointName=name, InputLocation="s3://test-bucket/input")


def test_headers_within_their_limits_are_taken(tuned: Tuned) -> None:
    """What the service model allows beside a body changes nothing."""
    given = {"CustomAttributes": "x" * 1024, "InferenceId": "an id", "SessionId": "NEW_SESSION", "Accept": "*/*"}
    assert tuned.invoke(tuned.request("a"), **given)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_other_methods_are_no_operation(tgi: Tuned) -> None:
    """The runtime's paths take POST."""
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sagemaker/aws4_request"}
    answer = requests.get(f"{tgi.server.url}/endpoints/{tgi.name}/invocations", headers=headers, timeout=10)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


def test_a_bucket_may_be_called_endpoints(tgi: Tuned) -> None:
    """What is signed for S3 goes to S3, whatever its path."""
    s3 = tgi.server.client("s3")
    s3.create_bucket(Bucket="endpoints")
    upload = s3.create_multipart_upload(Bucket="endpoints", Key="a/invocations")
    assert upload["Key"] == "a/invocations"
    s3.abort_multipart_upload(Bucket="endpoints", Key="a/invocations", UploadId=upload["UploadId"])
