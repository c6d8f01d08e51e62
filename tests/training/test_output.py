"""Where a job's output is to go: what can be known of its bucket is told before anything is trained."""

from tests.support.datasets import ONE_EPOCH, put, rows
from tests.support.requests import channel, text_generation
from tests.support.server import Server


def test_output_bucket_that_is_not_there_fails_the_job_at_once(training_server: Server) -> None:
    """A job whose S3OutputPath names no bucket that there is fails before its data are read, and names the bucket."""
    put(training_server, "few.csv", "input\n")
    request = text_generation("no-output", channel("few.csv"), **ONE_EPOCH)
    request["OutputDataConfig"]["S3OutputPath"] = "s3://no-such-bucket/out"
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    job = training_server.wait("no-output", "Failed")
    assert job["FailureReason"].endswith(
        "Error message: ClientError: Unable to write s3://no-such-bucket/out: there is no bucket no-such-bucket"
    )


def test_output_bucket_that_goes_away_is_told_at_the_end(training_server: Server) -> None:
    """A bucket that is deleted while the job trains fails the job when it stores its artifacts, in S3's words."""
    s3 = training_server.client("s3")
    s3.create_bucket(Bucket="going-bucket")
    put(training_server, "some.csv", "input,output\n" + rows(40))
    request = text_generation("gone-output", channel("some.csv"))
    request["OutputDataConfig"]["S3OutputPath"] = "s3://going-bucket/out"
    training_server.client("sagemaker").create_auto_ml_job_v2(**request)
    training_server.wait("gone-output", "TrainingModels")
    s3.delete_bucket(Bucket="going-bucket")
    job = training_server.wait("gone-output", "Failed")
    assert "Unable to write s3://going-bucket/out/gone-output/" in job["FailureReason"]
    assert "NoSuchBucket" in job["FailureReason"]
    assert "Failed to upload" not in job["FailureReason"]
