"""Laws of the estimate: it never falls, it adds up, and it names its basis."""

import json
import re
from dataclasses import asdict, fields, replace
from math import isclose, isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS
from signalengine_aws.application import broadcast
from signalengine_aws.application.folding import CHECKPOINT_MINUTES
from signalengine_aws.costs import model
from signalengine_aws.costs.bill import ServiceBill, bill, month, planned_month, usd
from signalengine_aws.costs.fixed_costs import CHANNELS, MANAGED_SECRETS, ON_DEMAND, PER_HOUR
from signalengine_aws.costs.metering import Meter, metered
from signalengine_aws.costs.model import CONNECTED_MINUTES, PER_CONNECTION
from signalengine_aws.costs.prices import HOURS_A_MONTH, PRICES, Unit
from signalengine_aws.costs.report import cost, planned, used
from signalengine_aws.costs.usage import FEW_CLIENTS, PRICED_CLIENTS, RECORDED, Rates, Usage
from signalengine_aws.messaging import status_pacing
from signalengine_aws.stores.items.bars import BARS_TTL_S, DAY_S

from tests.paths import ROOT

NAMES = [field.name for field in fields(Usage)]
COUNTS = st.floats(0, 1e9, allow_nan=False)
USAGES = st.builds(Usage, **dict.fromkeys(NAMES, COUNTS))
SYMBOLS = st.integers(0, 700)
NOON = 1_747_656_000_000
HOUR = 3_600_000


# --- the bill -------------------------------------------------------------------------------------


@given(USAGES, SYMBOLS, st.sampled_from(NAMES), st.floats(0.001, 1e6))
def test_more_of_anything_never_costs_less(
    usage: Usage, symbols: int, name: str, more: float
) -> None:
    grown = replace(usage, **{name: getattr(usage, name) + more})
    assert usd(bill(grown, symbols)) >= usd(bill(usage, symbols))
    assert usd(bill(replace(Usage(), **{name: more}), symbols)) > 0


@given(USAGES, USAGES, SYMBOLS)
def test_two_halves_cost_what_the_whole_costs(one: Usage, other: Usage, symbols: int) -> None:
    parts = usd(bill(one, symbols)) + usd(bill(other, symbols))
    assert isclose(usd(bill(one + other, symbols)), parts, rel_tol=1e-9, abs_tol=1e-12)


@given(USAGES, SYMBOLS)
def test_no_amount_is_negative_or_infinite(usage: Usage, symbols: int) -> None:
    for line in bill(usage, symbols):
        assert isfinite(line.usd)
        assert line.fixed >= 0
        assert line.variable >= 0


@given(st.floats(0, 1e5), SYMBOLS)
def test_without_counts_only_fixed_costs_and_the_schedule_remain(
    hours: float, symbols: int
) -> None:
    stands = sum(amount * PRICES[unit].each for unit, amount in PER_HOUR.items())
    found = bill(Usage(hours=hours), symbols)
    assert isclose(sum(line.fixed for line in found), hours * stands, rel_tol=1e-9, abs_tol=1e-12)
    assert usd(bill(Usage(), symbols)) == 0


@given(st.integers(0, 600), st.integers(1, 100))
def test_a_month_of_more_symbols_costs_more(symbols: int, more: int) -> None:
    assert usd(month(symbols + more, RECORDED)) > usd(month(symbols, RECORDED))


def test_every_unit_has_a_price_with_a_source() -> None:
    assert set(PRICES) == set(Unit)
    for price in PRICES.values():
        assert price.usd > 0
        assert price.per > 0
        assert price.source


