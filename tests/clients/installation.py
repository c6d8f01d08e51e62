"""Installs each client as its users do, in a place of its own: `python tests/clients/installation.py`, or make clients.

A client is installed again when what is pinned for it changes; else this takes no time. The SageMaker SDKs stand beside
the emulator in one environment, as in a project that tests with both.
"""

import hashlib
import shutil
import subprocess
import sys
import time
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".venv-clients"

PYTHON_CLIENTS = {
    "aws-cli": ("awscli",),
    "sdk-v2": ("sagemaker", "--editable", str(ROOT)),
    "sdk-v3": ("sagemaker-core", "--editable", str(ROOT)),
}
JAVASCRIPT = "javascript"
PACKAGES = (HERE / JAVASCRIPT / "package.json", HERE / JAVASCRIPT / "package-lock.json")


def installed(name: str) -> Path:
    """The folder of a client, installed now where it is not."""
    folder = FOLDER / name
    wanted = hashlib.sha256(_wants(name)).hexdigest()
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _install_javascript(folder) if name == JAVASCRIPT else _install_python(name, folder)
        stamp.write_text(wanted, encoding="ascii")
    return folder


def _wants(name: str) -> bytes:
    """What decides whether a client is installed as it should be; our own part is the packages that we ask for."""
    if name == JAVASCRIPT:
        return b"".join(file.read_bytes() for file in PACKAGES)
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return repr((_pins(name).read_bytes(), PYTHON_CLIENTS[name], own)).encode()


def _pins(name: str) -> Path:
    return HERE / "pinned" / f"{name}.txt"


def _install_python(name: str, folder: Path) -> None:
    """Modules are compiled as they are first imported: most never are."""
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-compile", "--constraint", str(_pins(name)), *PYTHON_CLIENTS[name]], check=True)


def _install_javascript(folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in PACKAGES:
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True)  # noqa: S607 - wherever the user has it


def _timed(client: str) -> str:
    began = time.monotonic()
    installed(client)
    return f"{client}: {time.monotonic() - began:.0f} s\n"


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        sys.stdout.writelines(pool.map(_timed, (*PYTHON_CLIENTS, JAVASCRIPT)))
