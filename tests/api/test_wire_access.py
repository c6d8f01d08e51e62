"""--require-auth: whatever is on the port is for those alone who sign with a key of the credentials file."""

import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from botocore.exceptions import ClientError

from tests.support.access import TOKEN_KEY, client, send, signed, strict_server
from tests.support.server import JSON_1_1, Server
from tests.support.wire import exchange, request_of

CALLS = [
    # service, operation, unknown key, wrong secret, status
    ("sagemaker", "list_auto_ml_jobs", "UnrecognizedClientException", "InvalidSignatureException", 400),
    ("sagemaker", "list_models", "UnrecognizedClientException", "InvalidSignatureException", 400),
    ("dynamodb", "list_tables", "UnrecognizedClientException", "InvalidSignatureException", 400),
    ("lambda", "list_functions", "UnrecognizedClientException", "InvalidSignatureException", 403),
    ("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
    ("ec2", "describe_vpcs", "InvalidClientTokenId", "SignatureDoesNotMatch", 403),
    ("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch", 403),
]
KEYS = ["plain", "a b/ü+c=d&e'(1)~!*.txt", "100% sure", "dots/./../x", "double//slash", "semi;colon:@,$"]


@pytest.fixture(scope="module", name="strict")
def _strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with strict_server(tmp_path_factory.mktemp("keys")) as server:
        yield server


@pytest.fixture(scope="module", name="s3")
def _s3(strict: Server) -> Any:
    s3 = client(strict, "s3")
    s3.create_bucket(Bucket="strict")
    return s3


def code_of(call: Any, **members: Any) -> tuple[str, int]:
    """The code and the status of the error that a call gets."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def xml_code(answer: requests.Response) -> tuple[str, int]:
    """The same of an answer in S3's XML."""
    found = re.search(r"<Code>(\w+)</Code>", answer.text)
    assert found, answer.text
    return found[1], answer.status_code


@pytest.mark.parametrize(("service", "operation", "unknown", "wrong", "status"), CALLS)
def test_each_protocol(strict: Server, service: str, operation: str, unknown: str, wrong: str, status: int) -> None:
    """A known key's signature lets every service answer; any other is refused in the words of its protocol."""
    assert getattr(client(strict, service), operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert code_of(getattr(client(strict, service, "AKIAOTHER"), operation)) == (unknown, status)
    assert code_of(getattr(client(strict, service, "test", "guess"), operation)) == (wrong, status)


@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_a_key_with_a_token_is_good_with_it_alone(strict: Server, service: str) -> None:
    """A session token must be the key's: none, another, or one for a key without is refused."""
    operation = {"sagemaker": "list_auto_ml_jobs", "s3": "list_buckets"}[service]
    refused = {"sagemaker": ("UnrecognizedClientException", 400), "s3": ("InvalidToken", 400)}[service]
    key, secret, token = TOKEN_KEY
    getattr(client(strict, service, key, secret, token), operation)()
    for credentials in ((key, secret, None), (key, secret, "another"), ("test", "test", token)):
        assert code_of(getattr(client(strict, service, *credentials), operation)) == refused


def test_keys_that_moto_issues_are_not_known(strict: Server) -> None:
    """Temporary credentials of AssumeRole do not open the port: moto would give them to whoever asks."""
    issued = client(strict, "sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")
    found = issued["Credentials"]
    temporary = client(strict, "sagemaker", found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    assert code_of(temporary.list_auto_ml_jobs) == ("UnrecognizedClientException", 400)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("PUT", "/strict/anonymous", {}),
        ("GET", "/strict/input", {}),
        ("GET", "/_emulator/jobs/any", {}),
        ("GET", "/moto-api/data.json", {}),
        ("POST", "/moto-api/reset", {}),
        ("POST", "/endpoints/any/invocations", {"Content-Type": "application/json"}),
        ("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("POST", "/", {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListModels"}),
        ("POST", "/", {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListAutoMLJobs"}),
        ("POST", "/", {"Content-Type": JSON_1_1, "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}),
        ("OPTIONS", "/strict", {}),
        ("HEAD", "/strict", {}),
        ("GET", "/health/", {}),
        ("GET", "//health", {"Authorization": "AWS4-HMAC-SHA256 x"}),
    ],
)
def test_nobody_unsigned_gets_in(strict: Server, s3: Any, method: str, path: str, headers: dict[str, str]) -> None:
    """Without a signature everything is refused, a bucket, a page and a control of moto's included."""
    answer = requests.request(method, strict.url + path, headers=headers, data=b"{}" * (method == "POST"), timeout=30)
    assert answer.status_code in {400, 403}, answer.text
    assert b"Bucket" not in answer.content
    assert s3.list_buckets()["Buckets"]


def test_health_is_open_and_pages_take_signatures(strict: Server) -> None:
    """/health asks nothing; a page of the emulator is there for who signs for SageMaker."""
    assert requests.get(f"{strict.url}/health", timeout=30).json()["status"] == "ok"
    answer = send(signed(strict, "sagemaker", "GET", "/_emulator/jobs/none"))
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


@pytest.mark.parametrize("key", KEYS)
def test_names_of_objects(s3: Any, key: str) -> None:
    """Whatever the name of an object is, what boto3 signs for it is right, in paths, queries and metadata."""
    s3.put_object(Bucket="strict", Key=key, Body=b"content", Metadata={"with_underscore": "1", "spaces": "a   b "})
    assert s3.get_object(Bucket="strict", Key=key)["Body"].read() == b"content"
    assert key in [item["Key"] for item in s3.list_objects_v2(Bucket="strict", Prefix=key[:3])["Contents"]]
    s3.delete_object(Bucket="strict", Key=key)


def test_large_objects(s3: Any) -> None:
    """A body that the server keeps on disk is checked as any other."""
    body = bytes(range(256)) * 24_000
    s3.put_object(Bucket="strict", Key="large", Body=body)
    assert s3.get_object(Bucket="strict", Key="large")["Body"].read() == body


@pytest.mark.parametrize("minutes", [-16, 16])
def test_the_clock(strict: Server, minutes: int) -> None:
    """A signature is good for 15 minutes either way, and S3 has a code of its own for one that is not."""
    assert send(signed(strict, "s3", "GET", "/", minutes=minutes / 2)).status_code == 200
    assert xml_code(send(signed(strict, "s3", "GET", "/", minutes=minutes))) == ("RequestTimeTooSkewed", 403)
    target = {"X_Amz_Target": "SageMaker.ListAutoMLJobs", "Content_Type": JSON_1_1}
    answer = send(signed(strict, "sagemaker", "POST", "/", b"{}", minutes=minutes, **target))
    assert answer.json()["__type"] == "InvalidSignatureException"
    assert ("expired" if minutes < 0 else "not yet current") in answer.json()["message"]


def test_what_was_signed_cannot_be_changed(strict: Server, s3: Any) -> None:
    """Another body, path, query, method, signed header, or an added one of Amazon's is refused."""
    assert s3
    put = signed(strict, "s3", "PUT", "/strict/signed?x-id=PutObject", b"one", Content_Type="text/plain")
    assert send(put.copy()).status_code == 200
    changed = [put.copy() for _ in range(6)]
    changed[0].body = b"two"
    changed[1].url = put.url.replace("signed", "other") if put.url else ""
    changed[2].url = f"{put.url}&acl"
    changed[3].method = "DELETE"
    changed[4].headers["Content-Type"] = "text/html"
    changed[5].headers["x-amz-acl"] = "public-read"
    assert [xml_code(send(request)) for request in changed] == [
        ("XAmzContentSHA256Mismatch", 400),
        *[("SignatureDoesNotMatch", 403)] * 4,
        ("AccessDenied", 403),
    ]
    call = signed(strict, "sagemaker", "POST", "/", b"{}", X_Amz_Target="SageMaker.ListModels", Content_Type=JSON_1_1)
    assert send(call.copy()).status_code == 200
    others = [call.copy() for _ in range(3)]
    others[0].body = b"[]"
    others[1].headers["X-Amz-Target"] = "SageMaker.ListEndpoints"
    others[2].headers["X-Amz-Anything"] = "1"
    assert [send(request).json()["__type"] for request in others] == ["InvalidSignatureException"] * 3


def test_signed_urls(s3: Any) -> None:
    """A presigned URL is good for what it was made for, for as long as it says, at most a week."""
    s3.put_object(Bucket="strict", Key="a b", Body=b"content")
    place = {"Bucket": "strict", "Key": "a b"}
    get = s3.generate_presigned_url("get_object", Params=place)
    put = s3.generate_presigned_url("put_object", Params=place)
    assert requests.get(get, timeout=30).content == b"content"
    assert requests.put(put, data=b"other", timeout=30).status_code == 200
    assert requests.get(get, timeout=30).content == b"other"
    over = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=0)
    long = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=604_801)
    refused = {
        get.replace("a%20b", "a%20c"): ("SignatureDoesNotMatch", 403),
        f"{get}&versionId=null": ("SignatureDoesNotMatch", 403),
        get.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"): ("SignatureDoesNotMatch", 403),
        get.replace("X-Amz-Expires=3600", "X-Amz-Expires=x"): ("AuthorizationQueryParametersError", 400),
        get.replace("X-Amz-Signature", "X-Amz-Nothing"): ("AuthorizationQueryParametersError", 400),
        over: ("AccessDenied", 403),
        long: ("AuthorizationQueryParametersError", 400),
    }
    assert {url: xml_code(requests.get(url, timeout=30)) for url in refused} == refused
    assert "Request has expired" in requests.get(over, timeout=30).text
    assert xml_code(requests.put(get, data=b"x", timeout=30)) == ("SignatureDoesNotMatch", 403)
    with_header = requests.put(put, data=b"x", headers={"x-amz-acl": "public-read"}, timeout=30)
    assert xml_code(with_header) == ("AccessDenied", 403)
    twice = requests.get(get, headers={"Authorization": "AWS4-HMAC-SHA256 x"}, timeout=30)
    assert xml_code(twice) == ("InvalidArgument", 400)


def test_a_signed_url_from_the_future(s3: Any) -> None:
    """A presigned URL whose date is to come is not valid yet."""
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "strict", "Key": "x"})
    date = re.search(r"X-Amz-Date=(\d{8})", url)
    assert date
    later = url.replace(date[1], str(int(date[1][:4]) + 1) + date[1][4:])
    answer = requests.get(later, timeout=30)
    assert (xml_code(answer), "not yet valid" in answer.text) == (("AccessDenied", 403), True)


