"""A disk with little room, for real."""

import contextlib
import subprocess
from pathlib import Path
from typing import Self

SMALL = 3 * 2**20  # room for the rows, not for a model of 16 MB


class SmallDisk:
    """A folder on a small disk; where that cannot be, servers that may write small files only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filling = folder / "filling"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
        self.mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self.before = () if self.mounted else ("prlimit", f"--fsize={SMALL}:unlimited")

    def fill(self, server: int) -> None:
        """Leave no room at all to the server of this process id."""
        if not self.mounted:
            _limit(server, "1")
            return
        with contextlib.suppress(OSError), self._filling.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self, server: int) -> None:
        """Leave room again."""
        if self.mounted:
            self._filling.unlink()
        else:
            _limit(server, str(SMALL))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)  # noqa: S607 - as found


def _limit(server: int, size: str) -> None:
    subprocess.run(["prlimit", f"--pid={server}", f"--fsize={size}:unlimited"], check=True)  # noqa: S607 - as found
