"""The exchange's command line: defaults, and refusals that name the fix."""

import argparse

import pytest

from infra.local.exchange.market.source import SourceError
from infra.local.exchange.options import moment, open_market, read


def test_defaults_are_a_simulated_market_in_real_time() -> None:
    options = read([])
    assert (options.source, options.symbols, options.speed, options.seed) == ("sim", None, 1.0, "7")
    assert read(["--speed", "max", "--symbols", "btcusdt, ethusdt"]).symbols == (
        "BTCUSDT", "ETHUSDT",
    )  # fmt: skip


def test_times_are_utc_and_whole_minutes() -> None:
    assert moment("2025-05-19") == 1_747_612_800_000
    assert moment("2025-05-19T02:00+02:00") == 1_747_612_800_000
    for text in ("noon", "2025-05-19T00:00:01"):
        with pytest.raises(argparse.ArgumentTypeError):
            moment(text)


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "1e7"])
def test_a_speed_that_cannot_be_is_refused(speed: str) -> None:
    with pytest.raises(SystemExit):
        read(["--speed", speed])


def test_an_end_before_the_start_is_refused() -> None:
    options = read(["--from", "2025-05-19", "--to", "2025-05-18"])
    with pytest.raises(SourceError, match=r"^--to \(2025-05-18\) is before --from \(2025-05-19\)$"):
        open_market(options, lambda line: None)
