"""The FailureReason texts. AWS's form: what could not be completed, the job's ARN, the cause."""

import errno

from emulator.errors.kinds import JobFailure, listed
from emulator.errors.quoting import printable, short_uri


def is_disk_full(problem: BaseException) -> bool:
    """Whether an error says that there is no room for a file, or that it may not grow."""
    return isinstance(problem, OSError) and problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def shortened(reason: str, limit: int = 1024) -> str:
    """A FailureReason within the service's limit in characters, and with none that cannot be shown."""
    reason = printable(reason)
    return reason if len(reason) <= limit else reason[: limit - 3] + "..."


@listed("inferred", "form of a tabular job's FailureReason (transcript)")
def training_job_failed(training_job_arn: str, cause: str) -> JobFailure:
    """Wraps the cause of every failure in a worker."""
    return JobFailure(
        "Could not complete the training job. The AutoML Job cannot continue. "
        f"Failed Job Arn: {training_job_arn}, Error message: {cause}"
    )


@listed("ours", "the worker process was lost")
def worker_lost(how: str, last_words: str) -> JobFailure:
    """A worker that ended without a result."""
    return JobFailure(f"AlgorithmError: The training process ended unexpectedly ({how}). Its last words: {last_words}")


@listed("ours", "the worker was killed, and not by the emulator")
def worker_killed(last_words: str) -> JobFailure:
    """A worker that the system ended, as Linux does where memory is used up."""
    return JobFailure(
        "AlgorithmError: The training process ended unexpectedly (exit status -9), most likely killed because this "
        f"machine's memory was used up. Choose a smaller base model, or lower batchSize. Its last words: {last_words}"
    )


@listed("ours", "the worker wrote something that is no event")
def worker_incoherent(line: str) -> JobFailure:
    """A worker whose report cannot be read."""
    return JobFailure(f"AlgorithmError: The training process reported something unreadable: {line}")


@listed("ours", "no sign of life within --worker-silence")
def worker_silent(seconds: int) -> JobFailure:
    """A worker that hangs."""
    return JobFailure(f"AlgorithmError: The training process gave no sign of life for {seconds} seconds and was ended.")


@listed("ours", "more memory than --worker-memory allows")
def worker_too_large(limit: int) -> JobFailure:
    """A worker that takes too much memory; the limit in MiB."""
    return JobFailure(
        f"AlgorithmError: Out of memory: the training process took more than {limit} MiB and was ended. Choose a "
        "smaller base model, lower batchSize, or raise --worker-memory."
    )


@listed("ours", "output without end")
def worker_too_loud(limit: int) -> JobFailure:
    """A worker whose log grows without bound; the limit in MiB."""
    return JobFailure(f"AlgorithmError: The training process wrote more than {limit} MiB of log and was ended.")


@listed("ours", "a write that the system refused")
def disk_full(folder: str) -> JobFailure:
    """A worker that has no room for its files."""
    return JobFailure(f"AlgorithmError: No space left on device for the files of the training under {folder}.")


@listed("ours", "an exception that the training code does not expect")
def training_broke(kind: str, problem: str) -> JobFailure:
    """A defect met in a worker; the traceback is in training.log."""
    return JobFailure(f"AlgorithmError: {kind}: {problem}")


@listed("ours", "an exception while the endpoint was made")
def job_not_deployed(problem: str) -> JobFailure:
    """A defect met while a candidate was deployed."""
    return JobFailure(f"InternalServerError: The emulator could not deploy the model: {problem}")


@listed("ours", "a defect of the emulator, told as such")
def runner_broke(problem: str) -> JobFailure:
    """An exception on the server's side of a job."""
    return JobFailure(f"InternalServerError: The emulator could not run the job: {problem}")


@listed("ours", "the extra is not installed, or broken")
def training_unavailable(problem: str) -> JobFailure:
    """A machine without torch and transformers."""
    return JobFailure(
        f"The emulator cannot train here: {problem}. Install what training needs: pip install 'automl-emulator[train]'"
    )


