"""The track record's further tables: periods, sets side by side, and what-if from stored bars."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import settle
from signalengine.signals import Settlement, Signal
from signalengine.stats.closed_signal import LATER, closed_to_json
from signalengine.stats.performance import pct
from signalengine.stats.ratios import wilson
from signalengine.text.time_reader import read_time
from signalengine_aws.api.queries import what_if
from signalengine_aws.api.queries.side_by_side import RUNNING
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.closings import DynamoClosings

from tests.aws.positions import T, minute, open_signals, signal, store_minutes
from tests.aws.sets import register
from tests.aws.world import World
from tests.functions.api_requests import get
from tests.functions.test_api_strategies import LIVE, SHADOW, of
from tests.functions.test_api_strategies import close as close_set
from tests.functions.test_serve_api import beat, close

BARS = 120
EACH = 15
"""Minutes between two signals of a symbol."""


def market(symbol: str) -> list[Any]:
    """Minutes in which levels are reached: by single bars, by one that reaches both, by none."""
    facts = []
    for n in range(BARS):
        up, down = (n * 7 + ord(symbol[0])) % 40 / 10, (n * 11) % 37 / 10
        low, high = 100.2 - down / 3, 99.8 + up / 1.6
        facts.append(minute(symbol, n, min(low, 99.9), max(high, 100.1)))
    return facts


@pytest.fixture
def tried(world: World) -> list[Signal]:
    """Signals of two symbols, closed by what their stored bars say, and one that was forced."""
    beat(world, T + BARS * MINUTE_MS)
    store_minutes(*market("BTCUSDT"))
    store_minutes(*market("ETHUSDT"))
    found = []
    for symbol, direction in (("BTCUSDT", "long"), ("ETHUSDT", "short")):
        facts = [stored_bar(fact, fact.bars[0]) for fact in market(symbol)]
        for n in range(0, BARS - 60, EACH):
            one = replace(
                signal(symbol, direction, close_time=T + n * MINUTE_MS),  # type: ignore[arg-type]
                score=0.5 + n / 1000,
            )
            end = settle(one, facts)
            assert end is not None
            if n == 0:
                end = replace(end, resolution="forced")
            open_signals(one)
            assert DynamoClosings("signals_table", "performance_table").close(one, end)
            found.append(replace(one, settlement=end))
    return found


def pages(**query: str) -> list[dict[str, Any]]:
    """All pages of a what-if."""
    found, cursor = list[dict[str, Any]](), None
    for _ in range(50):
        given = {"days": "1", **query, **({"cursor": cursor} if cursor else {})}
        code, page = get("/performance/what-if", **given)
        assert code == 200, page
        found.append(page)
        cursor = page["cursor"]
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


@pytest.mark.parametrize(
    "rules", [{}, {"tp": "2", "sl": "1.0", "ttl_minutes": "60", "threshold": "0.5"}]
)
def test_under_the_published_rules_every_outcome_is_the_stored_one(
    tried: list[Signal], rules: dict[str, str]
) -> None:
    (page,) = pages(**rules)
    assert page["count"] == len(tried)
    assert {row["signal_id"] for row in page["signals"]} == {one.signal_id for one in tried}
    times = [row["close_time"] for row in page["signals"]]
    assert times == sorted(times, reverse=True)
    for row in page["signals"]:
        assert row["what_if"] == (None if row["left_out"] else row["published"])
    assert page["left_out"] == dict.fromkeys(page["left_out"], 0) | {"not_by_bars": 2}
    assert page["what_if"] == page["published"]
    kept = [one.settlement for one in tried if one.settlement and not one.settlement.forced]
    assert page["published"]["n"] == len(kept)
    assert page["published"]["net_sum"] == sum(end.net_return for end in kept)
    assert {"tp_hit", "sl_hit"} <= {row["published"]["outcome"] for row in page["signals"]}


def by_engine(one: Signal, **changes: Any) -> Settlement:
    facts = [stored_bar(fact, fact.bars[0]) for fact in market(one.symbol)]
    end = settle(replace(one, settlement=None, **changes), facts)
    assert end is not None
    return end


def test_other_rules_are_settled_by_the_engine_from_stored_bars(tried: list[Signal]) -> None:
    (page,) = pages(tp="0.5", ttl_minutes="10", threshold="0.52")
    by_id = {one.signal_id: one for one in tried}
    for row in page["signals"]:
        one = by_id[row["signal_id"]]
        if row["left_out"] is not None:
            forced = one.settlement is not None and one.settlement.forced
            assert row["left_out"] == ("not_by_bars" if forced else "below_threshold")
            continue
        tp = one.entry_price + one.side * 0.5
        expires_at = one.close_time + 10 * MINUTE_MS
        end = by_engine(one, tp_price=tp, expires_at=expires_at)
        assert row["what_if"]["outcome"] == end.outcome.value
        assert row["what_if"]["closed_at"] == end.closed_at
        assert row["what_if"]["net_pct"] == pct(end.net_return)
    assert page["left_out"]["below_threshold"] == 2
    assert page["published"]["n"] == page["what_if"]["n"] + 2


def test_pages_add_up_whatever_ends_them(
    tried: list[Signal], monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = pages(tp="1.5")
    small = pages(tp="1.5", limit="3")
    monkeypatch.setattr(what_if, "TOGETHER", 2)
    monkeypatch.setattr(what_if, "MOST_BARS", 120)
    by_bars = pages(tp="1.5")
    assert len(by_bars) == 4
    monkeypatch.setattr(what_if, "MOST_S", 0.0)
    late = pages(tp="1.5")
    assert len(late) == 4
    for found in (small, by_bars, late):
        rows = [row for page in found for row in page["signals"]]
        assert [row["signal_id"] for row in rows] == [row["signal_id"] for row in whole["signals"]]
        for name in ("published", "what_if", "left_out"):
            for key, value in whole[name].items():
                assert sum(page[name][key] for page in found) == value


def test_signals_whose_bars_are_gone_are_counted(world: World, tried: list[Signal]) -> None:
    old = signal(close_time=T - 40 * DAY_MS)
    open_signals(old)
    close(old)
    found = pages(days="60")
    assert sum(page["left_out"]["no_bars"] for page in found) == 1
    (fresh,) = pages()
    assert fresh["left_out"]["no_bars"] == 0


def test_a_what_if_is_of_one_policy_side_and_symbol(tried: list[Signal]) -> None:
    assert pages(policy="0" * 12)[0]["count"] == 0
    assert pages(market="simulated")[0]["count"] == 0
    (shorts,) = pages(direction="short")
    assert {row["symbol"] for row in shorts["signals"]} == {"ETHUSDT"}
    (longs,) = pages(symbol="btc")
    assert {row["direction"] for row in longs["signals"]} == {"long"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"tp": "0"}, "tp: expected a number from 0.05 to 20"),
        ({"sl": "1e2"}, "sl: expected a number from 0.05 to 20"),
        ({"ttl_minutes": "1441"}, "ttl_minutes: expected a whole number from 1 to 1440"),
        ({"threshold": "nan"}, "threshold: expected a number from 0 to 1"),
        ({"threshold": "0_1"}, "threshold: expected a number from 0 to 1"),
        ({"threshold": f"0.{'0' * 30}1"}, "threshold: expected a number from 0 to 1"),
        ({"limit": "51"}, "limit: expected a whole number from 1 to 50"),
    ],
)
def test_what_if_is_bounded(world: World, query: dict[str, str], words: str) -> None:
    code, body = get("/performance/what-if", **query)
    assert (code, body["detail"]) == (400, words)


def test_the_record_has_periods_of_one_moment_and_one_side(tried: list[Signal]) -> None:
    _, both = get("/performance", days="7")
    assert both["as_of"] == T + BARS * MINUTE_MS
    (day,) = both["periods"]["day"]
    assert (day["key"], day["n"], day["wins"]) == ("2025-05-19", both["n"], both["summary"]["wins"])
    assert day["total_return"] == both["summary"]["total_return"]
    assert [row["key"] for row in both["by_weekday"] if row["n"]] == ["monday"]
    assert both["calibration"]["n"] == both["n"] == len(both["excursions"]["points"])
    assert both["excursions"]["target_r"] == pytest.approx(2.0)
    _, shorts = get("/performance", days="7", direction="short")
    assert 0 < shorts["n"] < both["n"]
    assert {row["key"] for row in shorts["by_symbol"]} == {"ETHUSDT"}
    assert shorts["calibration"]["n"] == shorts["n"]


def test_sets_are_compared_over_the_days_that_all_of_them_have(world: World) -> None:
    beat(world)
    register(LIVE, "promote")
    register(SHADOW)
    mine = [signal(close_time=T - n * DAY_MS) for n in (5, 2, 1)]
    live = [of(LIVE, T - n * DAY_MS) for n in (3, 2)]
    shadow = [of(SHADOW, T - n * DAY_MS, shadow=True) for n in (2, 0)]
    open_signals(*mine, *live, *shadow)
    for one in mine:
        close(one)
    for one, price in zip([*live, *shadow], (103.0, 98.0, 103.0, 98.0), strict=True):
        close_set(one, price)
    code, found = get("/performance/strategies", days="30")
    assert code == 200
    assert (found["from"], found["to"], found["days"]) == ("2025-05-18", "2025-05-19", 30)
    assert found["limited_by"] == SHADOW.key
    by_name = {row["name"]: row for row in found["strategies"]}
    assert {name: (row["mode"], row["closed"], row["wins"]) for name, row in by_name.items()} == {
        "classic": ("live", 1, 1),
        LIVE.key: ("live", 0, 0),
        SHADOW.key: ("shadow", 1, 0),
    }
    assert {row["mode"] for row in by_name.values()} == set(RUNNING)
    assert by_name["classic"]["first_day"] == "2025-05-14"
    low, high = wilson(0, 1)
    row = by_name[SHADOW.key]
    assert (row["win_rate_low"], row["win_rate_high"]) == (low, high)
    assert row["avg_return_low"] is None
    assert row["equity"][-1]["equity_pct"] == pytest.approx(row["total_return"])
    _, short = get("/performance/strategies", days="1")
    assert (short["from"], short["limited_by"]) == ("2025-05-19", None)


def test_a_signal_of_before_is_counted_without_its_score(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result that an earlier version stored has no score and no excursions."""
    beat(world)
    one = signal(close_time=T)
    open_signals(one)
    monkeypatch.setattr("signalengine.stats.closed_signal.closed_to_json", _of_before)
    close(one)
    _, found = get("/performance", days="7")
    assert (found["n"], found["calibration"]["n"], found["calibration"]["without"]) == (1, 0, 1)
    assert (found["excursions"]["n"], found["excursions"]["without"]) == (0, 1)


