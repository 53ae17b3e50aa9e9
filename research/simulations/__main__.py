"""`python -m research.simulations coverage | verdicts`: prints the tables of docs/evidence.md."""

import argparse

from rich.console import Console

from research.simulations import coverage


def main(arguments: list[str] | None = None) -> None:
    """Run one of the simulations and print its table."""
    parser = argparse.ArgumentParser(prog="python -m research.simulations", description=__doc__)
    parser.add_argument("which", choices=("coverage",))
    parser.add_argument("--draws", type=int, default=1_000, help="Simulated markets a row.")
    options = parser.parse_args(arguments)
    found = [coverage.coverage(*case, options.draws) for case in coverage.CASES]
    Console().print("\n".join(coverage.lines(found)), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
