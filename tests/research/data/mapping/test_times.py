"""Times of mapped columns: units, zones and formats; what is no time names its row."""

import pyarrow as pa
import pytest

from research.data.errors import DataError
from research.data.mapping.declared import TimeColumn
from research.data.mapping.times import opened, times_of
from research.data.tables import Table
from tests.research.data.recordings import MINUTE, START


def read(values, kind=None, **time):
    table = Table("a.csv", pa.table({"t": pa.array(values, kind)}), 2)
    return times_of(table, TimeColumn("t", **time)).tolist()


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-02-01 00:00:00", {}),
        ("2026-02-01T00:00:00Z", {}),
        ("2026-02-01 07:00:00", {"zone": "+07:00"}),
        ("2026-02-01T07:00:00+07:00", {}),
        ("2026-01-31 19:00:00", {"zone": "America/New_York"}),
        ("01.02.2026 00:00", {"format": "%d.%m.%Y %H:%M"}),
        ("01.02.2026 01:00", {"format": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"}),
    ],
)
def test_text_is_read_in_its_zone(text, time):
    assert read([text], unit="text", **time) == [START]


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.timestamp("s"), pa.timestamp("ms", "UTC")])
def test_dates_of_a_feather_file_need_no_unit(kind):
    scale = {"ns": 10**6, "ms": 1}.get(kind.unit)
    value = START // 1000 if scale is None else START * scale
    assert read([value], kind) == [START]


def test_dates_without_a_time_are_midnights():
    assert read([START // 86_400_000], pa.date32()) == [START]


@pytest.mark.parametrize(
    ("values", "time", "message"),
    [
        ([START, START // 1000], {}, "row 3: column 't' has '1769904000', which is no time in ms"),
        ([START], {"unit": "s"}, "row 2: .* which is no time in s since 1973"),
        (["2026-02-01 00:00", "soon"], {"unit": "text"}, "row 3: column 't' has 'soon'"),
        (["1.2.26 1"], {"unit": "text", "format": "%d.%m.%Y"}, "no time like %d.%m.%Y"),
        (["2026-02-01"], {"unit": "text", "zone": "Mars/Base"}, "cannot be read in Mars/Base"),
        (["2026-10-25 02:30:00"], {"unit": "text", "zone": "Europe/Berlin"}, "write UTC"),
        ([START], {"zone": "Europe/Berlin"}, "numbers count from 1970 UTC"),
        ([None, START], {}, "row 2 has no time in column 't'"),
    ],
)
def test_what_is_no_time_is_an_error(values, time, message):
    with pytest.raises(DataError, match=message):
        read(values, **time)


@pytest.mark.parametrize("short", [0, 1, 1_000])
def test_a_close_may_be_the_last_second_the_last_ms_or_the_next_open(short):
    table = Table("a.csv", pa.table({"t": [START + 5 * MINUTE - short]}))
    times = times_of(table, TimeColumn("t"))
    assert opened(times, 5 * MINUTE, at_close=True).tolist() == [START]