def _of_before(closed: Any) -> str:
    return closed_to_json(replace(closed, **dict.fromkeys(LATER)))


def test_a_long_life_is_read_in_pieces_and_settled_by_all_of_them(world: World) -> None:
    """Under other rules the level is reached in the third piece, hours after the first one."""
    reached = 3 * 60 + 10
    beat(world, T + 300 * MINUTE_MS)
    quiet = [minute("BTCUSDT", n) for n in range(300)]
    store_minutes(*quiet[:reached], minute("BTCUSDT", reached, high=103.0), *quiet[reached + 1 :])
    one = signal()
    end = settle(one, [stored_bar(fact, fact.bars[0]) for fact in quiet[:60]])
    assert end is not None
    open_signals(one)
    assert DynamoClosings("signals_table", "performance_table").close(one, end)
    (page,) = pages(ttl_minutes="240")
    (row,) = page["signals"]
    assert row["published"]["outcome"] == "expired"
    assert (row["what_if"]["outcome"], row["what_if"]["exit_price"]) == ("tp_hit", 102.0)
    assert row["what_if"]["closed_at"] == T + (reached + 1) * MINUTE_MS
    assert page["what_if"] == {
        "n": 1, "wins": 1, "net_sum": 1_880_000, "gross_sum": 2_000_000, "tp_hits": 1,
        "sl_hits": 0, "expired": 0, "left": 0, "ambiguous": 0,
    }  # fmt: skip


