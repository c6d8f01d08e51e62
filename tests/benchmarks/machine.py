"""What a benchmark ran on, as the line above its table."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


def conditions(*packages: str) -> str:
    """Date, machine, load as the benchmark begins, and versions of Python and of these packages."""
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} CPUs ({_processor()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}; load average {os.getloadavg()[0]:.2f} at the start; "
        f"Python {platform.python_version()}, {versions}."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
