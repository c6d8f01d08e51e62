"""The pytest plugin, in projects of its own: each is a real pytest session in another process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRICT = '[tool.pytest]\nfilterwarnings = ["error"]\nstrict = true\n'
CREATE = '''
import os, sys, threading
import boto3, pytest

def create(name):
    """A job whose data is there."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="data.csv", Body=b"input,output\\na,b\\nc,d\\n")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data.csv"}}
    boto3.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {}},
    )
'''


def session(folder: Path, *arguments: str, tests: str, config: str = STRICT, **variables: str) -> str:
    """The output of a pytest session in a project of these tests, which must pass."""
    (folder / "pyproject.toml").write_text(config, encoding="utf-8")
    (folder / "test_project.py").write_text(CREATE + tests, encoding="utf-8")
    paths = filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | variables
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_session_leads_every_client_to_its_emulator(tmp_path: Path) -> None:
    """boto3 without an endpoint comes to the emulator, under strict warnings, and the environment is restored after."""
    tests = '''
@pytest.fixture(scope="session", autouse=True)
def environment_is_restored():
    """Set up before the emulator's, and so torn down after it."""
    before = dict(os.environ)
    yield
    own = {"PYTEST_CURRENT_TEST": None}
    assert os.environ | own == before | own

def test_failure(automl_clean):
    automl_clean.outcomes.fail("flaky-*", reason="out of luck")
    create("flaky-1")
    assert automl_clean.wait("flaky-1")["FailureReason"] == "out of luck"
    assert "AWS_PROFILE" not in os.environ and "AWS_ENDPOINT_URL_S3" not in os.environ
    assert not {"torch", "flask", "moto", "waitress"} & sys.modules.keys()
    assert [t for t in threading.enumerate() if t is not threading.main_thread()] == []

def test_clean(automl_clean):
    assert boto3.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"] == []
    assert automl_clean.outcomes.list() == []
'''
    told = session(
        tmp_path,
        tests=tests,
        AWS_PROFILE="no-such-profile",
        AWS_ENDPOINT_URL_S3="http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID="mine",
        AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z",
        AWS_USE_FIPS_ENDPOINT="true",
        HTTP_PROXY="http://127.0.0.1:1",
    )
    assert "2 passed" in told


def test_settings_of_the_session(tmp_path: Path) -> None:
    """A project overrides one fixture to give settings, as here to replay."""
    tests = """
@pytest.fixture(scope="session")
def automl_emulator_settings():
    return {"replay": "bundled", "account": "210987654321"}

def test_success(automl_clean):
    create("job")
    job = automl_clean.wait("job")
    assert job["AutoMLJobStatus"] == "Completed"
    assert ":210987654321:" in job["AutoMLJobArn"]
"""
    assert "1 passed" in session(tmp_path, tests=tests)


def test_emulator_that_runs_already(tmp_path: Path) -> None:
    """`--automl-emulator-url` takes an emulator that somebody else started, and leaves it running."""
    tests = """
def test_url(automl_emulator):
    assert boto3.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"] == []
    assert automl_emulator.endpoint_url == os.environ["WANTED"]
"""
    from emulator.testing import AutoMLEmulator

    with AutoMLEmulator() as emulator:
        url = emulator.endpoint_url
        for _ in range(2):
            assert "1 passed" in session(tmp_path, "--automl-emulator-url", url, tests=tests, WANTED=url)


def test_emulator_that_runs_already_has_its_own_settings(tmp_path: Path) -> None:
    """With `--automl-emulator-url` the settings of the project do not count, but for the region of its clients."""
    tests = """
@pytest.fixture(scope="session")
def automl_emulator_settings():
    return {"region": "eu-west-1", "replay": "/no/such/folder", "workers": 3}

def test_url(automl_emulator):
    assert automl_emulator.region == boto3.client("sagemaker").meta.region_name == "eu-west-1"
"""
    from emulator.testing import AutoMLEmulator

    with AutoMLEmulator() as emulator:
        assert "1 passed" in session(tmp_path, "--automl-emulator-url", emulator.endpoint_url, tests=tests)


def test_project_that_does_not_use_it_pays_nothing(tmp_path: Path) -> None:
    """The plugin imports neither boto3 nor any part of the server, and starts nothing."""
    tests = """
def test_nothing():
    loaded = sys.modules.keys() - {"boto3"}
    assert not {"flask", "moto", "waitress", "torch", "jsonschema", "emulator.serving"} & loaded
    assert "AWS_ENDPOINT_URL" not in os.environ
"""
    told = session(tmp_path, tests=tests)
    assert "1 passed" in told


def test_folder_called_emulator_is_no_obstacle(tmp_path: Path) -> None:
    """A project may have a folder of the package's name beside its tests."""
    (tmp_path / "emulator").mkdir()
    (tmp_path / "emulator" / "notes.txt").write_text("mine", encoding="utf-8")
    tests = """
def test_it(automl_emulator):
    assert boto3.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"] == []
"""
    assert "1 passed" in session(tmp_path, tests=tests)


@pytest.mark.parametrize("variables", [{"AUTOML_EMULATOR_PORT": "1"}, {"AUTOML_EMULATOR_WORKERS": "2"}])
def test_variables_of_the_shell_count_but_for_the_port(tmp_path: Path, variables: dict[str, str]) -> None:
    """What AUTOML_EMULATOR_... says holds in tests too; the port is always a free one, since sessions share a shell."""
    tests = """
from urllib.request import urlopen
import json

def test_it(automl_emulator):
    with urlopen(automl_emulator.endpoint_url + "/health") as answer:
        workers = json.load(answer)["workers"]
    assert str(workers) == os.environ.get("AUTOML_EMULATOR_WORKERS", "1")
"""
    assert "1 passed" in session(tmp_path, tests=tests, **variables)


def test_every_worker_of_xdist_has_an_emulator_of_its_own(tmp_path: Path) -> None:
    """`-n 2`: two tests that run at the same time make the same job, each at an emulator that knows no other."""
    met = tmp_path / "met"
    met.mkdir()
    tests = """
import time
from pathlib import Path

@pytest.mark.parametrize("number", [1, 2])
def test_alone(automl_clean, number):
    met = Path(os.environ["MET"])
    automl_clean.outcomes.fail(times=1, reason=f"of {number}")
    create("job")
    (met / os.environ["PYTEST_XDIST_WORKER"]).write_text(automl_clean.endpoint_url)
    deadline = time.monotonic() + 60
    while len(list(met.iterdir())) < 2 and time.monotonic() < deadline:  # until the other worker is here, too
        time.sleep(0.01)
    assert automl_clean.wait("job")["FailureReason"] == f"of {number}"
    assert len(boto3.client("sagemaker").list_auto_ml_jobs()["AutoMLJobSummaries"]) == 1
"""
    assert "2 passed" in session(tmp_path, "-n", "2", tests=tests, MET=str(met))
    urls = {file.name: file.read_text(encoding="utf-8") for file in met.iterdir()}
    assert urls.keys() == {"gw0", "gw1"}
    assert len(set(urls.values())) == 2