def test_the_bill_agrees_with_a_calculation_by_hand() -> None:
    """730 h of a quarter vCPU and half a GB, an address, a shard; a million closes' writes."""
    found = lines(bill(Usage(hours=HOURS_A_MONTH), 0))
    assert found["Fargate"].fixed == pytest.approx(730 * 0.336 * (0.25 * 0.04045 + 0.5 * 0.00442))
    assert found["Public IPv4"].fixed == pytest.approx(3.65)
    assert found["Kinesis"].fixed == pytest.approx(730 * 0.0195)
    assert found["Secrets Manager"].fixed == 0, "parameters are free"
    closes = lines(bill(Usage(closes=1e6), 1))
    assert closes["Kinesis"].variable == pytest.approx(0.0215)
    assert 1.0 < closes["DynamoDB"].variable / 1.0 < 1.3  # 1.44 writes, and 35 days of bars


def test_bars_and_checkpoints_are_charged_as_they_are_stored() -> None:
    assert model.BARS_DAYS * DAY_S == BARS_TTL_S
    assert model.CHECKPOINTS_A_CLOSE * CHECKPOINT_MINUTES == 1.0
    assert pytest.approx(1 / 5 + 1 / 15 + 1 / 60 + 1 / 240 + 1 / 1440) == model.LONGER_A_CLOSE


def test_the_documented_table_is_the_models() -> None:
    page = (ROOT / "docs" / "cost.md").read_text()
    head, *rows = [row for row in page.splitlines() if re.match(r"\| .*\d", row)][: 13 + 1]
    sizes = [int(n) for n in re.findall(r"(\d+) symbols", head)]
    assert len(sizes) == 4
    for at, symbols in enumerate(sizes):
        found = month(symbols, RECORDED)
        told = {name: row[at] for name, row in map(_cells, rows)}
        for line in found:
            assert told.get(line.service, 0.0) == pytest.approx(line.usd, abs=0.006), line.service
        assert told["**all**"] == pytest.approx(usd(found), abs=0.006)


@pytest.mark.parametrize("symbols", [20, 500])
def test_a_month_costs_no_more_than_has_been_decided(symbols: int) -> None:
    """`bill.json` moves with a decision that names the new figures, up or down."""
    stored = json.loads((ROOT / "tests/aws/costs/bill.json").read_text())
    decided = stored["usd_a_month"][str(symbols)]
    assert usd(month(symbols, RECORDED)) <= 1.02 * decided, "a rise of 2 % needs a decision"
    (page,) = (ROOT / "docs" / "decisions").glob(f"{stored['decision']:04}-*.md")
    assert f"${decided:.2f} with {symbols} symbols" in page.read_text()


def test_the_page_has_the_price_of_a_task_on_demand() -> None:
    spot = {unit: PER_HOUR[unit] for unit in (Unit.SPOT_VCPU_H, Unit.SPOT_GB_H)}
    a_month = [
        HOURS_A_MONTH * sum(amount * PRICES[unit].each for unit, amount in hour.items())
        for hour in (ON_DEMAND, spot)
    ]
    assert a_month[0] == pytest.approx(9.00, abs=0.005)
    page = (ROOT / "docs" / "cost.md").read_text()
    assert f"on demand the task costs ${a_month[0] - a_month[1]:.2f} more" in page


def test_the_page_has_the_price_of_managed_secrets() -> None:
    a_month = HOURS_A_MONTH * sum(n * PRICES[unit].each for unit, n in MANAGED_SECRETS.items())
    page = (ROOT / "docs" / "cost.md").read_text()
    assert f"Secrets in Secrets Manager cost ${a_month:.2f} more" in page


def test_the_page_has_the_price_of_other_channels() -> None:
    units = (Unit.QUEUE, Unit.ALARM_MONTH)
    polling, alarms = (HOURS_A_MONTH * CHANNELS[one] * PRICES[one].each for one in units)
    page = (ROOT / "docs" / "cost.md").read_text()
    assert f"| apart: other channels | {polling + alarms:.2f} |" in page
    (row,) = planned(20)["months"]
    assert row["channels_usd"] == round(polling + alarms, 2)
    channels = (ROOT / "docs" / "channels.md").read_text()
    assert f"polling costs ${polling:.2f} a month and the alarms ${alarms:.2f}" in channels


