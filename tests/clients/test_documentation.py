"""docs/clients.md: what it says of each client is what the suite runs."""

import json
import re
import subprocess

import pytest

from tests.clients.conftest import CLIENTS_PAGE
from tests.clients.installation import HERE, installed
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


def test_named_versions_are_the_ones_that_run() -> None:
    """Every version in the table is the one that is pinned."""
    pinned = {
        name: version
        for file in ("aws-cli", "sdk-v2", "sdk-v3")
        for name, version in re.findall(r"^(.+)==(.+)$", (HERE / "pinned" / f"{file}.txt").read_text("utf-8"), re.M)
        if name in {"awscli", "sagemaker", "boto3"} or (file, name) == ("sdk-v3", "sagemaker-core")
    }
    javascript = json.loads((HERE / "javascript" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for version in (*pinned.values(), javascript["@aws-sdk/client-sagemaker"]):
        assert f"| {version} |" in PAGE
