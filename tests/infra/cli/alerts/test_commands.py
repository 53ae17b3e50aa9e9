"""`signalengine alert` as it is typed."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli.alerts import commands
from infra.cli.main import app

RUN = CliRunner()
ROW = {
    "alert": "1f2e3d4c5b", "to": "ntfy:phone", "symbol": "BTCUSDT", "price": 65000.0,
    "direction": "above", "tick_size": 0.1,
}  # fmt: skip


class Alerts:
    """Alerts that only record what is wanted of them."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def add(self, *given: Any) -> dict[str, Any]:
        self.calls.append(given)
        return {**ROW, "last": 64000.0}

    def rows(self, to: str | None) -> dict[str, Any]:
        self.calls.append((to,))
        return {"alerts": [ROW] if to else [], "others": {"push": 2}}

    def remove(self, alert: str) -> dict[str, Any]:
        self.calls.append((alert,))
        return {"removed": alert}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Alerts:
    found = Alerts()
    monkeypatch.setattr(commands, "_alerts", lambda *_: found)
    return found


def run(*words: str) -> str:
    result = RUN.invoke(app, ["alert", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_is_set_listed_and_ended(known: Alerts) -> None:
    assert "64,000.0" in run("add", "BTC", "65000", "--to", "phone")
    shown = run("list", "--to", "phone")
    assert "1f2e3d4c5b" in shown
    assert "above 65,000.0" in shown
    assert "2 of push" in shown
    assert "no alerts of destinations" in run("list")
    assert json.loads(run("list", "--to", "phone", "--json"))["alerts"] == [ROW]
    assert "ended: 1f2e3d4c5b" in run("remove", "1f2e3d4c5b")
    assert known.calls[0] == ("phone", "BTC", 65000.0)


def test_a_destination_is_demanded() -> None:
    assert RUN.invoke(app, ["alert", "add", "BTC", "65000"]).exit_code == 2
