"""What builds and runs the image: docker, podman, or buildah alone where no engine runs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

PORT = 4599
STOP_SECONDS = 20

Mounts = Mapping[str, str]


@dataclass(frozen=True)
class Container:
    """A running container: where it answers, what its health check says, and whose its processes are."""

    url: str
    healthy: Callable[[], bool]
    user_ids: Callable[[], set[int]]


class Engine(Protocol):
    """What the check needs of an engine; `mounts_files` where a build can see files of this machine."""

    name: str
    mounts_files: bool

    def works(self) -> bool: ...
    def build(self, context: Path, image: str, build_args: Sequence[str], files: Sequence[str]) -> None: ...
    def import_folder(self, folder: str, image: str) -> None: ...
    def has(self, image: str) -> bool: ...
    def size(self, image: str) -> str: ...
    def volume(self) -> str: ...
    def container(self, image: str, volume: str) -> Any: ...
    def remove_volume(self, volume: str) -> None: ...
    def remove_image(self, image: str) -> None: ...


class Docker:
    """An engine with docker's command line."""

    name = "docker"
    mounts_files = False
    build_options: tuple[str, ...] = ()

    def works(self) -> bool:
        """Whether the command is there, and its engine answers."""
        return shutil.which(self.name) is not None and self._succeeds("info")

    def build(self, context: Path, image: str, build_args: Sequence[str], files: Sequence[str]) -> None:
        """Build the Dockerfile, with these files of this machine at the same place."""
        options = _build_options(context, image, build_args, files)
        self._run("build", *self.build_options, *options, str(context), stdout=None)

    def import_folder(self, folder: str, image: str) -> None:
        """Make an image of a folder."""
        with subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE) as tar:
            self._run("import", "-", image, stdin=tar.stdout)

    def has(self, image: str) -> bool:
        """Whether the image is there."""
        return self._succeeds("image", "inspect", image)

    def size(self, image: str) -> str:
        """The size of the image unpacked."""
        return f"{int(self._run('image', 'inspect', '--format', '{{.Size}}', image)) / 1e6:.0f} MB"

    def volume(self) -> str:
        """A new volume."""
        return self._run("volume", "create")

    @contextmanager
    def container(self, image: str, volume: str) -> Iterator[Container]:
        """A container with the volume, its port published on a free one of this machine; stopped as users stop it."""
        name = self._run("run", "--detach", "--publish", f"127.0.0.1::{PORT}", "--volume", f"{volume}:/data", image)
        try:
            address = self._run("port", name, str(PORT))
            yield Container(f"http://{address}", lambda: self._healthy(name), lambda: self._user_ids(name))
            self._run("stop", "--time", str(STOP_SECONDS), name)
            ended = self._run("inspect", "--format", "{{.State.ExitCode}}", name)
            assert ended == "0", f"the container ended with {ended} when it was asked to stop"
        except BaseException:
            subprocess.run([self.name, "logs", name], check=False)
            raise
        finally:
            self._run("rm", "--force", name)

    def remove_volume(self, volume: str) -> None:
        """Remove a volume and what is in it."""
        self._run("volume", "rm", "--force", volume)

    def remove_image(self, image: str) -> None:
        """Remove an image."""
        self._run("rmi", "--force", image)

    def _healthy(self, container: str) -> bool:
        return self._run("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy"

    def _user_ids(self, container: str) -> set[int]:
        listing = "import os; print(*(os.stat('/proc/' + p).st_uid for p in os.listdir('/proc') if p.isdigit()))"
        return set(map(int, self._run("exec", container, "python3", "-c", listing).split()))

    def _succeeds(self, *arguments: str) -> bool:
        return subprocess.run([self.name, *arguments], capture_output=True, check=False).returncode == 0

    def _run(self, *arguments: str, stdin: Any = None, stdout: Any = subprocess.PIPE) -> str:
        ended = subprocess.run([self.name, *arguments], stdin=stdin, stdout=stdout, text=True, check=True)
        return (ended.stdout or "").strip()


class Podman(Docker):
    """Podman, as docker but for what it leaves to its users."""

    name = "podman"
    mounts_files = True
    build_options = ("--format", "docker", "--layers=false")  # its own format knows no health check

    def _healthy(self, container: str) -> bool:
        return self._succeeds("healthcheck", "run", container)


class Buildah:
    """No engine: the image is built, and its command run, in a chroot on this machine's own network."""

    name = "buildah"
    mounts_files = True

    def works(self) -> bool:
        """Whether the command is there."""
        return shutil.which("buildah") is not None

    def build(self, context: Path, image: str, build_args: Sequence[str], files: Sequence[str]) -> None:
        """Build the Dockerfile, with these files of this machine at the same place."""
        options = _build_options(context, image, build_args, files)
        command = ["buildah", "build", "--isolation", "chroot", "--format", "docker", *options, str(context)]
        subprocess.run(command, check=True)

    def import_folder(self, folder: str, image: str) -> None:
        """Make an image of a folder."""
        container = _buildah("from", "scratch")
        _buildah("add", "--quiet", container, folder, "/")
        _buildah("commit", "--quiet", "--rm", container, image)

    def has(self, image: str) -> bool:
        """Whether the image is there."""
        return bool(_buildah("images", "--quiet", "--filter", f"reference={image}"))

    def size(self, image: str) -> str:
        """The size of the image unpacked."""
        return _buildah("images", "--format", "{{.Size}}", "--filter", f"reference={image}")

    def volume(self) -> str:
        """A new folder in place of a volume."""
        return tempfile.mkdtemp(prefix="volume-")

    @contextmanager
    def container(self, image: str, volume: str) -> Iterator[Container]:
        """The image's command in a chroot, on a free port; ended with SIGTERM as an engine would."""
        name = _buildah("from", image)
        config = json.loads(_buildah("inspect", name))["Docker"]["config"]
        _buildah("config", "--volume", "/data-", name)  # its own would be mounted over ours
        shutil.chown(volume, *map(int, config["User"].split(":")))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        knobs = {"AUTOML_EMULATOR_HOST": "127.0.0.1", "AUTOML_EMULATOR_PORT": port}
        run = ["buildah", "run", "--isolation", "chroot", "--volume", f"{volume}:/data"]
        run += [f"--env={knob}={value}" for knob, value in knobs.items()] + [name, "--"]
        health = [*run, *config["Healthcheck"]["Test"][1:]]
        process = subprocess.Popen([*run, *config["Entrypoint"], *config["Cmd"]])
        try:
            yield Container(
                f"http://127.0.0.1:{port}",
                lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0,
                lambda: _users(_inside(process.pid)),
            )
            os.kill(_inside(process.pid)[0], signal.SIGTERM)
            assert process.wait(timeout=STOP_SECONDS) == 0
        finally:
            for pid in [*_inside(process.pid), process.pid]:  # what is inside outlives buildah
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            _buildah("rm", name)

    def remove_volume(self, volume: str) -> None:
        """Remove a folder that was a volume."""
        shutil.rmtree(volume)

    def remove_image(self, image: str) -> None:
        """Remove an image."""
        _buildah("rmi", "--force", image)


ENGINES: dict[str, Callable[[], Engine]] = {"docker": Docker, "podman": Podman, "buildah": Buildah}


def _build_options(context: Path, image: str, build_args: Sequence[str], files: Sequence[str]) -> list[str]:
    options = ["--file", str(context.absolute() / "docker" / "Dockerfile"), "--tag", image]
    options += [f"--build-arg={argument}" for argument in build_args]
    return options + [f"--volume={file}:{file}:ro" for file in files]


def _buildah(*arguments: str) -> str:
    return subprocess.run(["buildah", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _users(pids: Sequence[int]) -> set[int]:
    """Whom these processes belong to; one that ends meanwhile belongs to nobody."""
    users = set()
    for pid in pids:
        with suppress(FileNotFoundError):
            users.add(os.stat(f"/proc/{pid}").st_uid)
    return users


def _inside(pid: int) -> list[int]:
    """The processes under this one that are not buildah's own, parents before their children."""
    found = []
    for child in _children(pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            command = Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0")[0]
            found += ([] if "buildah" in command else [child]) + _inside(child)
    return found


def _children(pid: int) -> list[int]:
    """None where the process has ended."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found
