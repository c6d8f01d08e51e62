"""The clients, each installed for itself, and a server that trains for them."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.installation import ROOT, installed
from tests.support.server import Server

SETTINGS_OF_A_USER = ("AWS_", "AUTOML_EMULATOR_", "PYTHON")
CLIENTS_PAGE = ROOT / "docs" / "clients.md"
SECONDS = 300

METRICS = {"Rouge1", "Rouge2", "RougeL", "RougeLSum", "Perplexity", "ValidationLoss", "TrainingLoss"}


@pytest.fixture(scope="session", name="aws_environment")
def _aws_environment(training_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All that a user sets for a client: the endpoint, a region and keys; and nothing of this machine's own."""
    folder = tmp_path_factory.mktemp("user")
    config = folder / "sagemaker.yaml"
    (telemetry_off,) = re.findall(r"```yaml\n(.*?)```", CLIENTS_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    config.write_text(telemetry_off, encoding="ascii")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_A_USER)}
    return kept | {
        "AWS_ENDPOINT_URL": training_server.url,
        "AWS_REGION": "us-east-1",  # the JavaScript SDK's name for it
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
    }


@pytest.fixture(scope="module", name="report_of")
def _report_of(aws_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs a program whose last argument is the file for its report, and returns the report."""

    def report_of(*command: str | Path) -> Any:
        report = tmp_path_factory.mktemp("report") / "report.json"
        ended = subprocess.run(
            [*command, report], env=aws_environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return json.loads(report.read_text(encoding="utf-8"))

    return report_of


@pytest.fixture(scope="session", name="aws_cli")
def _aws_cli(aws_environment: dict[str, str]) -> Callable[..., Any]:
    """Runs one command of the AWS CLI and returns what it printed: JSON, where it is."""
    aws = installed("aws-cli") / "bin" / "aws"

    def run(*arguments: str | Path) -> Any:
        ended = subprocess.run(
            [aws, *arguments], env=aws_environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if ended.returncode:
            return ended.stderr.strip()
        return json.loads(ended.stdout) if ended.stdout.startswith(("{", "[")) else ended.stdout

    return run
