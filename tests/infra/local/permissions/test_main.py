"""`python -m infra.local.permissions drill`, with real tests."""

import pytest

from infra.local.permissions import __main__ as module
from infra.local.permissions.drill import chosen_test
from infra.local.permissions.page import PAGE, read


def test_a_removed_right_is_missed_by_its_test(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read(PAGE.read_text())
    one = next(grant for grant in rows if grant.role == "broadcast")
    assert module.remove({one: rows[one]}) == 0
    text = capsys.readouterr().out
    assert f"`{chosen_test(rows[one])}`" in text
    assert "1 of 1 removed rights made a test fail." in text


def test_unknown_arguments_are_answered_with_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["infra.local.permissions", "dig"])
    assert module.main() == 2
    assert "drill COUNT SEED" in capsys.readouterr().err
