"""Control of an emulator that asks for signatures: signed with the credentials that it was started with, or refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.testing import AutoMLEmulator, ControlRefused, RunningEmulator
from tests.plugin.test_plugin import session
from tests.support.access import credentials_file
from tests.support.requests import BUCKET, text_generation

TEMPORARY = "first-token"
TEMPORARY_KEY = f"""
[ci]
aws_access_key_id = ASIAFIRST
aws_secret_access_key = first-secret
aws_session_token = {TEMPORARY}
"""
PAGES = [
    ("POST", "/_emulator/faults", {"operation": "*", "error": "ThrottlingException"}),
    ("POST", "/_emulator/outcomes", {"end": "fail"}),
    ("POST", "/_emulator/seed", {"seed": 7}),
    ("POST", "/_emulator/reset", None),
    ("POST", "/moto-api/reset", None),
    ("GET", "/_emulator/faults", None),
    ("DELETE", "/_emulator/outcomes", None),
    ("GET", "/_emulator/jobs/any", None),
]


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    return credentials_file(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module", name="strict")
def _strict(keys: str) -> Iterator[AutoMLEmulator]:
    with AutoMLEmulator(require_auth=True, credentials_file=keys) as emulator:
        yield emulator


def command_everything(emulator: RunningEmulator) -> None:
    """Reset, seed, fault and outcome, and a job that tells that they came."""
    emulator.reset()
    emulator.seed(7)
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    emulator.client("s3").put_object(Bucket=BUCKET, Key="input/facts.csv", Body=b"input,output\na,b\n")
    emulator.faults.throttle("CreateAutoMLJobV2")
    emulator.outcomes.fail("flaky-*", reason="out of luck")
    emulator.client("sagemaker").create_auto_ml_job_v2(**text_generation("flaky-1"))
    assert emulator.wait("flaky-1", 20)["FailureReason"] == "out of luck"
    assert [fault["struck"] for fault in emulator.faults.list()] == [1]
    emulator.faults.clear()
    emulator.outcomes.clear()
    assert emulator.faults.list() == emulator.outcomes.list() == []


def test_control_is_signed_with_the_first_key(strict: AutoMLEmulator) -> None:
    """All that can be commanded can be commanded under --require-auth, by the context manager that set it."""
    command_everything(strict)


def test_key_with_a_token(tmp_path: Path) -> None:
    """A temporary key signs with its token, in control, in clients and in the environment."""
    file = tmp_path / "keys"
    file.write_text(TEMPORARY_KEY, encoding="utf-8")
    with AutoMLEmulator(require_auth=True, credentials_file=str(file)) as emulator:
        command_everything(emulator)
        assert emulator.environment()["AWS_SESSION_TOKEN"] == TEMPORARY


def test_emulator_that_runs_already_is_given_the_file(strict: AutoMLEmulator, keys: str) -> None:
    """RunningEmulator takes the credentials of an emulator that somebody else has started."""
    running = RunningEmulator(strict.endpoint_url, credentials_file=keys)
    command_everything(running)
    running.close()
    with pytest.raises(ValueError, match="cannot read /no/such/file"):
        RunningEmulator(strict.endpoint_url, credentials_file="/no/such/file")


@pytest.mark.parametrize(("method", "path", "content"), PAGES)
def test_unsigned_control_is_refused(strict: AutoMLEmulator, method: str, path: str, content: Any) -> None:
    """No page of control is open to whoever has no key, and what was refused has done nothing."""
    strict.reset()
    answer = requests.request(method, strict.endpoint_url + path, json=content, timeout=10)
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"].startswith("MissingAuthenticationToken")
    assert strict.faults.list() == strict.outcomes.list() == []


def test_wrong_key_is_told(strict: AutoMLEmulator, tmp_path: Path) -> None:
    """Control without a key, or with another's, raises ControlRefused with the words of AWS."""
    with pytest.raises(ControlRefused, match="Missing Authentication Token"):
        RunningEmulator(strict.endpoint_url).faults.throttle("*")
    file = tmp_path / "keys"
    file.write_text(TEMPORARY_KEY, encoding="utf-8")
    other = RunningEmulator(strict.endpoint_url, credentials_file=str(file))
    with pytest.raises(ControlRefused, match="The security token included in the request is invalid"):
        other.reset()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        other.client("sagemaker").list_auto_ml_jobs()
    other.close()
    assert requests.get(f"{strict.endpoint_url}/health", timeout=10).status_code == 200  # the one page for everybody


def test_plugin_takes_the_credentials(tmp_path: Path, keys: str) -> None:
    """Under pytest the settings are enough, and for `--automl-emulator-url` the file is."""
    tests = f"""
@pytest.fixture(scope="session")
def automl_emulator_settings():
    return {{"require_auth": True, "credentials_file": {keys!r}}}

def test_control(automl_clean):
    automl_clean.outcomes.fail(reason="out of luck")
    create("job")
    assert automl_clean.wait("job")["FailureReason"] == "out of luck"
"""
    with AutoMLEmulator(require_auth=True, credentials_file=keys) as emulator:
        for arguments in ((), ("--automl-emulator-url", emulator.endpoint_url)):
            assert "1 passed" in session(tmp_path, *arguments, tests=tests)