@listed("ours", "this version trains text generation")
def problem_type_not_trained(name: str) -> JobFailure:
    """A valid job of a problem type that the emulator does not train."""
    return JobFailure(f"The emulator does not train {name} jobs; it trains TextGeneration jobs.")


@listed("inferred", "the developer guide names the rule, not the words")
def data_fault(file: str, row: int | None, problem: str) -> JobFailure:
    """Data that cannot be used; `row` counts from 1, and 0 is the header."""
    where = short_uri(file)
    if row is not None:
        where += f", row {row}" if row else ", header"
    return JobFailure(f"ClientError: Unable to use the data in {where}: {problem}")


@listed("documented", "row limits per base model: the job fails with a validation error")
def too_many_rows(limit: int, model: str) -> JobFailure:
    """More rows over all files and both channels than the base model allows; those beyond are not counted."""
    return JobFailure(f"ClientError: The dataset has more than {limit} rows; {model} supports at most {limit}.")


@listed("documented", "more than 60% truncated rows fail the job with a validation error")
def too_many_truncated_rows(truncated: int, rows: int, limit: int) -> JobFailure:
    """Too many rows longer than the context of the base model."""
    return JobFailure(
        f"ClientError: {truncated} of {rows} rows are longer than the context limit of {limit} tokens; "
        "at most 60% may be truncated."
    )


@listed("ours", "every row went to one side of the split")
def too_few_rows(rows: int) -> JobFailure:
    """A dataset that cannot be split into training and validation rows."""
    return JobFailure(f"ClientError: The dataset has {rows} rows, too few for a training and a validation split.")


@listed("ours", "S3 refused")
def s3_failed(action: str, uri: str, problem: str) -> JobFailure:
    """A transfer from or to S3 that failed."""
    return JobFailure(f"ClientError: Unable to {action} {short_uri(uri)}: {problem}")


@listed("ours", "asked before anything is trained, with HeadBucket: a bucket that may not be seen may be written to")
def no_output_bucket(uri: str, bucket: str) -> JobFailure:
    """An S3OutputPath in a bucket that does not exist."""
    return s3_failed("write", uri, f"there is no bucket {bucket}")


@listed("ours", "--device cuda where PyTorch sees no GPU")
def no_gpu() -> JobFailure:
    """A GPU that is insisted on and is not there, or not for this build of PyTorch."""
    return JobFailure(
        "AlgorithmError: --device cuda asks for a GPU, and PyTorch sees none here. Install PyTorch's build for the "
        "GPU, or start the server with --device auto."
    )


@listed("ours", "an allocation failed with a single row in work")
def out_of_memory(device: str) -> JobFailure:
    """A model for which the device is too small, whatever the batch size."""
    return JobFailure(
        f"AlgorithmError: Out of memory on {device}, even with one row at a time. Choose a smaller base model, or "
        "shorten the longest rows."
    )


@listed("ours", "the weights and the optimizer's state alone are larger than the memory")
def too_little_memory(needed: float, available: float, device: str) -> JobFailure:
    """A model that is too large to be trained; both sizes in GiB."""
    return JobFailure(
        f"AlgorithmError: The fine-tune needs at least {needed:.1f} GiB more memory on {device}, "
        f"but {available:.1f} GiB are available. Choose a smaller base model."
    )


@listed("ours", "the limit left no time to train")
def training_time_too_short(limit: str, before: str, afterwards: str) -> JobFailure:
    """A training job that was over before its first step; `before` and `afterwards` are numbers of seconds."""
    return JobFailure(
        f"ClientError: {limit} left no time for a step of the training. Measuring the base model took {before} "
        f"seconds, and measuring and storing the tuned one needs about {afterwards}. Raise it, or use fewer rows or a "
        "smaller base model."
    )


@listed("ours", "the numbers of the run are not finite")
def diverged(metric: str) -> JobFailure:
    """A fine-tune whose loss is no number any more."""
    return JobFailure(
        f"AlgorithmError: {metric} is not finite: the training diverged. Lower learningRate or raise "
        "learningRateWarmupSteps."
    )
