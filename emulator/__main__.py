"""`python -m emulator` is the command automl-emulator."""

import signal


def main() -> None:
    """Run the command. While its code is being imported there is nothing to end in order, and nothing to say."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as SIGTERM has it; Python's own would print a traceback
    from emulator.cli import main as command

    command()


if __name__ == "__main__":
    main()
