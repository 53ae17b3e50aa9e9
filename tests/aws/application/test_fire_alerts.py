"""Price alerts are fired once, by bars in any batches, and published until they are removed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.alerts import asked
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.application.fire_alerts import LISTED_MS, FireAlerts
from signalengine_aws.stores.alerts import StoredAlert

from tests.aws.fakes import MemoryTopic
from tests.aws.positions import T, minute
from tests.examples import examples


class MemoryAlerts:
    """Alerts by key."""

    def __init__(self, *ones: StoredAlert) -> None:
        self.rows = {one.key: one for one in ones}
        self.reads = 0

    def all(self) -> list[StoredAlert]:
        self.reads += 1
        return list(self.rows.values())

    def fire(self, one: StoredAlert, closed_at: int, market: str) -> StoredAlert | None:
        if self.rows.get(one.key) != one:
            return None
        self.rows[one.key] = replace(one, closed_at=closed_at, market=market)
        return self.rows[one.key]

    def remove(self, ones: Sequence[StoredAlert]) -> None:
        for one in ones:
            self.rows.pop(one.key, None)


def alert(price: float = 101.0, symbol: str = "AUSDT", now: int = T) -> StoredAlert:
    return StoredAlert(asked(symbol, price, 100.0, 0.1, now), "telegram:42")


def test_the_message_goes_to_the_queue_of_its_address() -> None:
    alerts, topic = MemoryAlerts(alert()), MemoryTopic()
    assert FireAlerts(alerts, topic).fire([minute("AUSDT", 3, high=101.0)]) == 1
    (message,) = topic.messages
    assert message.attributes == {"kind": "alert.telegram"}
    assert (message.body["to"], message.body["closed_at"]) == ("telegram:42", T + 4 * 60_000)
    assert alerts.rows == {}


@settings(examples(40))
@given(st.data())
def test_bars_in_any_batches_and_processes_fire_each_once(data: st.DataObject) -> None:
    bars = [minute(name, n, high=100.0 + n) for n in range(4) for name in ("AUSDT", "BUSDT")]
    waiting = [alert(), alert(102.0, "BUSDT"), alert(110.0), alert(now=T + 600_000, price=103.0)]
    alerts, topic = MemoryAlerts(*waiting), MemoryTopic()
    processes = [FireAlerts(alerts, topic) for _ in range(2)]
    for _ in range(8):
        batch = data.draw(st.lists(st.sampled_from(bars), max_size=4))
        data.draw(st.sampled_from(processes)).fire(batch)
    for process in processes:
        process.fire(bars)
    ids = sorted(message.body["event_id"] for message in topic.messages)
    assert ids == sorted(one.event_id for one in waiting[:2])
    assert set(alerts.rows) == {one.key for one in waiting[2:]}


@pytest.mark.parametrize("fault", [TransientError("later"), PermanentError("no")])
def test_one_that_could_not_be_published_is_with_the_next_bars(fault: Exception) -> None:
    alerts, topic = MemoryAlerts(alert()), MemoryTopic(fault=fault)
    firing, bars = FireAlerts(alerts, topic), [minute("AUSDT", 3, high=101.0)]
    try:
        assert firing.fire(bars) == 0
    except TransientError:
        assert isinstance(fault, TransientError)
    topic.fault = None
    assert firing.fire([minute("BUSDT", 4)]) == 1
    assert firing.fire(bars) == 0
    assert [message.body["event_id"] for message in topic.messages] == [alert().event_id]


def test_alerts_are_read_once_in_a_while_on_a_live_market_and_always_on_another() -> None:
    alerts, now = MemoryAlerts(), [T]
    firing = FireAlerts(alerts, MemoryTopic(), lambda: now[0])
    for _ in range(3):
        firing.fire([minute("AUSDT", 3)])
    assert alerts.reads == 1
    now[0] += LISTED_MS
    firing.fire([minute("AUSDT", 4)])
    firing.fire([minute("AUSDT", 5, market="simulated")])
    firing.fire([])
    assert alerts.reads == 3
