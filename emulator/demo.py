"""The demonstration: AWS's own example from upload to metrics, against an emulator of its own."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from emulator import direct
from emulator.bundled import FIXTURES
from emulator.s3.layout import parse_s3_uri
from emulator.serving import Emulator
from emulator.settings import DECIDED_BY_DEMO, Settings

BUCKET = "demo-bucket"
DATASET = FIXTURES / "datasets" / "facts.csv"
REQUEST = FIXTURES / "requests" / "user_guide_csv.json"
POLL_SECONDS = 0.2
EXAMPLES = 3
_SHOWN = (
    ("Input", "input", ""),
    ("Expected", "reference", ""),
    ("Before", "generated_before_fine_tuning", "dim"),
    ("After", "generated", "green"),
)


def run_demo(settings: Settings) -> int:
    """Fine-tune on a fixture dataset, show what happens, and return the exit status."""
    console = Console()
    with Emulator(replace(settings, **DECIDED_BY_DEMO)) as emulator:
        console.print(f"The emulator answers at [bold]{emulator.url}[/].")
        clients = _Clients(emulator.url)
        clients.s3.create_bucket(Bucket=BUCKET)
        clients.s3.upload_file(str(DATASET), BUCKET, "input/facts.csv")
        console.print(f"Uploaded [bold]s3://{BUCKET}/input/facts.csv[/].")
        request = _request()
        clients.sagemaker.create_auto_ml_job_v2(**request)
        console.print(f"[bold]create_auto_ml_job_v2[/] as in AWS's user guide: {request['AutoMLJobName']}\n")
        job = _watch(console, clients, emulator.url, request["AutoMLJobName"])
        if job["AutoMLJobStatus"] != "Completed":
            console.print(Text(f"{job['AutoMLJobStatus']}: {job.get('FailureReason')}", "red"))
            return 1
        _show(console, clients, emulator.url, job)
    return 0


class _Clients:
    """boto3 as a user of the emulator has it."""

    def __init__(self, url: str) -> None:
        self.s3 = direct.client("s3", url, "us-east-1", "test", "test")
        self.sagemaker = direct.client("sagemaker", url, "us-east-1", "test", "test")

    def artifact(self, uri: str) -> bytes:
        """The content of an object."""
        location = parse_s3_uri(uri)
        content: bytes = self.s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
        return content


def _request() -> dict[str, Any]:
    text = REQUEST.read_text(encoding="utf-8")
    names = {
        "<job_name>": "demo",
        "<bucket_name>": BUCKET,
        "<input_data>": "input/facts",
        "<account_id>": "123456789012",
        "<region>": "us-east-1",
        "<key_value>": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "<sagemaker_execution_role_name>": "demo-role",
    }
    for hole, name in names.items():
        text = text.replace(hole, name)
    request: dict[str, Any] = json.loads(text)
    return request


def _watch(console: Console, clients: _Clients, url: str, name: str) -> dict[str, Any]:
    """Follow the job with a progress bar until it ends; returns its last description."""
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    status = ""
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)
        while True:
            job: dict[str, Any] = clients.sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
            progress = _details(url, name)["progress"]
            if progress:
                bar.update(task, total=progress["steps"], completed=progress["step"], description=_state(progress))
            if status != (status := f"{job['AutoMLJobStatus']} / {job['AutoMLJobSecondaryStatus']}"):
                console.print(status)
            if "EndTime" in job:
                return job
            time.sleep(POLL_SECONDS)


def _details(url: str, name: str) -> dict[str, Any]:
    with direct.opener(url).open(f"{url}/_emulator/jobs/{name}") as answer:
        details: dict[str, Any] = json.load(answer)
        return details


def _state(progress: dict[str, Any]) -> str:
    state = f"epoch {progress['epoch']}/{progress['epochs']} step {progress['step']}/{progress['steps']}"
    state += f" loss {progress['training_loss']:.3f}"
    if progress["validation_loss"] is not None:
        state += f" validation {progress['validation_loss']:.3f}"
    return state


def _show(console: Console, clients: _Clients, url: str, job: dict[str, Any]) -> None:
    artifacts = _details(url, job["AutoMLJobName"])["artifacts"]
    summary = json.loads(clients.artifact(artifacts["metrics.json"]))
    console.print(_metrics_table(job, summary))
    for prediction in _examples(clients.artifact(artifacts["validation_predictions.jsonl"])):
        for title, member, style in _SHOWN:
            console.print(Text.assemble((f"{title:10}", "bold"), (prediction[member], style)))
        console.print()
    console.print("The artifacts, all in the emulator's S3:")
    for uri in artifacts.values():
        console.print(f"  {uri}", highlight=False, soft_wrap=True)


def _metrics_table(job: dict[str, Any], summary: dict[str, Any]) -> Table:
    table = Table("Metric", "Set", "before fine-tuning", "BestCandidate", title="DescribeAutoMLJobV2")
    before = summary["metrics_before_fine_tuning"]
    for metric in job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]:
        name = metric["StandardMetricName"]
        untuned = f"{before[name]:.4f}" if name in before else ""
        table.add_row(name, metric["Set"], untuned, f"[bold]{metric['Value']:.4f}[/]")
    return table


def _examples(predictions: bytes) -> Iterator[dict[str, str]]:
    for line in predictions.decode().splitlines()[:EXAMPLES]:
        yield json.loads(line)
