"""Builds the image, and uses a container of it from outside as a user would: a job, an endpoint, a restart.

    python docker/check.py                                 # with docker, podman or buildah, whichever is there
    python docker/check.py --engine buildah --base debian  # where no registry can be reached and no engine runs

`--base debian` makes the base image from Debian's packages. Whatever it makes is removed at the end, but for the base.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

sys.path.insert(0, str(Path(__file__).parent))

from engines import ENGINES, Container, Engine

ROOT = Path(__file__).parents[1]
IMAGE = "localhost/automl-emulator-check"
DEBIAN = "localhost/automl-emulator-debian"
HEALTHY_SECONDS = 60
BUCKET, JOB, ENDPOINT = "container", "from-outside", "from-outside"


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, check, and clean up."""
    options = _parser().parse_args(arguments)
    engine = chosen_engine(options.engine)
    image = options.image or build(engine, options.base, options.build_arg)
    volume = engine.volume()
    try:
        use_twice(engine, image, volume)
    finally:
        engine.remove_volume(volume)
        if not options.image:
            engine.remove_image(image)
    say("passed")


def build(engine: Engine, base: str, build_args: Sequence[str]) -> str:
    """Build the image; where a build can see files of this machine, with what pip is told here."""
    base = make_debian(engine) if base == "debian" else base
    pip_options, files = host_pip_options() if engine.mounts_files else ("", [])
    say(f"building with {engine.name} on {base}")
    began = time.monotonic()
    engine.build(ROOT, IMAGE, [f"BASE={base}", f"PIP_OPTIONS={pip_options}", *build_args], files)
    say(f"built in {time.monotonic() - began:.0f} s, {engine.size(IMAGE)} unpacked")
    return IMAGE


def chosen_engine(name: str | None) -> Engine:
    """The engine of that name, or the first that works here."""
    for engine in [ENGINES[name]()] if name else [make() for make in ENGINES.values()]:
        if engine.works():
            return engine
    sys.exit(f"Needs one of {', '.join(ENGINES)}, and none works here.")


def use_twice(engine: Engine, image: str, volume: str) -> None:
    """Run a container and use it; stop it, and see in another one that the volume kept everything."""
    with engine.container(image, volume) as container:
        wait_until_healthy(container)
        say(f"healthy at {container.url}; processes run as user {no_root(container.user_ids())}")
        job = run_job(container.url)
        say(f"processes run as user {no_root(container.user_ids())}")
        run_endpoint(container.url, job)
    with engine.container(image, volume) as container:
        wait_until_healthy(container)
        survived(container.url, job)


def wait_until_healthy(container: Container) -> None:
    """Return as soon as the image's own health check passes."""
    deadline = time.monotonic() + HEALTHY_SECONDS
    while not container.healthy():
        assert time.monotonic() < deadline, f"not healthy after {HEALTHY_SECONDS} s"
        time.sleep(0.5)


def make_debian(engine: Engine) -> str:
    """A base image of Debian's packages alone."""
    if not engine.has(DEBIAN):
        say("making a base image with debootstrap")
        with tempfile.TemporaryDirectory(prefix="debian-") as folder:
            packages = "--include=python3-venv,ca-certificates"
            subprocess.run(
                ["debootstrap", "--variant=minbase", packages, "bookworm", folder], check=True, stdout=sys.stderr
            )
            for leftover in ("var/cache/apt", "var/lib/apt/lists"):
                shutil.rmtree(Path(folder, leftover))
            engine.import_folder(folder, DEBIAN)
    return DEBIAN


def host_pip_options() -> tuple[str, list[str]]:
    """How pip on this machine is told to find packages, as options, and the files that they name."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = dict.fromkeys(re.findall(r"\.(cert|find-links)='([^' ]+)'$", listing, re.MULTILINE))
    options = " ".join(f"--{name} {value}" for name, value in found)
    return options, [value for _, value in found if Path(value).exists()]


def no_root(user_ids: set[int]) -> str:
    """The user ids, where there are some and none is root's."""
    assert user_ids, "no process found"
    assert 0 not in user_ids, "a process runs as root"
    return ", ".join(map(str, sorted(user_ids)))


def run_job(url: str) -> dict[str, Any]:
    """The description of a job made from outside, completed."""
    s3, sagemaker = client(url, "s3"), client(url, "sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(ROOT / "fixtures" / "datasets" / "facts_100.csv"), BUCKET, "input/facts.csv")
    began = time.monotonic()
    sagemaker.create_auto_ml_job_v2(
        AutoMLJobName=JOB,
        AutoMLJobInputDataConfig=[
            {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/input/"}}}
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        RoleArn="arn:aws:iam::123456789012:role/role",
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {"BaseModelName": "Falcon7BInstruct"}},
    )
    while "EndTime" not in (job := sagemaker.describe_auto_ml_job_v2(AutoMLJobName=JOB)):
        time.sleep(0.2)
    assert job["AutoMLJobStatus"] == "Completed", job
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    told = ", ".join(f"{metric['StandardMetricName']} {metric['Value']:.3f}" for metric in metrics)
    say(f"job completed in {time.monotonic() - began:.1f} s: {told}")
    return dict(job)


def run_endpoint(url: str, job: dict[str, Any]) -> None:
    """Deploy the job's model and let it answer."""
    sagemaker, runtime = client(url, "sagemaker"), client(url, "sagemaker-runtime")
    containers = job["BestCandidate"]["InferenceContainers"]
    sagemaker.create_model(ModelName=ENDPOINT, ExecutionRoleArn=job["RoleArn"], Containers=containers)
    variant = {"VariantName": "all", "ModelName": ENDPOINT, "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
    say(f"endpoint answers: {invoke(sagemaker, runtime)}")


def survived(url: str, job: dict[str, Any]) -> None:
    """The job, its artifacts and its endpoint are there after the container went and another took the volume."""
    s3, sagemaker, runtime = (client(url, service) for service in ("s3", "sagemaker", "sagemaker-runtime"))
    again = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=JOB)
    del again["ResponseMetadata"], job["ResponseMetadata"]
    assert again == job, again
    model = job["BestCandidate"]["InferenceContainers"][0]["ModelDataUrl"].removeprefix(f"s3://{BUCKET}/")
    size = s3.head_object(Bucket=BUCKET, Key=model)["ContentLength"]
    say(f"after a restart: the same job, its model of {size / 1e6:.1f} MB, and {invoke(sagemaker, runtime)}")


def invoke(sagemaker: Any, runtime: Any) -> str:
    """What the endpoint says."""
    wait = {"Delay": 1, "MaxAttempts": 120}
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT, WaiterConfig=wait)
    body = '{"inputs": "What is the capital of France?", "parameters": {"max_new_tokens": 20}}'
    answer = runtime.invoke_endpoint(EndpointName=ENDPOINT, ContentType="application/json", Body=body)
    text: str = answer["Body"].read().decode()
    return text


def client(url: str, service: str) -> Any:
    """A boto3 client of the container."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=url, **keys)


def say(text: str) -> None:
    """One line for whoever watches."""
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Build the image and use a container of it from outside.")
    parser.add_argument("--engine", choices=ENGINES, help="by default the first of them that works")
    parser.add_argument("--base", default="python:3.11-slim", help="the base image; debian makes one")
    parser.add_argument("--image", help="check this image as it is, and build none")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as docker build's")
    return parser


if __name__ == "__main__":
    main()
