"""From a job that asks for an endpoint to its answers, and on after a kill -9 of the server."""

from dataclasses import replace
from pathlib import Path

from emulator.bundled import FIXTURES
from tests.support.requests import BUCKET, channel, text_generation, with_value
from tests.support.server import Server, running_server
from tests.support.serving import Tuned, predictions_of, serving_processes
from tests.support.waiting import settled

NAME = "answers-of-its-own"


def test_a_job_deploys_itself_and_answers_after_a_kill(tmp_path: Path) -> None:
    """ModelDeployConfig ends in an endpoint that answers as predicted, also after kill -9, until it is deleted."""
    flags = ("--device", "cpu", "--data-dir", str(tmp_path / "data"))
    with running_server(*flags) as (server, process):
        tuned = deployed(server)
        check_answers(tuned)
        process.kill()
        process.wait()
    with running_server(*flags) as (server, process):
        check_answers(replace(tuned, server=server))
        assert serving_processes(process.pid)
        sagemaker = server.client("sagemaker")
        sagemaker.delete_endpoint(EndpointName=tuned.name)
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=tuned.name, WaiterConfig={"Delay": 1})
        assert not settled(lambda: serving_processes(process.pid), set(), seconds=20)


def deployed(server: Server) -> Tuned:
    """A job with ModelDeployConfig, once it is Completed."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(FIXTURES / "datasets" / "facts_100.csv"), BUCKET, "facts.csv")
    request = with_value(text_generation(NAME, channel("facts.csv")), "ModelDeployConfig", {"EndpointName": NAME})
    server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = server.wait(NAME, "Completed")
    assert job["ModelDeployResult"] == {"EndpointName": NAME}, job
    (container,) = job["BestCandidate"]["InferenceContainers"]
    return Tuned(server, NAME, container, predictions_of(server, container))


def check_answers(tuned: Tuned) -> None:
    """The endpoint's answers to some held-out rows are those that the job stored."""
    rows = tuned.predictions[:6]
    assert [tuned.text(row["input"]) for row in rows] == [row["generated"] for row in rows]
