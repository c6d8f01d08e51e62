"""docs/clients.md: what it says of each client is what the suite runs."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import CLIENTS_PAGE, SECONDS
from tests.clients.installation import HERE, JAVASCRIPT, installed
from tests.support.server import Server

PAGE = CLIENTS_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("client", ["sdk-v2", "sdk-v3"])
def test_one_line_sends_sts_here(client: str, training_server: Server, aws_environment: dict[str, str]) -> None:
    """The Python of the page runs as it stands, but for the port, in the environment of either SDK."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = {"sdk-v2": "sagemaker.session", "sdk-v3": "sagemaker.core.helper.session_helper"}[client]
    program += f"\nimport {module} as sdk\nassert sdk.Session().account_id() == '123456789012'\n"
    program = program.replace("http://127.0.0.1:4599", training_server.url)
    subprocess.run([installed(client) / "bin" / "python", "-c", program], env=aws_environment, check=True, timeout=120)


def test_commands_run_as_pasted(training_server: Server, aws_environment: dict[str, str], tmp_path: Path) -> None:
    """The page's shell commands, in the environment that it asks for, end with an answer of the endpoint."""
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    path = f"{installed('aws-cli') / 'bin'}{os.pathsep}{aws_environment['PATH']}"
    shell = ["bash", "-euc", commands]
    subprocess.run(shell, cwd=tmp_path, env=aws_environment | {"PATH": path}, check=True, timeout=SECONDS)
    assert "generated_text" in json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))[0]
    training_server.client("sagemaker").delete_endpoint(EndpointName="from-the-shell")


@pytest.mark.parametrize(
    ("pins", "package"),
    [("aws-cli", "awscli"), ("sdk-v2", "sagemaker"), ("sdk-v3", "sagemaker-core"), ("sdk-v3", "boto3")],
)
def test_named_version_is_the_one_that_runs(pins: str, package: str) -> None:
    """Every version of the table is the one that is pinned."""
    lines = (HERE / "pinned" / f"{pins}.txt").read_text(encoding="utf-8").splitlines()
    (version,) = (line.removeprefix(f"{package}==") for line in lines if line.startswith(f"{package}=="))
    assert f"| {version} |" in PAGE


def test_named_version_of_javascript_is_the_one_that_runs() -> None:
    """The table's version of the JavaScript SDK is its SageMaker client's."""
    packages = json.loads((HERE / JAVASCRIPT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert f"| {packages['@aws-sdk/client-sagemaker']} |" in PAGE