def _cells(row: str) -> tuple[str, list[float]]:
    name, *cells = (cell.strip() for cell in row.strip("|").split("|"))
    return name, [float(cell.strip("*")) for cell in cells]


def lines(found: tuple[ServiceBill, ...]) -> dict[str, ServiceBill]:
    return {line.service: line for line in found}


# --- the meter ------------------------------------------------------------------------------------


def beat(time: int, **changes: Any) -> dict[str, Any]:
    """A heartbeat as it is stored; the wall's clock goes with the market's."""
    raw: dict[str, Any] = {
        "time": time, "received_at": time + 500, "watermark": time, "market": "live",
        "symbols": ["AAUSDT", "BBUSDT"], "holder": "one", "sent": {"ticks": 0, "bars": 0},
        "counted": None, "metrics": {"signals_count": 0, "open_signals": 0},
    }  # fmt: skip
    return raw | changes


def told(*beats: dict[str, Any], clients: int = 0) -> Meter:
    """Meter heartbeats one after the other, as they are stored."""
    before: dict[str, Any] | None = None
    for one in beats:
        before = one | {"metered": asdict(metered(before, one, clients))}
    meter = Meter.read(before)
    assert meter is not None
    return meter


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.data())
def test_every_reported_record_is_counted_once_across_restarts(
    steps: list[int], data: st.DataObject
) -> None:
    sent, beats, everything = 0, [], 0
    for number, step in enumerate(steps):
        if data.draw(st.booleans()) and step < sent:
            sent = 0  # the process began anew
        sent, everything = sent + step, everything + step
        beats.append(beat(NOON + number * 10_000, sent={"ticks": sent, "bars": sent}))
        if data.draw(st.booleans()):
            beats.append(beats[-1])  # handed over again
    meter = told(*beats)
    assert meter.closes == meter.ticks == everything
    assert meter.beats == len(steps) - 1
    assert meter.market_ms * 2 == meter.symbol_ms == (len(steps) - 1) * 20_000


def test_an_older_record_changes_nothing() -> None:
    first, second = beat(NOON, sent={"bars": 5}), beat(NOON + 10_000, sent={"bars": 9})
    assert told(first, second, first) == told(first, second)


def test_all_records_of_another_task_are_counted() -> None:
    one = beat(NOON, sent={"bars": 5, "ticks": 1})
    other = beat(NOON + 10_000, sent={"bars": 7, "ticks": 2}, holder="two")
    assert told(one, other).closes == 12


def test_signals_are_counted_by_day_and_a_lower_count_adds_none() -> None:
    counts = [(0, 1), (10_000, 3), (20_000, 2), (30_000, 3), (DAY_MS, 0), (DAY_MS + 10_000, 2)]
    beats = [beat(NOON + t, metrics={"signals_count": n, "open_signals": 0}) for t, n in counts]
    unknown = beat(NOON + 25_000, metrics={"signals_count": None, "open_signals": 0})
    assert told(*beats).opened == 5
    assert told(*beats[:3], unknown, *beats[3:]).opened == 5


def test_counting_begins_at_the_first_heartbeat_of_this_version() -> None:
    old = beat(NOON, sent={"bars": 900, "ticks": 900})  # stored by a code that did not count
    today = {"signals_count": 7, "open_signals": 1}
    new = beat(NOON + 10_000, sent={"bars": 902, "ticks": 910}, metrics=today)
    meter = metered(old, new, None)
    assert (meter.since, meter.closes, meter.opened) == (new["received_at"], 0, 0)
    later = beat(NOON + 20_000, sent={"bars": 904, "ticks": 920})
    assert metered(new | {"metered": asdict(meter)}, later, None).closes == 2


def test_another_market_restarts_the_counts() -> None:
    replayed = beat(NOON, market="recording", sent={"bars": 500}, counted={"closes": 40})
    meter = told(replayed, beat(NOON + 10_000, sent={"bars": 3}, counted={"closes": 40}))
    assert (meter.closes, meter.events) == (3, 0)