@pytest.mark.parametrize(
    ("headers", "query", "code", "status"),
    [
        ({"Authorization": "AWS test:c2lnbmF0dXJl"}, "", "InvalidRequest", 400),
        ({}, "?AWSAccessKeyId=test&Signature=x&Expires=9999999999", "InvalidRequest", 400),
        ({"Authorization": "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/s3/d"}, "", "AuthorizationHeaderMalformed", 400),
        ({"Authorization": "AWS4-HMAC-SHA256 nonsense"}, "", "AuthorizationHeaderMalformed", 400),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x", "X-Amz-Date": "x"}, "",
         "AuthorizationHeaderMalformed", 400),
    ],
)  # fmt: skip
def test_other_ways_to_sign(strict: Server, headers: dict[str, str], query: str, code: str, status: int) -> None:
    """Signature Version 2, asymmetric ones and what cannot be read are refused as S3 refuses them."""
    answer = requests.get(f"{strict.url}/strict/x{query}", headers=headers, timeout=30)
    assert xml_code(answer) == (code, status)


def test_s3_wants_the_hash_of_the_body(strict: Server) -> None:
    """A signed request to S3 without x-amz-content-sha256 is refused; one that says it is unsigned is not."""
    request = signed(strict, "s3", "GET", "/")
    del request.headers["x-amz-content-sha256"]
    assert xml_code(send(request)) == ("InvalidRequest", 400)
    assert send(signed(strict, "s3", "GET", "/", X_Amz_Content_SHA256="UNSIGNED-PAYLOAD")).status_code == 200


