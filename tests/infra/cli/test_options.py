"""Shared options: invalid ones are refused before anything starts."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.options import listed_symbols, trial_days


def _refusal(*arguments: str) -> str:
    """Return the output of wrong usage, whose exit code is 2."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert result.exit_code == 2
    return result.output


def test_a_source_that_is_not_there_is_named() -> None:
    assert "/no/such/place: no such file or folder" in _refusal("up", "--source", "/no/such/place")


def test_a_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path / "bars") in _refusal("up", "--source", "~/bars")


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    assert "use a positive number, or max" in _refusal("up", "--speed", speed)


def test_live_goes_at_its_own_speed_and_has_no_end() -> None:
    assert "a live market has speed 1" in _refusal("up", "--source", "live", "--speed", "60")
    assert "needs an end" in _refusal("replay", "--source", "live")


def test_repaint_needs_a_recording() -> None:
    assert "reads a recording" in _refusal("audit", "repaint", "--source", "sim")


@pytest.mark.parametrize(
    ("symbols", "why"),
    [
        ("FOOUSDT", "FOOUSDT is not simulated. Simulated are: BTCUSDT, ETHUSDT, "),
        ("BTC,FOO", "is not simulated"),
        ("btcc", "BTCCUSDT is not simulated. Did you mean BTCUSDT? Simulated are: BTCUSDT, "),
        ("BTC/EUR", "BTC/EUR is in EUR"),
        ("BTCUSD_PERP", "BTCUSD_PERP is settled in coins"),
        ("BTC;ETH;all", "all stands alone"),
        ("BTC,top:3", "top:3 stands alone"),
    ],
)
def test_symbols_are_checked_before_anything_starts(symbols: str, why: str) -> None:
    for command in ("up", "replay --source sim", "faults"):
        assert why in _refusal(*command.split(), "--symbols", symbols)


def test_symbols_that_are_not_recorded_are_refused_before_anything_starts(tmp_path: Path) -> None:
    for name in ("BTCUSDT", "1000PEPEUSDT", "币安人生USDT"):
        (tmp_path / f"{name}-1m-2025-05-19.csv").touch()
    refusal = _refusal("replay", "--source", str(tmp_path), "--symbols", "btc pepe FOO")
    assert "FOOUSDT is not recorded. Recorded are: 1000PEPEUSDT, BTCUSDT, 币安人生USDT." in refusal


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (("--from", "2025-13-45"), "2025-13-45 is not a day of the calendar"),
        (("--to", "20250519"), "20250519 looks like a date: write 2025-05-19"),
        (("--from", "1747612800"), "milliseconds would be 1747612800000"),
        (("--from", "2025-05-19", "--to", "2025-05-18"), "--to (2025-05-18) is before --from"),
        (("--from", "2025-05-19", "--to", "2025-05-19"), "--from and --to are both 2025-05-19"),
    ],
)
def test_times_are_checked_before_anything_starts(span: tuple[str, ...], why: str) -> None:
    for command in ("up", "replay --source sim", "faults", "signals", "decisions"):
        assert why in _refusal(*command.split(), *span)


def test_a_market_is_played_from_a_whole_minute_to_a_whole_minute() -> None:
    for command in ("up", "replay --source sim", "faults"):
        for option in ("--from", "--to"):
            refusal = _refusal(*command.split(), option, "2025-05-19T12:00:30")
            assert f"{option}: 2025-05-19T12:00:30 is not a whole minute" in refusal


@pytest.mark.parametrize(
    ("text", "symbols"),
    [("btc, eth/usdt SOL-PERP", ("BTCUSDT", "ETHUSDT", "SOLUSDT")), ("all", ()), ("TOP:3", ()),
     ("", ()), ("币安人生", ("币安人生USDT",))],
)  # fmt: skip
def test_a_list_of_symbols_is_read_as_people_write_it(text: str, symbols: tuple[str, ...]) -> None:
    assert listed_symbols(text) == symbols


def test_a_trial_plays_whole_days_from_its_start() -> None:
    assert trial_days("sim", "2026-01-05T06:00", 2) == ("1767592800000", "1767765600000")
    begin, end = trial_days("sim", None, 5)
    assert int(end) - int(begin) == 5 * 86_400_000


@pytest.mark.parametrize(
    ("source", "start", "why"),
    [
        ("live", None, "faults need a local market"),
        ("recordings", None, "name the first day"),
        ("sim", "yesterday-ish", "yesterday-ish"),
    ],
)
def test_a_trial_without_a_span_is_refused(source: str, start: str | None, why: str) -> None:
    with pytest.raises(typer.BadParameter, match=why):
        trial_days(source, start, 5)
