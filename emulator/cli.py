"""The command line: flags to Settings, and what each command does."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from emulator import __version__, direct
from emulator.base_models.catalogue import chosen_models
from emulator.ending import exit_when_told, told_to_end
from emulator.settings import DECIDED_BY_DEMO, ENVIRONMENT_PREFIX, SETTINGS, Settings, from_environment, parse


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    if "read" in options:
        with _read_by_others():
            options.pop("read")(**options)
        return
    command = options.pop("command")
    try:
        given = from_environment() | {name: value for name, value in options.items() if value is not None}
        settings = Settings(**given)
        chosen_models(settings)
    except ValueError as problem:
        parser.error(str(problem))
    with _read_by_others():
        command(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="automl-emulator",
        description="A local emulator of Amazon SageMaker's AutoML V2 API, with real fine-tunes.",
        epilog=f"Options of serve, demo and models can be given in the environment, as {ENVIRONMENT_PREFIX}PORT and so "
        "on; invoke, logs and record look at $AWS_ENDPOINT_URL, $AWS_REGION and $AWS_DEFAULT_REGION.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    every = {knob.name for knob in SETTINGS}
    show_models = "show what runs in place of each base model, from where, and whether it is on disk"
    for name, command, text, known in (
        ("serve", serve, "answer AutoML V2, S3, STS, IAM and more on one port", every),
        ("demo", demo, "fine-tune a model on a small dataset, from upload to metrics", every - DECIDED_BY_DEMO.keys()),
        ("models", models, show_models, {"models", "model", "cache_dir"}),
    ):
        subparser = commands.add_parser(name, help=text, description=text)
        subparser.set_defaults(command=command)
        for knob in SETTINGS:
            if knob.name in known:
                _add_option(subparser, knob)
    text = "print all that is known of each, as JSON: limits, licence terms, container, prompt, hyperparameters"
    subparser.add_argument("--json", dest="command", action="store_const", const=models_as_json, help=text)
    _add_invoke(commands)
    text = "print a job's training log, that of a running job too"
    subparser = commands.add_parser("logs", help=text, description=text)
    subparser.set_defaults(read=logs)
    subparser.add_argument("job", metavar="JOB", help="AutoMLJobName")
    subparser.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    subparser.add_argument("--region", default=_region(), help="region of the job (default: %(default)s)")
    subparser.add_argument(
        "--endpoint-url", default=_endpoint(), help="URL of the emulator (default: $AWS_ENDPOINT_URL or %(default)s)"
    )
    _add_record(commands)
    text = "list every error and FailureReason, with the source of its words"
    commands.add_parser("errors", help=text, description=text).set_defaults(command=errors)
    return parser


def _add_invoke(commands: Any) -> None:
    text = "send a prompt to an endpoint and print the answer as it is written"
    subparser = commands.add_parser("invoke", help=text, description=text)
    subparser.set_defaults(read=invoke)
    subparser.add_argument("endpoint", metavar="ENDPOINT", help="EndpointName")
    subparser.add_argument("prompt", metavar="PROMPT", help="the text to answer, as the rows of the dataset have it")
    subparser.add_argument("--max-new-tokens", type=int, help="longest answer (default: that of the job's predictions)")
    subparser.add_argument("--temperature", type=float, help="draw tokens, more freely above 1 (default: greedy)")
    subparser.add_argument("--top-p", type=float, help="draw from the likeliest tokens of so much probability")
    subparser.add_argument("--top-k", type=int, help="draw from so many of the likeliest tokens")
    subparser.add_argument("--seed", type=int, help="draw the same tokens at each call")
    subparser.add_argument("--region", default=_region(), help="region of the endpoint (default: %(default)s)")
    subparser.add_argument(
        "--endpoint-url", default=_endpoint(), help="URL of the emulator (default: $AWS_ENDPOINT_URL or %(default)s)"
    )


def _add_record(commands: Any) -> None:
    text = "save a job that has ended, so that later creates can be answered from it (serve --replay FOLDER)"
    subparser = commands.add_parser("record", help=text, description=text)
    subparser.set_defaults(read=record)
    subparser.add_argument("job", metavar="JOB", help="name of the job")
    subparser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="a .json or .json.gz file")
    subparser.add_argument("--with-model", action="store_true", help="keep model.tar.gz too, in a file beside FILE")
    text = "answer jobs whose names match, and not those of the same base model"
    subparser.add_argument("--match-name", metavar="PATTERN", help=text)
    subparser.add_argument("--region", default=_region(), help="region of the job (default: %(default)s)")
    subparser.add_argument(
        "--endpoint-url", default=_endpoint(), help="URL of the emulator (default: $AWS_ENDPOINT_URL or %(default)s)"
    )


def _add_option(parser: argparse.ArgumentParser, knob: Any) -> None:
    flag = "--" + knob.name.replace("_", "-")
    if isinstance(knob.default, bool):
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, help=knob.metadata["help"])
        return
    if isinstance(knob.default, tuple):
        parser.add_argument(flag, action="append", metavar="NAME=PLACE", help=knob.metadata["help"])
        return
    choices = knob.metadata["choices"]
    parser.add_argument(
        flag,
        type=lambda text: _fitting(knob, text),
        metavar=f"{{{','.join(choices)}}}" if choices else None,
        help=f"{knob.metadata['help']} (default: {'none' if knob.default == '' else knob.default})",
    )


def _fitting(knob: Any, text: str) -> Any:
    try:
        return parse(knob, text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def serve(settings: Settings) -> None:
    """Run until Ctrl-C or SIGTERM."""
    from emulator.serving import CannotListen, Emulator, Unsafe
    from emulator.storage.refused import DataDirRefused

    told = told_to_end()
    if not settings.s3_endpoint_url:  # else it is the user's way to that S3
        direct.forget_configuration()
    try:
        emulator = Emulator(settings)
    except Unsafe as problem:
        sys.exit(f"automl-emulator: {problem}")
    except (CannotListen, DataDirRefused, ValueError) as problem:
        sys.exit(str(problem))
    except OSError as problem:  # no room for temporary files, too few descriptors
        sys.exit(f"automl-emulator cannot start: {problem}")
    with emulator:
        try:
            print(_greeting(emulator.url, settings), flush=True)
        except OSError:  # nobody reads it, and calls are answered all the same
            _print_no_more()
        told.recv(1)


def demo(settings: Settings) -> None:
    """Show a whole job."""
    from emulator.demo import run_demo

    exit_when_told()
    direct.forget_configuration()
    sys.exit(run_demo(settings))


def record(*, job: str, output: Path, endpoint_url: str, region: str, with_model: bool, match_name: str | None) -> None:
    """Save a job of a running emulator, for replay."""
    from emulator.recordings.recorder import Recorder, Unrecordable

    try:
        recording = Recorder(endpoint_url, region).record(job, output, with_model=with_model, match_name=match_name)
    except (Unrecordable, OSError) as problem:
        sys.exit(f"Cannot record {job}: {problem}")
    print(f"{output}: {recording.end}; answers jobs with {' and '.join(map(' '.join, recording.match.items()))}")


def models(settings: Settings) -> None:
    """Print the table of models."""
    from emulator.base_models.places import cache_folder
    from emulator.base_models.table import table

    print(table(chosen_models(settings), cache_folder(settings.cache_dir)))


def models_as_json(settings: Settings) -> None:
    """Print what the table of models leaves out, too."""
    from emulator.base_models.inventory import inventory
    from emulator.base_models.places import cache_folder

    print(inventory(chosen_models(settings), cache_folder(settings.cache_dir)))


def invoke(endpoint: str, prompt: str, *, region: str, endpoint_url: str, **generation: float | None) -> None:
    """Print what an endpoint answers."""
    from emulator.invoke import Failed, answer

    wanted: dict[str, Any] = {name: value for name, value in generation.items() if value is not None}
    if wanted.keys() & {"temperature", "top_p", "top_k"}:
        wanted["do_sample"] = True
    try:
        for text in chain(answer(endpoint_url, region, endpoint, prompt, wanted), ["\n"]):
            sys.stdout.write(text)
            sys.stdout.flush()
    except Failed as problem:
        sys.exit(str(problem))


def logs(job: str, *, follow: bool, region: str, endpoint_url: str) -> None:
    """Print the training log of a job."""
    from emulator.log_client import LogClient

    for text in LogClient(endpoint_url, region, job).parts(follow=follow):
        sys.stdout.write(text)
        sys.stdout.flush()


@contextmanager
def _read_by_others() -> Iterator[None]:
    """End without a word where whoever reads the output has read enough, as `head` does, and with one line else."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _print_no_more()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as problem:  # no room where the output goes, or in the words of a command
        _print_no_more()
        sys.exit(str(problem))


def _print_no_more() -> None:
    """Let nobody notice that the output takes nothing: Python would complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def errors(_: Settings) -> None:
    """Print the list of errors: as a table on a terminal, else as the Markdown of docs/errors.md."""
    from rich.console import Console

    from emulator.error_list import markdown, print_list

    if sys.stdout.isatty():
        print_list(Console())
    else:
        sys.stdout.write(markdown())


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{Settings.port}"


def _greeting(url: str, settings: Settings) -> str:
    other = settings.s3_endpoint_url
    key, secret = ("...", "...") if settings.require_auth or other else ("test", "test")
    s3 = f"\n  export AWS_ENDPOINT_URL_S3={other}" if other else ""
    kept = "Nothing is kept when it ends" if settings.in_memory else f"Jobs and objects are kept in {settings.data_dir}"
    if other:
        kept = f"Objects are in the S3 at {other}, with its keys. " + kept.replace("Jobs and objects", "Jobs")
    return f"""automl-emulator {__version__} is ready. In the shell of your program:

  export AWS_ENDPOINT_URL={url}{s3}
  export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}

{kept}. Ctrl-C ends it."""
