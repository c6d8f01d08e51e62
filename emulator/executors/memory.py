"""How much memory there is, and how much a worker takes of it; known on Linux only."""

from pathlib import Path

_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_PROC = Path("/proc")


def total_memory() -> int | None:
    """Bytes of memory of this machine, or of the container where that has a smaller limit."""
    try:
        lines = (_PROC / "meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    totals = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:")]
    for file in _GROUP_LIMITS:
        try:
            totals.append(int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such control group, or "max"
            continue
    return min(totals, default=None)


def memory_of(pid: int) -> int:
    """Bytes that a process and those it has started hold, files' pages not counted; 0 once it is gone."""
    taken = 0
    try:
        for line in (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                taken += int(line.split()[1]) * 1024
        for thread in (_PROC / str(pid) / "task").iterdir():
            taken += sum(memory_of(int(child)) for child in (thread / "children").read_text(encoding="ascii").split())
    except OSError:  # it has ended meanwhile, or this is no Linux
        return taken
    return taken
