"""The command prints a table; its name is in the package's text."""

import pytest

import research.simulations
from research.simulations.__main__ import main


def test_a_table_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr("research.simulations.coverage.CASES", ((60, 3),))
    main(["coverage", "--markets", "4"])
    said = capsys.readouterr().out
    assert said.startswith("| days |")
    assert "| 60 | 3 |" in said


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["luck"])
    assert "coverage" in str(research.simulations.__doc__)
