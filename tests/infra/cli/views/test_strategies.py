"""The views of strategies."""

import io

from rich.console import Console, RenderableType

from infra.cli.views.page import Page
from infra.cli.views.strategies import check, strategies, strategy

ROW = {
    "name": "mine", "version": 2, "ships": False, "every": "1h", "intervals": ["1h"],
    "features": ["1d"], "needs": ["funding"], "digest": "0123456789ab",
    "parameters": [
        {"name": "days", "default": 20.0, "least": 5.0, "most": 60.0, "whole": True, "about": "d"}
    ],
}  # fmt: skip


def text_of(what: RenderableType) -> str:
    console = Console(width=120, file=io.StringIO())
    console.print(what)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_a_list_has_each_strategy_and_each_refused_file() -> None:
    page = Page(console=Console(width=120, file=io.StringIO()))
    broken = {"name": "bad", "ships": False, "problem": "line 3: \x1b[31m"}
    listed = {"folder": "strategies", "strategies": [ROW, broken], "stack": None}
    shown = text_of(strategies(listed, page))

    assert "mine" in shown
    assert "1h 1d" in shown
    assert "days=20" in shown
    assert "✗ bad: line 3: ?[31m" in shown


def test_one_strategy_has_its_parameters_and_values() -> None:
    shown = text_of(strategy(ROW | {
        "text": "An idea.\n\nMore.", "path": "a.py", "warm_up": {"1h": 60}, "ttl_minutes": 90,
        "values": [{"name": "highest", "kind": "price", "about": "h"}],
    }))  # fmt: skip

    for part in ("An idea.", "mine, version 2", "60 × 1h", "after 1.5 h", "(whole, 5 to 60)"):
        assert part in shown
    assert "highest  price  h" in shown


def test_a_check_has_every_law_failure_and_recording() -> None:
    failures = [
        {"law": "runs", "line": 7, "text": "divides by zero", "fix": "compare", "warning": False},
        {"law": "enters", "line": 0, "text": "no entry", "fix": "try", "warning": True},
    ]
    shown = text_of(check({
        "strategy": "mine", "laws": ["allow-list", "runs"], "failures": failures, "holds": False,
        "recorded": [
            {"symbol": "BTCUSDT", "days": 2.0, "closes": 48, "entries": 3, "signals_a_day": 1.5}
        ],
        "cost": {"us_a_bar": 3.5, "numbers": 90, "symbols": 20, "lambda_usd_a_month": 0.00012},
    }))  # fmt: skip

    for part in (
        "✓ allow-list", "✗ runs", "✗ mine.py:7  runs: divides by zero", "fix: compare",
        "! mine.py  enters: no entry", "BTCUSDT: 3 entries at 48 closes; signals a day: 1.50",
        "3.5 µs a bar in plain Python, 90 numbers of state", "< $0.01 a month",
        "not to be run yet",
    ):  # fmt: skip
        assert part in shown
