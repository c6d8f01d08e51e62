"""The documentation's promises: every block of code in docs/ runs."""

import os
import re
import subprocess
import sys
from code import InteractiveConsole
from pathlib import Path
from types import CodeType

import pytest

from emulator.testing import AutoMLEmulator

ROOT = Path(__file__).parents[1]
ELSEWHERE = {"clients.md"}
"""Documents whose blocks need what only another suite installs: tests/clients runs what they show."""

DOCS = [
    path
    for path in sorted((ROOT / "docs").glob("*.md"))
    if path.name not in ELSEWHERE and re.search(r"^```(python|sh)$", path.read_text(encoding="utf-8"), re.MULTILINE)
]


def blocks(document: Path, language: str) -> list[str]:
    """The blocks of a document in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run(command: list[str], folder: Path, **variables: str) -> str:
    """What a program prints that must end well."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"} | variables
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A folder in which `automl-emulator` is the command."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "automl-emulator"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m emulator "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_block_runs(document: Path, project: Path) -> None:
    """Blocks that name a file make a project whose tests pass; other Python and shell blocks end well."""
    programs = []
    for block in blocks(document, "python"):
        named = re.match(r"# file: (\S+)\n", block)
        if named:
            (project / named[1]).write_text(block, encoding="utf-8")
        else:
            programs.append(block)
    with AutoMLEmulator(device="cpu") as emulator:
        _finish_a_job(emulator)
        environment = emulator.environment()
        for block in blocks(document, "sh"):
            if not block.startswith("pip install"):
                run(["bash", "-ec", block], project, **environment)
        for block in programs:
            run([sys.executable, "-c", block], project, **environment)
    if list(project.glob("test_*.py")):
        told = run([sys.executable, "-m", "pytest", "-q"], project)
        assert re.search(rf"^{_tests(project)} passed", told, re.MULTILINE)


@pytest.mark.parametrize("document", ["README.md", "docs/getting-started.md"])
def test_blocks_can_be_pasted_into_an_interactive_session(document: str) -> None:
    """Line by line, as Python before 3.13 reads what is pasted: a statement of several lines ends with an empty one."""
    for block in blocks(ROOT / document, "python"):
        console = _Reader()
        for line in block.splitlines():
            console.push(line)
        assert not console.push(""), "the last statement needs another line"


class _Reader(InteractiveConsole):
    """Compiles each statement and runs none."""

    def runcode(self, code: CodeType) -> None:
        pass

    def showsyntaxerror(self, *_: object, **__: object) -> None:
        raise  # noqa: PLE0704 - called while the error is handled


def _tests(project: Path) -> int:
    return sum(
        len(re.findall(r"^ *def test_", file.read_text(encoding="utf-8"), re.MULTILINE))
        for file in project.glob("test_*.py")
    )


def _finish_a_job(emulator: AutoMLEmulator) -> None:
    """The job `my-job` of the documents, trained for an epoch on a few rows."""
    emulator.client("s3").create_bucket(Bucket="my-bucket")
    rows = b"input,output\n" + b"a,b\n" * 10
    emulator.client("s3").put_object(Bucket="my-bucket", Key="train.csv", Body=rows)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://my-bucket/train.csv"}}
    emulator.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName="my-job",
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "ContentType": "text/csv", "DataSource": source}],
        OutputDataConfig={"S3OutputPath": "s3://my-bucket/output"},
        RoleArn="arn:aws:iam::123456789012:role/my-role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {"TextGenerationHyperParameters": {"epochCount": "1"}}},
    )
    emulator.wait("my-job")
