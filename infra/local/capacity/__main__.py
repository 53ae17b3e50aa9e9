"""`python -m infra.local.capacity` writes the tables of docs/latency.md and docs/capacity.md."""

from machine.files import write
from machine.terminal import program

from .pages import pages, written


def main() -> None:
    """Write the pages."""
    for page, tables in pages().items():
        write(page, written(page.read_text(encoding="utf-8"), tables))


if __name__ == "__main__":
    program(main)
