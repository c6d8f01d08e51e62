"""The processes of a server under test."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, directly or not; one that ends meanwhile has none."""
    children = _children(pid)
    return children.union(*(descendants(child) for child in children))


def _children(pid: int) -> set[int]:
    found: set[int] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends
                found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def stop_descendants(pid: int) -> set[int]:
    """Let SIGSTOP freeze all that a process has started, and tell what that is."""
    started = descendants(pid)
    for child in started:
        os.kill(child, signal.SIGSTOP)
    return started


def wait_until_gone(pids: set[int], seconds: float) -> set[int]:
    """Those of the processes that are still there after so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pids = {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)}
        if not pids:
            break
        time.sleep(0.05)
    return pids


def state(pid: int) -> str:
    """The state letter of a process, Z where it is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def let_go_on(name: str) -> None:
    """Let the stub worker of a job whose name begins with `talk` go on."""
    (order,) = [file for file in Path("/proc").glob("[0-9]*/cmdline") if name in _order_of(file)]
    Path(_order_file(order)).with_name("go on").touch()


def _order_file(file: Path) -> str:
    try:
        parts = file.read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((part.decode() for part in parts if part.endswith(b"/order.json")), "")


def _order_of(file: Path) -> str:
    try:
        return Path(_order_file(file)).read_text(encoding="utf-8") if _order_file(file) else ""
    except OSError:
        return ""


def gone(pid: int) -> None:
    """Waits until a process is no more, not even as a zombie."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")