def test_events_are_counted_from_the_first_heartbeat_of_a_new_stack() -> None:
    """A fast replay has some behind it when the first heartbeat comes through."""
    counts: list[dict[str, int] | None] = [{"closes": 10}, {"closes": 10}, {"closes": 14}, None]
    beats = [beat(NOON + n * 10_000, counted=one) for n, one in enumerate(counts)]
    assert told(*beats[:3]).events == 14
    assert told(*beats).events == 14


def test_clients_are_counted_in_wall_time_and_not_across_an_outage() -> None:
    after_a_night = beat(NOON + 10_000 + 12 * HOUR)
    assert told(beat(NOON), beat(NOON + 10_000), clients=3).client_ms == 30_000
    silent = told(beat(NOON), beat(NOON + 10_000), after_a_night, clients=3)
    assert silent.client_ms == 30_000 + 3 * 120_000


@pytest.mark.parametrize(("clients", "posts"), [(0, 0), (3, 3), (60, 20), (119, 20), (120, 0)])
def test_prices_are_counted_while_a_signal_is_open(clients: int, posts: int) -> None:
    beats = [beat(NOON + n * 10_000, metrics=metrics(n > 0)) for n in range(3)]
    found = told(*beats, clients=clients)
    assert (found.prices, found.price_posts) == (2 * (posts > 0), 2 * posts)
    quiet = [one | {"metrics": metrics(False)} for one in beats]
    assert told(*quiet, clients=clients).price_posts == 0


def metrics(is_open: bool) -> dict[str, int]:
    return {"signals_count": 0, "open_signals": int(is_open)}


# --- what is reported -----------------------------------------------------------------------------


def lived(hours: float = 10.0, market: str = "live", **more: int) -> dict[str, Any]:
    """A heartbeat after so many hours of two symbols, played at sixty times the wall's speed."""
    market_ms = round(hours * HOUR)
    meter = Meter(
        since=NOON, market_ms=market_ms, symbol_ms=2 * market_ms, ticks=1000, beats=100,
        **({"closes": 1200, "events": 60, "opened": 6} | more),
    )  # fmt: skip
    wall_ms = market_ms if market == "live" else market_ms // 60
    metrics = {"signals_count": 3, "open_signals": 2}
    told = beat(NOON + market_ms, market=market, metrics=metrics, metered=asdict(meter))
    return told | {"received_at": NOON + wall_ms}


def asked(stored: dict[str, Any] | None, now: int = NOON + 10 * HOUR, **more: Any) -> Any:
    return cost(stored, now, **({"deliveries": 10, "clients": 0, "billed": True} | more))


def test_hours_of_a_live_stack_are_wall_time() -> None:
    usage = used(Meter.read(lived()) or Meter(0), lived(), NOON + 20 * HOUR, 10)
    assert (usage.hours, usage.ticks, usage.beats, usage.closed) == (20.0, 1000, 100, 4)


def test_a_replay_costs_its_market_time_at_any_speed() -> None:
    stored = lived(market="recording", client_ms=600_000)
    usage = used(Meter.read(stored) or Meter(0), stored, NOON + 500 * HOUR, 10)
    assert (usage.hours, usage.ticks, usage.beats) == (10.0, 6_000, 3_600)
    assert usage.client_minutes == 600  # ten minutes of the wall, at sixty times its speed
    late = lived(market="recording", closes=1_440)  # two hours before its first heartbeat came
    assert used(Meter.read(late) or Meter(0), late, NOON, 10).hours == 12.0
    found = asked(stored, billed=False)
    assert found["hours"] == 10.0
    assert "recorded market, by its own clock" in found["basis"]
    assert "Here nothing is billed." in found["basis"]


