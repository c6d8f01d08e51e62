"""Memory and processor time of a process, and of all processes below it, as Linux tells them."""

import os
import re
import time
from pathlib import Path

_IDLE_SECONDS = 1.0
_IDLE_TICKS = 3
_LONGEST_WAIT_SECONDS = 120.0


def resident(pid: int) -> float:
    """Memory that a process has in RAM, in MiB, pages shared with others included."""
    return _kibibytes(Path(f"/proc/{pid}/status"), "VmRSS") / 1024


def tree_proportional(pid: int) -> float:
    """Memory of a process and all below it, in MiB; a page that several share counts once."""
    return sum(_kibibytes(Path(f"/proc/{member}/smaps_rollup"), "Pss") for member in tree(pid)) / 1024


def wait_until_idle(pid: int) -> None:
    """Return once a process and all below it have used no processor time for a second."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    before = _ticks(pid)
    while time.monotonic() < deadline:
        time.sleep(_IDLE_SECONDS)
        now = _ticks(pid)
        if now - before < _IDLE_TICKS:
            return
        before = now
    raise TimeoutError(f"process {pid} is still busy after {_LONGEST_WAIT_SECONDS} s")


def processor_seconds(pid: int) -> float:
    """Processor time that a process itself has used so far."""
    return _ticks_of(pid) / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    members = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            members += tree(int(child))
    return members


def _kibibytes(file: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", file.read_text(encoding="ascii"), re.MULTILINE)
    if found is None:
        raise LookupError(f"{file} has no {name}")
    return int(found[1])


def _ticks(pid: int) -> int:
    """Clock ticks that the tree has used so far."""
    return sum(_ticks_of(member) for member in tree(pid))


def _ticks_of(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    user, system = after_name[11:13]
    return int(user) + int(system)
