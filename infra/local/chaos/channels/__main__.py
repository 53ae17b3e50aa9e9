"""`python -m infra.local.chaos.channels [CHANNEL…] [--write]`: print the transcript."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from machine.files import write

from .faults import CHANNELS, troubles
from .page import PAGE, page_with, text
from .play import Outcome, Trial


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local.chaos.channels")
    parser.add_argument("channels", nargs="*", metavar="CHANNEL", help=", ".join(CHANNELS))
    parser.add_argument("--write", action="store_true", help="write the table of docs/channels.md")
    chosen = parser.parse_args()
    unknown = set(chosen.channels) - set(CHANNELS)
    if unknown or (chosen.write and chosen.channels):
        parser.error("--write writes all channels" if chosen.write else f"no channel {unknown}")
    found = []
    for outcome in played(chosen.channels or CHANNELS):
        sys.stdout.write(f"{text(outcome)}\n")
        found.append(outcome)
    if chosen.write:
        write(PAGE, page_with(PAGE.read_text(encoding="utf-8"), found))
    if any(one.lost or one.twice > one.possible for one in found):
        sys.exit(1)


def played(channels: Sequence[str]) -> Iterator[Outcome]:
    """Yield what became of each fault of these channels."""
    with Trial().running() as trial:
        for channel in channels:
            for trouble in troubles(channel):
                yield trial.play(channel, trouble)


if __name__ == "__main__":
    main()