def test_a_life_that_is_not_over_is_too_young_under_either_rules(
    world: World, tried: list[Signal]
) -> None:
    """The newest bar is that of the 120th minute: signals of an hour from the 45th on are young."""
    beat(world, T + 104 * MINUTE_MS)
    (page,) = pages()
    young = [one for one in tried if one.expires_at > T + 104 * MINUTE_MS]
    forced = [one for one in tried if one.settlement and one.settlement.forced]
    assert len(young) == 2
    assert page["left_out"]["too_young"] == len(young)
    assert {row["signal_id"] for row in page["signals"] if row["left_out"] == "too_young"} == {
        one.signal_id for one in young
    }
    assert page["published"]["n"] == len(tried) - len(young) - len(forced)
    (page,) = pages(ttl_minutes="1440")
    assert page["left_out"]["too_young"] == len(tried) - len(forced)
    assert (page["published"]["n"], page["what_if"]["n"]) == (0, 0)


def test_a_threshold_below_the_policys_changes_nothing(tried: list[Signal]) -> None:
    (without,), (low,) = pages(), pages(threshold="0.01")
    assert low["rules"].pop("threshold") == 0.01
    assert without["rules"].pop("threshold") is None
    assert low == without


@contextmanager
def in_zone(zone: str) -> Iterator[None]:
    """The zone of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_periods_are_those_of_utc_wherever_the_process_runs(world: World, zone: str) -> None:
    """On both sides of a change of summer time, and across the end of a year."""
    times = {
        "2025-03-09T06:59": "sunday", "2025-03-09T07:00": "sunday", "2025-03-10T00:00": "monday",
        "2024-12-31T23:59": "tuesday", "2025-01-01T00:00": "wednesday",
    }  # fmt: skip
    ones = [signal(close_time=read_time(text)) for text in times]
    beat(world, read_time("2025-03-11"))
    with in_zone(zone):
        open_signals(*ones)
        for one in ones:
            close(one)
        _, found = get("/performance", days="100")
    assert [(row["key"], row["n"]) for row in found["periods"]["day"]] == [
        ("2025-03-10", 1), ("2025-03-09", 2), ("2025-01-01", 1), ("2024-12-31", 1),
    ]  # fmt: skip
    assert [(row["key"], row["n"]) for row in found["periods"]["week"]] == [
        ("2025-W11", 1), ("2025-W10", 2), ("2025-W01", 2),
    ]  # fmt: skip
    assert [(row["key"], row["n"]) for row in found["periods"]["month"]] == [
        ("2025-03", 3), ("2025-01", 1), ("2024-12", 1),
    ]  # fmt: skip
    counted = {row["key"]: row["n"] for row in found["by_weekday"] if row["n"]}
    assert counted == Counter(times.values())
    assert {row["key"]: row["n"] for row in found["by_hour"] if row["n"]} == {
        "00": 2, "06": 1, "07": 1, "23": 1,
    }  # fmt: skip
