"""What stands behind moto: its breakdowns and pages reach nobody, whichever protocol the caller speaks."""

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.server import JSON_1_1, Server
from tests.support.wire import assert_error

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"
FORM = "application/x-www-form-urlencoded"


def send(server: Server, service: str = "", method: str = "GET", path: str = "/", **headers: str) -> requests.Response:
    """A request signed for a service, with no body but what `body` gives."""
    body = headers.pop("body", "")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Authorization": SIGNED.format(service)} if service else {}
    return requests.request(method, server.url + path, data=body, headers=sent, timeout=30)


@pytest.mark.parametrize(
    ("service", "request_of", "status", "form"),
    [
        ("nosuch", {}, 400, b'{"__type":"UnknownOperationException","message":"The emulator does not serve GET /."}'),
        ("lambda", {"path": "/nonsense"}, 404, b'{"__type":"UnknownOperationException"'),
        ("bedrock", {"path": "/foundation-models"}, 400, b'{"__type":"UnknownOperationException"'),
        (
            "iam",
            {"method": "POST", "Content_Type": FORM, "body": "Action=X"},
            400,
            b"<ErrorResponse><Error><Type>Sender<",
        ),
        (
            "iam",
            {"path": "/?Action=GetMFADevice&SerialNumber=123456789"},
            400,
            b"<ErrorResponse><Error><Type>Sender</Type>",
        ),
        ("ec2", {"path": "/?Action=X"}, 400, b"<Response><Errors><Error><Code>"),
        ("route53", {"path": "/nonsense"}, 404, b"<ErrorResponse>"),
        (
            "s3",
            {"method": "FOO", "path": "/b/k"},
            405,
            b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>MethodNotAllowed</',
        ),
        ("", {"method": "POST"}, 405, b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>MethodNotAllowed</Code>'),
        (
            "monitoring",
            {"Smithy_Protocol": "rpc-v2-cbor", "path": "/service/X/operation/Y"},
            404,
            b"\xa2\x7a\0\0\0\x06__type\x7a",
        ),
        (
            "logs",
            {"X_Amz_Target": "Logs_20140328.X", "method": "POST", "body": "{"},
            400,
            b'{"__type":"SerializationException"',
        ),
    ],
)
def test_refusals_speak_the_callers_protocol(
    own_server: Server, service: str, request_of: dict[str, str], status: int, form: bytes
) -> None:
    """JSON, query, EC2's query, S3's XML, REST and CBOR: each caller gets an error that it can read."""
    answer = send(own_server, service, **request_of)
    assert (answer.status_code, answer.content[: len(form)]) == (status, form)


def test_codes_reach_sdks(own_server: Server) -> None:
    """boto3 reads the code of a refusal in each protocol."""
    refused = {
        "iam": ("get_mfa_device", {"SerialNumber": "123456789"}),
        "bedrock": ("list_foundation_models", {}),
        "sagemaker": ("list_spaces", {}),
    }
    for service, (operation, members) in refused.items():
        with pytest.raises(ClientError, match="The emulator does not serve") as caught:
            getattr(own_server.client(service), operation)(**members)
        assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


@pytest.mark.parametrize("path", ["/moto-api", "/moto-api/", "/moto-api/nonsense", "/favicon.ico"])
def test_pages_of_moto_are_not_there(own_server: Server, path: str) -> None:
    """No page of moto's is served."""
    answer = send(own_server, path=path)
    assert answer.status_code == 404
    assert b"<html" not in answer.content.lower()


def test_data_of_moto_api_is_there(own_server: Server) -> None:
    """Moto's endpoints for programs stay, for tests that use them."""
    assert own_server.url
    assert send(own_server, path="/moto-api/data.json").status_code == 200
    assert send(own_server, method="POST", path="/moto-api/seed?a=42").status_code == 200


def test_sagemakers_other_operations_need_no_signature(own_server: Server) -> None:
    """Operations that moto serves are found by their target alone, as ours are."""
    answer = send(own_server, method="POST", X_Amz_Target="SageMaker.ListTrials", Content_Type=JSON_1_1, body="{}")
    assert answer.json() == {"TrialSummaries": []}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("", "SerializationException", ""),
        ("[]", "SerializationException", ""),
        ('{"PipelineName": 5}', "SerializationException", ""),
        ('{"PipelineName": "p", "Tags": {}}', "SerializationException", ""),
        (
            '{"ClientRequestToken": "t", "RoleArn": "r"}',
            "ValidationException",
            f"1 validation error detected: {NULL.format('pipelineName')}",
        ),
        (
            '{"ClientRequestToken": "t", "PipelineName": "p", "Tags": [{"Key": "k"}]}',
            "ValidationException",
            f"2 validation errors detected: {NULL.format('roleArn')}; {NULL.format('tags.1.member.value')}",
        ),
    ],
)
def test_no_pipeline_without_a_name(own_server: Server, body: str, code: str, message: str) -> None:
    """What moto would take and stumble over ever after is refused: required members, and JSON types."""
    answer = send(own_server, method="POST", X_Amz_Target="SageMaker.CreatePipeline", Content_Type=JSON_1_1, body=body)
    assert_error(answer, code, message)
    assert own_server.client("sagemaker").list_pipelines()["PipelineSummaries"] == []


@pytest.mark.parametrize("operation", ["ListTrials", "ListModels", "ListAutoMLJobs"])
def test_a_wrong_method_is_wrong_everywhere(own_server: Server, operation: str) -> None:
    """A method other than POST is refused for our operations and for moto's."""
    assert send(own_server, X_Amz_Target=f"SageMaker.{operation}", Content_Type=JSON_1_1).status_code == 404


def test_tags_of_other_resources_are_motos(own_server: Server) -> None:
    """The tag operations are ours for what we make, moto's for the rest, signed or not."""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:experiment/none"
    answer = own_server.post("ListTags", {"ResourceArn": arn})
    assert answer.status_code < 500
    assert "automl" not in answer.text


@pytest.mark.parametrize("path", ["/health", "/_emulator/jobs/none"])
def test_our_pages_stay_ours(own_server: Server, path: str) -> None:
    """Our pages answer JSON, and a request that is signed for S3 goes to the bucket of that name."""
    assert send(own_server, path=path).headers["Content-Type"] == "application/json"
    assert b"NoSuchBucket" in send(own_server, "s3", path=path).content
    assert send(own_server, method="POST", path="/health").status_code == 405
