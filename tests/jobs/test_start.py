"""How a server starts, and how a start that does not come about ends: without a traceback, and nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.serving import Emulator
from emulator.settings import Settings
from tests.conftest import fill_bucket
from tests.support.processes import descendants, wait_until_gone
from tests.support.requests import text_generation
from tests.support.server import running_server

SERVE = [sys.executable, "-m", "emulator", "serve"]

SIGNAL_AT_AN_IMPORT = """
import os, runpy, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell

class Signalling:
    def find_spec(self, name, *_):
        if name == wanted:
            os.kill(os.getpid(), int(number))

wanted, number, *sys.argv[1:] = sys.argv[1:]
sys.meta_path.insert(0, Signalling())
runpy.run_module("emulator", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["emulator.cli", "emulator.settings", "emulator.serving", "waitress"])
def test_signal_while_the_code_is_imported(module: str, end: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM before the server is up end it at once, by that signal, without a word."""
    data = tmp_path / "data"
    command = [sys.executable, "-c", SIGNAL_AT_AN_IMPORT, module, str(int(end)), "serve", "--data-dir", str(data)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (-end, "", "")
    assert not data.exists()


def test_busy_port_leaves_nothing_behind(tmp_path: Path) -> None:
    """A server that cannot listen says so in one line, and has made no data directory."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [*SERVE, "--port", port, "--data-dir", str(tmp_path / "data")]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    told = f"Cannot listen on 127.0.0.1:{port}: Address already in use. Try another --port.\n"
    assert result.stderr == told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["emulator.parts.RunFolders", "emulator.serving.create_server"])
def test_start_that_comes_to_nothing_takes_nothing(tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator of which a part could not be made leaves its port and its data directory to the next one."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    elsewhere = "http://127.0.0.1:9"  # an S3 of its own would forget that of the server which the tests share
    settings = Settings(port=port, data_dir=str(tmp_path / "data"), warm=False, s3_endpoint_url=elsewhere)
    with monkeypatch.context() as broken:
        broken.setattr(part, fail)
        with pytest.raises(OSError, match="no room"):
            Emulator(settings)
    with Emulator(settings) as emulator:
        assert emulator.port == port


def test_host_that_is_no_name() -> None:
    """What cannot be a host's name at all is told like one that nobody knows."""
    result = subprocess.run([*SERVE, "--host", "a..b"], capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Cannot listen on a..b:4599: no such host. Try another --host.\n"


def test_ipv6() -> None:
    """A server at an IPv6 address prints a URL that clients understand, and its workers do, too."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with running_server("--host", "::1", program=("-m", "tests.support.stub_server")) as (server, _):
        assert server.url.startswith("http://[::1]:")
        fill_bucket(server)
        server.client("sagemaker").create_auto_ml_job_v2(**text_generation("done-ipv6"))
        server.wait("done-ipv6", "Completed", seconds=20)


@pytest.fixture(name="demo")
def _demo(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "emulator", "demo"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_demo_ends_when_it_is_told(demo: "subprocess.Popen[str]", end: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a demonstration at once: no traceback, and no process is left."""
    assert demo.stdout is not None
    assert "The emulator answers at" in demo.stdout.readline()
    started = descendants(demo.pid)
    demo.send_signal(end)
    _, complaints = demo.communicate(timeout=30)
    assert (demo.returncode, complaints) == (128 + end, "")
    assert not wait_until_gone(started, seconds=20)
