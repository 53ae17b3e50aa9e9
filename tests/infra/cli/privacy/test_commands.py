"""`signalengine forget`: what it asks, and what it prints."""

import json

import pytest

from infra.cli.privacy import commands
from infra.cli.privacy.forgetting import Forgotten
from tests.infra.cli.conftest import Cli


class FakeForgetting:
    """Keeps what it was to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def channel(self, words: str) -> str:
        return words.strip()

    def forget(self, channel: str, now: int) -> Forgotten:
        assert now > 0
        self.forgotten.append(channel)
        return Forgotten("telegram", 1, 2, 3, 4)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeForgetting:
    made = FakeForgetting()
    monkeypatch.setattr("infra.cli.deliveries.stack.access", lambda *_where: None)
    monkeypatch.setattr(commands, "_forgetting", lambda _reached: made)
    return made


def test_it_forgets_and_counts(cli: Cli, fake: FakeForgetting) -> None:
    result = cli("forget", "telegram:-1001", "--yes", "--json")
    assert (result.code, fake.forgotten) == (0, ["telegram:-1001"])
    assert json.loads(result.out) == {
        "channel": "telegram", "subscriptions": 1, "addresses": 2, "deliveries": 3, "audiences": 4,
    }  # fmt: skip
    assert "deliveries  3" in cli("forget", "telegram:-1001", "-y").out


def test_without_a_yes_nothing_is_removed(
    cli: Cli, fake: FakeForgetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.confirm", lambda _question: False)
    result = cli("forget", "telegram:-1001")
    assert result.code == 1
    assert fake.forgotten == []
