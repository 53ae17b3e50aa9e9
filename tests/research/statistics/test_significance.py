"""Foresight is found out, chance is not taken for skill, and a shift keeps everything else."""

import numpy as np
import pytest

from research.statistics.entries import Entries, entries_of, span_of
from research.statistics.significance import p_value, random_test, shift_test
from research.statistics.trades import trades_of
from tests.research.statistics.made import at_random, made_run, with_foresight

SYMBOLS = ("BTCUSDT", "ETHUSDT")


def prepared(choose, **how):
    runs = [made_run(choose, symbol=name, seed=n + 5, **how) for n, name in enumerate(SYMBOLS)]
    trades = trades_of([s for run in runs for s in run.signals], [span_of(run) for run in runs])
    return trades, {run.symbol: entries_of(run) for run in runs}


@pytest.mark.parametrize("test", [shift_test, random_test])
def test_foresight_is_significant(test):
    null = test(*prepared(with_foresight(40)), draws=500)
    assert null.p_net == 1 / 501
    assert null.p_win_rate == 1 / 501
    assert null.observed_net > null.net.max()
    assert null.observed_win_rate == 1.0


@pytest.mark.parametrize("test", [shift_test, random_test])
def test_chance_is_rarely_significant(test):
    """The p values of entries made by chance are spread over 0 to 1."""
    ps = [test(*prepared(at_random(40, seed)), draws=200).p_net for seed in range(12)]
    assert min(ps) < 0.5 < max(ps)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.25)
    assert sum(p <= 0.05 for p in ps) <= 2


def test_the_same_seed_gives_the_same_p_value():
    world = prepared(at_random(30))
    for test in (shift_test, random_test):
        one, two = test(*world, draws=100, seed=4), test(*world, draws=100, seed=4)
        assert np.array_equal(one.net, two.net)
        assert one.to_dict() == two.to_dict()


def test_a_p_value_is_never_zero():
    assert p_value(9.0, np.zeros(99)) == 0.01
    assert p_value(-9.0, np.zeros(99)) == 1.0
    assert p_value(0.0, np.zeros(99)) == 1.0


def test_one_shift_moves_all_symbols_by_the_same_time():
    """Two signals of one minute stay on one minute: what one gains there the other loses."""
    runs = [made_run(lambda run: [(5000, "long")], symbol=name) for name in SYMBOLS]
    trades = trades_of([s for run in runs for s in run.signals], [span_of(run) for run in runs])
    up, down = (entries_of(run) for run in runs)
    clock = {SYMBOLS[0]: telling_time(up, 1), SYMBOLS[1]: telling_time(down, -1)}
    assert (shift_test(trades, clock, draws=200).net == 0.0).all()
    assert (random_test(trades, clock, draws=200).net != 0.0).any()


def telling_time(table: Entries, sign: int = 1) -> Entries:
    """The same symbol in a market in which the return of a minute is its number."""
    n = len(table.allowed)
    everywhere, minutes = np.ones(n, dtype=bool), np.stack([sign * np.arange(n)] * 2)
    return Entries(table.symbol, table.close_time, everywhere, everywhere, minutes, minutes)


def test_signals_keep_their_distances_round_the_end():
    run = made_run(at_random(25))
    trades, table = trades_of(run.signals, [span_of(run)]), telling_time(entries_of(run))
    at, n = table.minute(trades.entered), len(table.allowed)
    null = shift_test(trades, {run.symbol: table}, draws=300, seed=1)
    possible = {int(((at + k) % n).sum()) for k in range(60, n - 59)}
    assert {round(x * 1e8 * len(trades)) for x in null.net} <= possible


def test_no_signal_overlaps_itself():
    """A shift is at least a signal's life."""
    run = made_run(at_random(1))
    trades, table = trades_of(run.signals, [span_of(run)]), telling_time(entries_of(run))
    here, n = int(table.minute(trades.entered)[0]), len(table.allowed)
    away = np.abs(np.rint(shift_test(trades, {run.symbol: table}).net * 1e8) - here)
    assert 60 <= np.minimum(away, n - away).min() <= 65


def test_random_entries_keep_symbols_and_directions():
    trades, entries = prepared(at_random(30))
    counts = {name: np.zeros((2, len(t.allowed)), np.int64) for name, t in entries.items()}
    for k, name in enumerate(SYMBOLS):
        counts[name][0] += 10 ** (2 * k)
        counts[name][1] += 10 ** (2 * k + 4)
    table = {
        name: Entries(name, t.close_time, t.fit, t.allowed, counts[name], counts[name])
        for name, t in entries.items()
    }
    null = random_test(trades, table, draws=50)
    expected = sum(
        10 ** (2 * SYMBOLS.index(s.symbol) + (4 if s.side < 0 else 0)) for s in trades.signals
    )
    assert np.rint(null.net * 1e8 * len(trades)).tolist() == [expected] * 50


def test_random_entries_earn_what_the_exits_alone_earn():
    trades, entries = prepared(at_random(60))
    null = random_test(trades, entries, draws=2000)
    mean = np.mean(
        [entries[s.symbol].net[int(s.side < 0)][entries[s.symbol].allowed].mean()
         for s in trades.signals]
    )  # fmt: skip
    assert null.net.mean() == pytest.approx(mean / 1e8, abs=4 * null.net.std() / np.sqrt(2000))


def test_without_signals_there_is_no_test():
    trades, entries = prepared(at_random(0))
    assert shift_test(trades, entries) is None
    assert random_test(trades, entries) is None


def test_a_span_too_short_to_shift_in_has_no_shift_test():
    trades, entries = prepared(at_random(2))
    short = {}
    for name, table in entries.items():
        allowed = table.allowed.copy()
        allowed[np.flatnonzero(allowed)[90:]] = False
        short[name] = Entries(name, table.close_time, table.fit, allowed, table.gross, table.net)
    assert shift_test(trades, short) is None
