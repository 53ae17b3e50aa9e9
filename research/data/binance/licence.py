"""The terms of Binance's data archive, shown once for each data folder and stored in it."""

from pathlib import Path
from typing import Final

from rich.console import Console

from machine.files import write

MARKER: Final = "LICENCE-binance-archive.txt"
NOTICE: Final = """\
Files under futures/um in this folder come from data.binance.vision. They are
under the Binance Vision Dataset Terms v1.0 of 2026-08-26, which are those of
Creative Commons BY-NC-SA 4.0:

- non-commercial use only: no live trading, no distribution of signals for a
  compensation, no part in a commercial product;
- name the source ("Binance Vision") wherever you publish what is derived from
  it, under the same licence;
- do not put the files into a repository, nor pass them on without the terms.

The terms in full: TERMS_AND_CONDITIONS.md in
https://github.com/binance/binance-public-data
What is fetched by REST (source="rest") is under Binance's terms of use instead.
"""


def show_once(folder: Path, console: Console) -> bool:
    """Show the notice once for each folder; returns whether it was shown."""
    marker = folder / MARKER
    if marker.exists():
        return False
    console.print(NOTICE, highlight=False, markup=False)
    write(marker, NOTICE)
    return True
