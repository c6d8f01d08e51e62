"""--require-auth: the form of a signature is judged as AWS's JSON services judge it, before the key that made it."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from emulator.settings import from_environment
from tests.support.access import strict_server
from tests.support.server import JSON_1_1, Server
from tests.support.wire import assert_error

NOW = datetime.now(UTC)
GOOD = "f" * 64
INCOMPLETE, INVALID = "IncompleteSignatureException", "InvalidSignatureException"


@pytest.fixture(scope="module", name="strict")
def _strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with --require-auth that runs no jobs."""
    with strict_server(tmp_path_factory.mktemp("keys")) as server:
        yield server


def basic(moment: datetime) -> str:
    """A date in AWS's basic format."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


def credential(
    *, key: str = "test", day: str = "", region: str = "eu-west-1", rest: str = "sagemaker/aws4_request"
) -> str:
    """A credential, right but for what is given."""
    return f"{key}/{day or basic(NOW)[:8]}/{region}/{rest}"


def header(
    scope: str, signed: str = "host;x-amz-date", signature: str = GOOD, algorithm: str = "AWS4-HMAC-SHA256"
) -> str:
    """An Authorization header."""
    return f"{algorithm} Credential={scope}, SignedHeaders={signed}, Signature={signature}"


def call(server: Server, authorization: str | None, date: str | None = None, query: str = "") -> requests.Response:
    """ListAutoMLJobs with this Authorization and X-Amz-Date."""
    headers = {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListAutoMLJobs"}
    headers |= {} if authorization is None else {"Authorization": authorization}
    headers |= {} if date == "" else {"X-Amz-Date": date or basic(NOW)}
    return requests.post(f"{server.url}/{query}", data=b"{}", headers=headers, timeout=30)


def test_what_boto3_signs_is_accepted(strict: Server) -> None:
    """boto3's own signature passes."""
    assert strict.client("sagemaker", "us-gov-west-1").list_auto_ml_jobs()["AutoMLJobSummaries"] == []


def test_no_signature(strict: Server) -> None:
    """Nothing at all is a missing token."""
    assert_error(call(strict, None), "MissingAuthenticationTokenException", "Missing Authentication Token")


def test_json_is_judged_before_the_signature(strict: Server) -> None:
    """A body that is no JSON and an unknown target are told before a missing signature."""
    assert_error(strict.post("ListAutoMLJobs", b"hello"), "SerializationException")
    assert_error(strict.post(None, {}, X_Amz_Target="sagemaker.ListAutoMLJobs"), "UnknownOperationException")


@pytest.mark.parametrize(
    ("authorization", "date", "missing"),
    [
        ("X", "", "Credential Signature SignedHeaders date"),
        ("X", None, "Credential Signature SignedHeaders"),
        ("AWS4- Signature=b Credential=a", None, "SignedHeaders"),
        ("AWS4- Signature=b,Credential=a", None, "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=b", None, "Credential"),
        (header("a/b/c/d/e"), "", "date"),
    ],
)
def test_incomplete_header(strict: Server, authorization: str, date: str | None, missing: str) -> None:
    """All that is missing is told in one message, in AWS's order, with the header at its end."""
    told = [f"Authorization header requires '{part}' parameter. " for part in missing.split() if part != "date"]
    if "date" in missing:
        told.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    assert_error(call(strict, authorization, date), INCOMPLETE, "".join(told) + f"Authorization={authorization}")


def test_header_without_an_equal_sign(strict: Server) -> None:
    """A part of the header that is no pair is named."""
    authorization = "AWS4-HMAC-SHA256 Credential= a/b, SignedHeaders=host, Signature=x"
    words = f"'a/b' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
    assert_error(call(strict, authorization), INCOMPLETE, words)


class _OfAnEmptyObject(SigV4QueryAuth):  # type: ignore[misc]
    """Signs for a body that it would move into the query, were it there."""

    def payload(self, _: AWSRequest) -> str:
        """The hash of the body that is sent."""
        return hashlib.sha256(b"{}").hexdigest()