@pytest.mark.parametrize(
    ("body", "told", "answer"),
    [
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", None),
        (b"2\r\nhe\r\n3\r\nllo\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\n", "5", None),
        (b"2\r\nhe\r\n3\r\nllo\r\n0\r\nx-amz-checksum-crc32c:AAAAAA==\r\n\r\n", "5", "BadDigest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "5", "BadDigest"),
        (b"5\r\nhello\r\n0\r\n\r\n", "6", "IncompleteBody"),
        (b"9\r\nhello\r\n0\r\n\r\n", "9", "IncompleteBody"),
        (b"3\r\nhello\r\n0\r\n\r\n", "3", "IncompleteBody"),
        (b"hello", "5", "IncompleteBody"),
    ],
)
def test_bodies_in_chunks(strict: Server, s3: Any, body: bytes, told: str, answer: str | None) -> None:
    """S3's own chunks are read through: sizes and the checksum at the end must be right."""
    request = signed(
        strict, "s3", "PUT", "/strict/chunks", body,
        X_Amz_Content_SHA256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        X_Amz_Decoded_Content_Length=told, Content_Encoding="aws-chunked",
    )  # fmt: skip
    got = send(request)
    assert answer is None or xml_code(got) == (answer, 400)
    if answer is None:
        assert got.status_code == 200, got.text
        assert s3.get_object(Bucket="strict", Key="chunks")["Body"].read() == b"hello"


def test_no_object_name_gets_past_the_gate(strict: Server) -> None:
    """A path that only looks like /health is no /health."""
    for path in ("/health?x=/", "/./health", "/%68ealth", "/health%2f..%2f"):
        answer = requests.Request("GET", strict.url).prepare()
        answer.url = strict.url + path
        with requests.Session() as session:
            got = session.send(answer, timeout=30)
        assert got.status_code == 403 or got.json().keys() >= {"status", "version"}, quote(path)


PIECES = [
    *("AWS4-HMAC-SHA256", "AWS ", " ", ",", "=", "%", "/", ";", "", "\xe4", "f" * 64),
    *("Credential=", "test/", "20260101/", "us-east-1/", "s3/", "sagemaker/", "aws4_request"),
    *("SignedHeaders=", "host", "x-amz-date", "Signature="),
]


def test_nonsense_is_refused_and_breaks_nothing(strict: Server) -> None:
    """Whatever stands in place of a signature, in the header or in the query, gets a refusal and no breakdown."""
    chosen = random.Random(5)  # noqa: S311 - cases, no secrets
    for _ in range(150):
        garbage = "".join(chosen.choices(PIECES, k=chosen.randrange(1, 14))).strip()
        names = chosen.sample(["Algorithm", "Credential", "Signature", "SignedHeaders", "Date", "Expires"], 5)
        query = "&".join(f"X-Amz-{name}={quote(chosen.choice([garbage, '1', '%', '']), safe='%')}" for name in names)
        sent = {"Authorization": garbage if chosen.random() < 0.6 else ""}
        sent |= {"X_Amz_Date": chosen.choice(["", "x", "20260101T000000Z", "\xe4"])}
        sent |= {} if chosen.random() < 0.5 else {"Content_Type": "", "X_Amz_Target": ""}
        path = f"/strict/x?{query}" if chosen.random() < 0.5 else "/strict/x"
        (answer,) = exchange(strict, request_of(path, chosen.choice(["GET", "POST", "PUT"]), b"", **sent))
        assert 400 <= answer.status < 500, (answer, garbage, query)
        assert b"emulator failed" not in answer.body
