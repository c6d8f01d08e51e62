"""`python -m emulator` is the command automl-emulator."""

import os
import signal
import sys


def main() -> None:
    """Run the command. While its code is being imported there is nothing to end in order, and nothing to say."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as SIGTERM has it; Python's own would print a traceback
    open_standard_streams()
    from emulator.cli import main as command

    command()


def open_standard_streams() -> None:
    """Give what a shell has closed (`>&-`) to nobody: else the next file or socket would be taken for the output."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    main()
