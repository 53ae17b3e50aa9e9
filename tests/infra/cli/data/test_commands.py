"""The options of `signalengine data`: completion and help."""

from infra.cli.data.commands import intervals, kinds, sources
from tests.infra.cli.conftest import Cli


def test_kinds_and_sources_are_completed_with_descriptions():
    assert [name for name, _ in kinds("")] == [
        "klines", "funding", "open-interest", "exchange-info",
    ]  # fmt: skip
    assert kinds("op") == [("open-interest", "open interest, every 5 minutes")]
    assert [name for name, _ in sources("r")] == ["rest"]


def test_a_list_of_intervals_is_completed_at_its_last_word():
    assert intervals("1") == ["1m", "15m", "1h", "1d"]
    assert intervals("1m,4") == ["1m,4h"]
    assert "1m,1m" not in intervals("1m,")


def test_help_has_examples(cli: Cli):
    for name in ("list", "check", "fetch"):
        found = cli("data", name, "--help", width=100)
        assert (found.code, f"signalengine data {name}" in found.out) == (0, True)
