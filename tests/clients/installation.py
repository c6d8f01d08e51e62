"""Installs each client as its users do, in a place of its own: `python tests/clients/installation.py`, or make clients.

A client is installed again when what is pinned for it changes; else this takes no time. The SageMaker SDKs stand beside
the emulator in one environment, as in a project that tests with both.
"""

import hashlib
import shutil
import subprocess
import sys
import time
import venv
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


def installed(name: str) -> Path:
    """The folder of a client, installed now where it is not."""
    folder = FOLDER / name
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in _pinned(name))).hexdigest()
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _install_javascript(folder) if name == JAVASCRIPT else _install_python(name, folder)
        stamp.write_text(wanted, encoding="ascii")
    return folder


def _pinned(name: str) -> list[Path]:
    if name == JAVASCRIPT:
        return [HERE / "javascript" / "package.json", HERE / "javascript" / "package-lock.json"]
    pins = HERE / "pinned" / f"{name}.txt"
    return [pins, ROOT / "pyproject.toml"] if str(ROOT) in PYTHON_CLIENTS[name] else [pins]


def _install_python(name: str, folder: Path) -> None:
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", str(_pinned(name)[0]), *PYTHON_CLIENTS[name]], check=True)


def _install_javascript(folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in _pinned(JAVASCRIPT):
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True)  # noqa: S607 - wherever the user has it


if __name__ == "__main__":
    for client in (*PYTHON_CLIENTS, JAVASCRIPT):
        began = time.monotonic()
        installed(client)
        sys.stdout.write(f"{client}: {time.monotonic() - began:.0f} s\n")
