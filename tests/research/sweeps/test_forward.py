"""Walking forward: chosen on the past only, counted on what came after."""

import pandas as pd

from research.sweeps.forward import total, walk_forward


def _rows(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    """(policy, period, closed, net sum in 1e-8)."""
    return pd.DataFrame(
        [
            {
                "policy": policy, "changes": policy, "symbol": "BTCUSDT", "start": period * 100,
                "end": period * 100 + 100, "closed": closed, "net_sum": net, "error": None,
            }
            for policy, period, closed, net in rows
        ]
    )  # fmt: skip


def test_the_choice_sees_only_earlier_periods() -> None:
    rows = _rows(
        ("a", 0, 40, 400_000), ("b", 0, 40, 100_000),
        ("a", 1, 40, -800_000), ("b", 1, 40, 900_000),
        ("a", 2, 40, 0), ("b", 2, 40, 40_000),
    )  # fmt: skip
    first, second = walk_forward(rows, default="a")
    assert (first.chosen, first.net_bps, first.default_bps) == ("a", -2.0, -2.0)
    assert (second.chosen, second.net_bps, second.default_bps) == ("b", 0.1, 0.0)
    assert total([first, second]) == (80, -0.95, 80, -1.0)


def test_what_comes_later_never_changes_an_earlier_choice() -> None:
    rows = _rows(("a", 0, 40, 1), ("b", 0, 40, 2), ("a", 1, 40, 3), ("b", 1, 40, 4))
    later = _rows(("a", 2, 40, 10**9), ("b", 2, 40, -(10**9)))
    assert walk_forward(pd.concat([rows, later]), "a")[0] == walk_forward(rows, "a")[0]


def test_a_policy_with_too_few_signals_is_not_chosen() -> None:
    rows = _rows(("lucky", 0, 3, 10**9), ("a", 0, 40, 1), ("lucky", 1, 3, 0), ("a", 1, 40, 0))
    assert walk_forward(rows, "a")[0].chosen == "a"


def test_a_failed_task_counts_for_nothing() -> None:
    rows = _rows(("a", 0, 40, 1), ("b", 0, 40, 10**9), ("a", 1, 40, 0), ("b", 1, 40, 0))
    rows.loc[rows["policy"] == "b", "error"] = "DataError: gone"
    assert walk_forward(rows, "a")[0].chosen == "a"


def test_one_period_has_no_next_one() -> None:
    assert walk_forward(_rows(("a", 0, 40, 1)), "a") == []