def test_the_estimate_adds_up_and_names_its_basis() -> None:
    found = asked(lived())
    assert found["usd_estimate"] == pytest.approx(
        sum(row["usd"] for row in found["by_service"]), abs=1e-4
    )
    for row in found["by_service"]:
        assert row["usd"] == pytest.approx(row["standing_usd"] + row["moving_usd"], abs=2e-6)
    assert [one["symbols"] for one in found["months"]] == [2, 20, 500]
    for one in found["months"]:
        assert one["usd"] == pytest.approx(sum(one["by_service"].values()), abs=0.1)
    assert found["counted"]["closes"] == 1200
    assert "Counted: 10.0 h, 1,200 closes (60 with events), 6 signals" in found["basis"]
    assert "no free tier" in found["basis"]
    assert "this market's own pace" in found["basis"]


def test_with_few_counts_a_month_has_the_pace_of_recordings() -> None:
    found = asked(lived(closes=100))
    assert "the pace of recordings" in found["basis"]
    busy = asked(lived(events=1200))
    assert busy["months"][1]["usd"] > found["months"][1]["usd"]


def test_an_unknown_estimate_is_null_with_the_reason() -> None:
    for stored, why in (
        (None, "no heartbeat"),
        (beat(NOON), "no heartbeat"),
        (lived(0, market="simulated", closes=0), "has not moved"),
    ):
        found = asked(stored)
        assert found["usd_estimate"] is None
        assert why in found["basis"]


def test_connected_clients_are_part_of_a_months_pace() -> None:
    alone, heard = asked(lived()), asked(lived(), clients=10)
    assert heard["months"][0]["by_service"]["API Gateway"] > 0
    assert alone["months"][0]["by_service"]["API Gateway"] == 0
    assert usd(month(20, Rates(0.06, 0.002))) < usd(month(20, Rates(0.06, 0.002, clients=1)))


def test_many_clients_are_planned_with_fewer_statuses_and_all_signals() -> None:
    assert FEW_CLIENTS == broadcast.FEW_CLIENTS
    assert status_pacing.prices_every_ms(PRICED_CLIENTS - 1) is not None
    assert status_pacing.prices_every_ms(PRICED_CLIENTS) is None
    assert usd(planned_month(20, RECORDED)) == pytest.approx(usd(month(20, RECORDED)))

    def messages(clients: int) -> float:
        return lines(planned_month(20, replace(RECORDED, clients=clients)))["API Gateway"].variable

    minutes = HOURS_A_MONTH * 60
    signals = 2 * 20 * RECORDED.opened
    for clients, statuses in ((20, 6 + 6), (60, 1 + 2), (10_000, 1)):  # and prices
        sent = clients * minutes * (statuses + signals) * PRICES[Unit.SOCKET_MESSAGE].each
        open_ = clients * minutes * PRICES[Unit.SOCKET_MINUTE].each
        begun = clients * minutes * _begun(Unit.SOCKET_MESSAGE) * PRICES[Unit.SOCKET_MESSAGE].each
        assert messages(clients) == pytest.approx(sent + open_ + begun)


def _begun(unit: Unit) -> float:
    """Units a minute of beginning a connection, which is begun anew every two hours."""
    return sum(float(one.get(unit, 0.0)) for one in PER_CONNECTION) / CONNECTED_MINUTES


def test_the_page_has_the_price_of_many_clients() -> None:
    found = lines(planned_month(20, replace(RECORDED, clients=10_000)))
    page = (ROOT / "docs" / "cost.md").read_text()
    told = re.search(
        r"come to about \$(\d+) a month.*?API Gateway\s+"
        r"\$(\d+), data \$(\d+), and \$(\d+) for Lambda",
        page, re.DOTALL,
    )  # fmt: skip
    assert told is not None
    services = [found[name].usd for name in ("API Gateway", "Data transfer", "Lambda")]
    expected = [usd(found.values()), *services]
    assert [float(one) for one in told.groups()] == pytest.approx(expected, rel=0.03)
