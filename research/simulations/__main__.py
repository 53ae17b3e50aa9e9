"""`python -m research.simulations coverage | verdicts`: prints the tables of docs/evidence.md."""

import argparse

from rich.console import Console

from research.simulations import coverage, verdicts


def main(arguments: list[str] | None = None) -> None:
    """Run one of the simulations and print its table."""
    parser = argparse.ArgumentParser(prog="python -m research.simulations", description=__doc__)
    parser.add_argument("which", choices=("coverage", "verdicts"))
    parser.add_argument("--markets", type=int, help="Simulated markets a row.")
    options = parser.parse_args(arguments)
    if options.which == "coverage":
        markets = options.markets or 1_000
        lines = coverage.lines([coverage.coverage(*case, markets) for case in coverage.CASES])
    else:
        lines = verdicts.lines([verdicts.rate(x, options.markets or 200) for x in verdicts.EDGES])
    Console().print("\n".join(lines), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
