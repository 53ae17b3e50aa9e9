"""The entry point of `signalengine`: Ctrl-C before its command runs ends it without a traceback."""

import signal
import sys

from infra.errors import INTERRUPTED


def run() -> None:
    """Import and run the command line."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from infra.cli.main import run as run_command  # takes most of a second

    signal.signal(signal.SIGINT, before)
    try:
        run_command()
    except KeyboardInterrupt:  # before the command itself handles it
        sys.exit(INTERRUPTED)
