"""Mapping files: what they may say, and the errors that name where and what instead."""

import json
import re

import pytest

from research.data.errors import DataError
from research.data.mapping.declared import declared
from tests.paths import ROOT

BARS = """
[[files]]
match = "{symbol}-{interval}.csv"
kind = "bars"
time = { column = "date", unit = "s" }
columns = { open = "o", high = "h", low = "l", close = "c", volume = "v" }
"""


def read(folder, text, name="mapping.toml"):
    file = folder / name
    file.write_text(text)
    return declared(file)


def test_a_layout_has_what_its_file_says(tmp_path):
    (layout,) = read(tmp_path, BARS).layouts
    assert (layout.kind, layout.time.unit, layout.columns["close"]) == ("bars", "s", "c")
    assert (layout.separator, layout.header, layout.known_after_ms) == (",", None, 0)


def test_json_has_the_same_structure(tmp_path):
    layout = {
        "match": "*.csv", "kind": "open_interest", "symbol": "BTCUSDT",
        "time": {"column": "t"}, "columns": {"value": "oi"}, "known_after": "5m",
    }  # fmt: skip
    found = read(tmp_path, json.dumps({"files": [layout]}), "mapping.json")
    assert found.layouts[0].known_after_ms == 300_000


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("BTCUSDT-1h.csv", True),
        ("btcusdt-1h.CSV", True),
        ("BTCUSDT-1h.csv.bak", False),
        ("deeper/BTCUSDT-1h.csv", False),
        ("notes.txt", False),
    ],
)
def test_files_are_matched_by_name_below_the_folder(tmp_path, name, matches):
    assert bool(read(tmp_path, BARS).of(tmp_path / name)) is matches


def test_the_innermost_files_of_another_folder_are_not_of_it(tmp_path):
    assert read(tmp_path, BARS).of(tmp_path.parent / "BTCUSDT-1h.csv") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[files]]", "[files]", r"it has to hold \[\[files\]\], and nothing beside them"),
        ('kind = "bars"', 'kind = "ticks"', "files 1: kind = 'ticks': use one of bars, funding"),
        ('kind = "bars"', 'kind = "bars"\ncolour = "red"', "files 1: 'colour' is unknown"),
        ('unit = "s"', 'unit = "min"', "files 1: time: unit = 'min': use one of s, ms, us, ns"),
        ('unit = "s"', 'unit = "s", format = "%Y"', 'format is for unit = "text"'),
        (', close = "c"', "", "columns has no close"),
        (', volume = "v"', "", r"columns has no volume \(in base currency\) or quote_volume"),
        ('volume = "v"', 'volume = "v", vwap = "w"', "no column 'vwap' in bars: open, high"),
        ("{symbol}-", "", 'the symbol has to come from one place: symbol = "BTCUSDT"'),
        ("-{interval}", "", 'the interval has to come from one place: interval = "1h"'),
        ("{symbol}-", "{symbol}-{day}-", "match has {day}: use {symbol}, {interval} and"),
        ('kind = "bars"', 'kind = "bars"\nsymbol = "BTCUSDT"', "has to come from one place"),
        ('kind = "bars"', 'kind = "bars"\nknown_after = "soon"', "write it like 5m, 30s or 1h"),
        ('kind = "bars"', 'kind = "bars"\nknown_after = "1m"', "known_after is not for bars"),
        ('kind = "bars"', 'kind = "bars"\nseparator = "||"', "separator = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\nseparator = ""', "separator = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\nseparator = "·"', "separator = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\nseparator = "\\n"', "separator = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\ndecimal = "x,"', "decimal = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\ndecimal = "x"', "decimal = .* use one character"),
        ('kind = "bars"', 'kind = "bars"\nonly = { s = [1] }', "only: s = .*: use a text, number"),
        ('kind = "bars"', 'kind = "bars"\nheader = []', "header is a list of column names"),
        ('kind = "bars"', 'kind = "bars"\nscale = "2"', "scale is no number"),
        ('kind = "bars"', 'kind = "bars"\nonly = 3', "only is a table of values, not '3'"),
        ('kind = "bars"', 'kind = "bars"\nunbroken = 1', "unbroken is true or false, not '1'"),
        ("time = {", "when = {", "time is missing"),
        ("match = ", "glob = ", "match is missing"),
        ("[[files]]", "[[files", "no valid TOML or JSON"),
    ],
)
def test_an_error_says_where_it_is_and_what_is_expected(tmp_path, old, new, message):
    assert old in BARS
    with pytest.raises(DataError, match=message):
        read(tmp_path, BARS.replace(old, new))


def test_bars_alone_may_be_stamped_with_their_close(tmp_path):
    text = """
[[files]]
match = "{symbol}.csv"
kind = "funding"
time = { column = "t", at = "close" }
columns = { value = "rate" }
"""
    with pytest.raises(DataError, match='at = "close" is for bars'):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("kind", "lag", "message"),
    [
        ("funding", "8h", "known_after is not for funding: a rate is paid at its time"),
        ("mark", "8785h", "a year .* at most"),
    ],
)
def test_what_is_paid_at_its_time_is_not_known_later(tmp_path, kind, lag, message):
    text = f"""
[[files]]
match = "{{symbol}}.csv"
kind = "{kind}"
time = {{ column = "t" }}
known_after = "{lag}"
columns = {{ value = "rate" }}
"""
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_the_mappings_of_the_documentation_can_be_read(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "data.md").read_text(), re.DOTALL)
    found = [layout for block in blocks for layout in read(tmp_path, block).layouts]
    assert [one.kind for one in found] == ["bars", "bars", "open_interest", "liquidations"]


def test_a_missing_mapping_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        declared(tmp_path / "mapping.toml")
