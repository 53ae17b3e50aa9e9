"""Logs: each number once; and where in a log a time is."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.intervals import MINUTE_MS
from signalengine_aws.stores.log import log as module
from signalengine_aws.stores.log.entry import Entry, pack, unpack
from signalengine_aws.stores.log.log import NEAR, Appended, DynamoLog, log_of, put_if_absent
from signalengine_aws.stores.tables import BarItem, bind

from tests.aws.positions import T
from tests.aws.world import World
from tests.examples import examples


def entry(newest: int) -> bytes:
    return pack(Entry(0, newest, {}))


def test_a_number_is_taken_once(world: World) -> None:
    log = DynamoLog("bars_table")
    assert log.last(3) is None
    for _ in range(2):  # the second request of its kind is made from the first one
        assert log.append(3, 1, entry(T)) in (Appended.NEW, Appended.SAME)
    assert log.append(3, 1, entry(T)) is Appended.SAME
    assert log.append(3, 1, entry(T + 1)) is Appended.TAKEN
    assert log.append(3, 2, entry(T + 2)) is Appended.NEW
    assert log.append(4, 1, entry(T + 3)) is Appended.NEW
    assert [one.number for one in log.after(3, 0)] == [1, 2]
    last = log.last(3)
    assert last is not None
    assert last.entry() == Entry(0, T + 2, {})
    assert [one.number for one in log.before(3, 2)] == [1]
    assert [one.number for one in log.onwards(3, 2)] == [2]


def test_an_entry_of_another_version_is_logged_and_passed_over(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    log = DynamoLog("bars_table")
    log.append(0, 1, b"of another version")
    last = log.last(0)
    assert last is not None
    assert last.entry() is None
    assert "0#log 1" in capsys.readouterr().out


def test_the_request_is_the_one_of_the_table_s_model(world: World) -> None:
    bind(BarItem, "bars_table")
    model = BarItem(series=log_of(0), position=7, data=b"\x00\xff", ttl=7)
    absent = BarItem.series.does_not_exist()
    item = {
        "series": {"S": "0#log"}, "position": {"N": "7"}, "data": {"B": b"\x00\xff"},
        "ttl": {"N": "7"},
    }  # fmt: skip
    expected = model.get_save_kwargs_from_instance(absent, "ALL_OLD")
    assert put_if_absent("bars_table", item) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0, 1, 1, 1, 2, 90]), st.sampled_from([1] * 9 + [9, 700])),
        min_size=1,
        max_size=60,
    ),
    st.data(),
)
@settings(examples(4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_place_of_a_time_is_found_at_any_rate(
    world: World, steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """No entry before it has a bar that opens then or later, and few are read in vain.

    Numbers have holes: entries expire in any order.
    """
    world.reset()
    log, newest, number = DynamoLog("bars_table"), T, 4
    closes: dict[int, int] = {}
    for minutes, more in steps * 2:
        newest, number = newest + minutes * MINUTE_MS, number + more
        closes[number] = newest
        log.append(0, number, entry(newest))
    for _ in range(3):
        time = data.draw(st.sampled_from([T - 1, T, newest - MINUTE_MS, newest, *closes.values()]))
        found = log.reaching(0, time)
        first = next((n for n, close in closes.items() if close > time), number + 1)
        assert found <= first
        assert sum(found <= one < first for one in closes) <= NEAR


def test_the_search_for_a_time_ends_at_a_hole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, read = DynamoLog("bars_table"), []

    def counted(data: bytes) -> Entry:
        read.append(data)
        assert len(read) < 60
        return unpack(data)

    monkeypatch.setattr(module, "unpack", counted)
    for number in (*range(1, 80), *range(900, 940)):
        log.append(0, number, entry(T + number * MINUTE_MS))
    assert 79 - NEAR <= log.reaching(0, T + 500 * MINUTE_MS) <= 79
    assert 900 <= log.reaching(0, T + 938 * MINUTE_MS) <= 939


def test_an_empty_log_begins_at_its_first_number(world: World) -> None:
    assert DynamoLog("bars_table").reaching(0, T) == 1
