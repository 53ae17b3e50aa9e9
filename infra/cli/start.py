"""The entry point of `signalengine`: Ctrl-C while its modules are imported ends it at once."""

import signal


def run() -> None:
    """Import and run the command line."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from infra.cli.main import run as run_command  # takes most of a second

    signal.signal(signal.SIGINT, before)
    run_command()