def test_signature_in_the_query(strict: Server) -> None:
    """A signature in the query is judged as one in the header is, and both at once are refused."""
    headers = {"Content-Type": JSON_1_1, "X-Amz-Target": "SageMaker.ListAutoMLJobs"}
    request = AWSRequest("POST", strict.url + "/", headers)
    _OfAnEmptyObject(ReadOnlyCredentials("test", "test", None), "sagemaker", "us-east-1").add_auth(request)
    assert requests.post(request.url, data=b"{}", headers=headers, timeout=30).status_code == 200
    wrong = request.url[:-1] + ("0" if request.url[-1] != "0" else "1")
    assert_error(requests.post(wrong, data=b"{}", headers=headers, timeout=30), INVALID, MISMATCH)
    assert_error(
        call(strict, None, query="?X-Amz-Algorithm=x&X-Amz-Date=x&X-Amz-Credential=x"),
        INCOMPLETE,
        "AWS query-string parameters must include 'X-Amz-Signature'. "
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
    )
    both = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    assert_error(call(strict, "X", query="?X-Amz-Algorithm"), INVALID, both)


@pytest.mark.parametrize("date", ["a", "201", "20260229T000000Z", "2026-01-01T00:00:00Z"])
def test_date_of_another_form(strict: Server, date: str) -> None:
    """A date must be in ISO's basic form."""
    words = f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
    assert_error(call(strict, header(credential()), date), INCOMPLETE, words)


@pytest.mark.parametrize(
    ("minutes", "pattern"),
    [
        (-20, r"Signature expired: {} is now earlier than \d{{8}}T\d{{6}}Z \(\d{{8}}T\d{{6}}Z - 15 min\.\)"),
        (20, r"Signature not yet current: {} is still later than \d{{8}}T\d{{6}}Z \(\d{{8}}T\d{{6}}Z \+ 15 min\.\)"),
    ],
)
def test_date_too_far_from_now(strict: Server, minutes: int, pattern: str) -> None:
    """A signature is good for 15 minutes either way."""
    date = basic(NOW + timedelta(minutes=minutes))
    answer = call(strict, header(credential(day=date[:8])), date)
    assert answer.json()["__type"] == INVALID
    assert re.fullmatch(pattern.format(date), answer.json()["message"])


DAY = basic(NOW)[:8]
REGION = "Credential should be scoped to a valid region, not '{}'. "
SERVICE = "Credential should be scoped to correct service: 'sagemaker'. "
TERM = "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'. "
SCOPE_DATE = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
FIVE_PARTS = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'"
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@pytest.mark.parametrize(
    ("authorization", "code", "message"),
    [
        (
            header(credential(), signed="x-amz-date"),
            INVALID,
            "'Host' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            header(credential(), algorithm="AWS4-HMAC-SHA25"),
            INCOMPLETE,
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
        ),
        (
            header("a/b/c/d"),
            INCOMPLETE,
            FIVE_PARTS.format("a/b/c/d"),
        ),
        (header(credential(region="c")), INVALID, REGION.format("c")),
        (header(credential(region="EU-WEST-1")), INVALID, REGION.format("EU-WEST-1")),
        (header(credential(rest="s3/aws4_request")), INVALID, SERVICE),
        (header(credential(rest="sagemaker/aws4")), INVALID, TERM.format("aws4")),
        (
            header("a/b/c/d/e"),
            INVALID,
            REGION.format("c") + SERVICE + TERM.format("e") + f"{SCOPE_DATE}'b' != '{DAY}', from '{basic(NOW)}'.",
        ),
        (
            header(credential(key="no-key")),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (header(credential(), signature="x"), INVALID, MISMATCH),
    ],
)
def test_what_no_secret_key_could_have_signed(strict: Server, authorization: str, code: str, message: str) -> None:
    """Signed headers, algorithm, scope, key and signature are judged in AWS's order, the scope all at once."""
    assert_error(call(strict, authorization), code, message)


def test_the_setting_in_the_environment() -> None:
    """A switch is on or off in words, and anything else is named."""
    assert from_environment({"AUTOML_EMULATOR_REQUIRE_AUTH": "True"}) == {"require_auth": True}
    assert from_environment({"AUTOML_EMULATOR_REQUIRE_AUTH": "0"}) == {"require_auth": False}
    with pytest.raises(ValueError, match="AUTOML_EMULATOR_REQUIRE_AUTH: 'maybe' is none of 1, true"):
        from_environment({"AUTOML_EMULATOR_REQUIRE_AUTH": "maybe"})
