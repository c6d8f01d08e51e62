"""The package as a user installs it."""

import subprocess
import sys
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
        "emulator/base_models/catalogue.toml",
        "emulator/py.typed",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "schemas/", "fixtures/"))]


def test_light_install_serves_and_says_what_training_needs(wheel: Path, tmp_path: Path) -> None:
    """Without the extra `train` the server runs from any folder, and a job fails with a hint to install it."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    constraints = str(ROOT / "constraints.txt")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-c", constraints, wheel], check=True)
    program = tmp_path / "light.py"
    program.write_text(LIGHT_PROGRAM, encoding="utf-8")
    result = subprocess.run([python, program], cwd="/", capture_output=True, text=True, timeout=300, check=True)
    assert "pip install 'automl-emulator[train]'" in result.stdout


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
