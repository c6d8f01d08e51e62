"""The package as a user installs it."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_wheel_carries_all_data(wheel: Path) -> None:
    """The wheel has the schemas, the fixtures, the catalogue and the marker of its types."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "emulator/_shipped/schemas/shapes.json",
        "emulator/_shipped/schemas/requests/CreateAutoMLJobV2.json",
        "emulator/_shipped/fixtures/requests/user_guide_csv.json",
        "emulator/_shipped/fixtures/datasets/facts.csv",
        "emulator/_shipped/fixtures/base_models/tiny-decoder/model.safetensors",
        "emulator/_shipped/fixtures/recordings/tiny-decoder.json",
        "emulator/base_models/catalogue.toml",
        "emulator/py.typed",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "schemas/", "fixtures/"))]


@pytest.fixture(scope="module", name="light_python")
def _light_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python with the wheel and pytest installed, and without what training needs."""
    folder = tmp_path_factory.mktemp("light")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    constraints = str(ROOT / "constraints.txt")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-c", constraints, wheel, "pytest"], check=True)
    return python


def test_light_install_serves_and_says_what_training_needs(light_python: Path, tmp_path: Path) -> None:
    """Without the extra `train` the server runs from any folder, and a job fails with a hint to install it."""
    python = light_python
    program = tmp_path / "light.py"
    program.write_text(LIGHT_PROGRAM, encoding="utf-8")
    result = subprocess.run([python, program], cwd="/", capture_output=True, text=True, timeout=300, check=True)
    assert "pip install 'automl-emulator[train]'" in result.stdout


def test_project_of_its_own_uses_the_plugin_without_torch(light_python: Path, tmp_path: Path) -> None:
    """Three tests of another project, which has only installed the wheel: success by replay, failure, throttling."""
    assert "3 passed" in _run_project(light_python, tmp_path, {"replay": "bundled"}, without="torch")


@pytest.fixture(name="full_python")
def _full_python(wheel: Path, tmp_path: Path) -> Path:
    """Python with the wheel installed, which finds what it depends on, PyTorch too, where this Python has it."""
    folder = tmp_path / "full"
    venv.create(folder)
    command = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, check=True)
    (installed,) = folder.glob("lib/python*/site-packages")
    (installed / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")  # no .pth of its own
    return folder / "bin" / "python"


def test_project_of_its_own_uses_the_plugin_with_torch(full_python: Path, tmp_path: Path) -> None:
    """The same tests where PyTorch is installed: the job that succeeds is a fine-tune."""
    project = tmp_path / "project"
    project.mkdir()
    assert "3 passed" in _run_project(full_python, project, {"device": "cpu"})


def _run_project(python: Path, folder: Path, settings: dict[str, str], without: str = "") -> str:
    (folder / "pyproject.toml").write_text('[tool.pytest]\nfilterwarnings = ["error"]\n', encoding="utf-8")
    tests = PROJECT.replace("SETTINGS", repr(settings)).replace("WITHOUT", repr(without))
    (folder / "test_project.py").write_text(tests, encoding="utf-8")
    command = [str(python), "-m", "pytest", "-q"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


PROJECT = """
import importlib.util, sys
import boto3, emulator, pytest

@pytest.fixture(scope="session")
def automl_emulator_settings():
    return SETTINGS

@pytest.fixture
def create(automl_clean):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="data.csv", Body=b"input,output\\n" + b"a,b\\n" * 20)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data.csv"}}
    return lambda name: boto3.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {}},
    )

def test_success(automl_clean, create):
    assert emulator.__file__.startswith(sys.prefix)
    assert not WITHOUT or importlib.util.find_spec(WITHOUT) is None
    create("job")
    candidate = automl_clean.wait("job")["BestCandidate"]
    assert len(candidate["CandidateProperties"]["CandidateMetrics"]) == 7
    replayed = "AUTOML_EMULATOR_REPLAYED" in candidate["InferenceContainers"][0]["Environment"]
    assert replayed == bool(WITHOUT)

def test_failure(automl_clean, create):
    automl_clean.outcomes.fail("job", reason="out of luck")
    create("job")
    assert automl_clean.wait("job")["FailureReason"] == "out of luck"

def test_throttling(automl_clean, create):
    automl_clean.faults.throttle("CreateAutoMLJobV2", times=None)
    with pytest.raises(Exception, match="Rate exceeded"):
        create("job")
"""

LIGHT_PROGRAM = """
import time, boto3
from emulator.serving import Emulator
from emulator.settings import Settings

with Emulator(Settings(port=0, in_memory=True)) as emulator:
    options = dict(endpoint_url=emulator.url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    s3, sagemaker = boto3.client("s3", **options), boto3.client("sagemaker", **options)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="data.csv", Body=b"input,output\\na,b\\nc,d\\n")
    sagemaker.create_auto_ml_job_v2(
        AutoMLJobName="light",
        AutoMLJobInputDataConfig=[
            {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data.csv"}}}
        ],
        OutputDataConfig={"S3OutputPath": "s3://bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {}},
    )
    while "EndTime" not in (job := sagemaker.describe_auto_ml_job_v2(AutoMLJobName="light")):
        time.sleep(0.1)
    print(job["AutoMLJobStatus"], job["FailureReason"])
"""
