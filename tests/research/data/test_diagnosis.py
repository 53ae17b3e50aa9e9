"""Each defect of a data file is an error that names file, row, value and likely cause."""

import gzip
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.diagnosis import foreign, other_separator, shown, unit_of
from research.data.errors import DataError
from research.data.loader import load
from tests.research.data.folders import MONTH, put
from tests.research.data.recordings import HEADER, csv, lines, market, same, zipped

GOOD = market(50)
ROWS = lines(GOOD)
TEXT = csv(GOOD)
NAME = f"{MONTH}.csv"
FEATHER = "BTC_USDT_USDT-1m-futures.feather"
PAGE = "\n<!DOCTYPE html><html><title>503 Service Unavailable</title>"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def changed(column: int, change: Callable[[str], str], row: int = 2, text: str = TEXT) -> str:
    """Return the file with another value in one of its rows (the header is row 1)."""
    table = [line.split(",") for line in text.splitlines()]
    table[row - 1][column] = change(table[row - 1][column])
    return "\n".join(",".join(fields) for fields in table)


def times(scale: Callable[[int], object]) -> str:
    """Return the file with all times in another unit."""
    table = [line.split(",") for line in ROWS]
    for fields in table:
        fields[0], fields[6] = str(scale(int(fields[0]))), str(scale(int(fields[6])))
    return "\n".join([HEADER, *(",".join(fields) for fields in table)])


REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "a repeated header": (
        NAME, "\n".join([HEADER, *ROWS[:9], HEADER, *ROWS[9:]]),
        "row 11: column 'open_time' has 'open_time', which is no time in ms. The header is repeat",
    ),
    "a header in the second megabyte": (
        NAME, "\n".join([HEADER, *lines(market(15_000)), HEADER]),
        "row 15002: column 'open_time' has 'open_time', which is no time in ms. The header is",
    ),
    "NUL bytes": (
        NAME, TEXT.encode() + bytes(99),
        "row 52 has NUL bytes: it was not written to its end (a crash, or a full disk)",
    ),
    "semicolons": (NAME, TEXT.replace(",", ";"), "row 1 ('open_time;open;high;low;close;volume;"),
    "semicolons and decimal commas": (
        NAME, "\n".join(ROWS).replace(",", ";").replace(".", ","),
        "is separated by semicolons. Save it with commas between fields and decimal points",
    ),
    "tabs": (NAME, TEXT.replace(",", "\t"), "is separated by tabs"),
    "bars": (NAME, TEXT.replace(",", "|"), "is separated by bars (|)"),
    "a quoted decimal comma": (
        NAME, changed(2, lambda _: '"100,5"'),
        "row 2: column 'high' has '100,5', which is no number. Write decimal points, not commas",
    ),
    "a bare decimal comma": (
        NAME, changed(2, lambda _: "100,5", row=4),
        "row 4 has 13 fields where 12 are expected ('1769904120000,",
    ),
    "UTF-16 as Excel writes it": (NAME, TEXT.encode("utf-16"), "is text in UTF-16. Save it as CSV"),
    "UTF-16 without a mark": (NAME, TEXT.encode("utf-16-le"), "is text in UTF-16. Save it as CSV"),
    "seconds": (
        NAME, times(lambda ms: ms // 1000),
        "row 2: column 'open_time' has 1769904000, which looks like seconds: in ms it is 17699040",
    ),
    "ns": (
        NAME, times(lambda ms: ms * 10**6),
        "has 1769904000000000000, which looks like ns: in ms it is 1769904000000",
    ),
    "a time of the first day": (NAME, changed(0, lambda _: "0"), "has 0, which is no time in ms"),
    "a day as people write it": (
        NAME, changed(0, lambda _: "01.02.2026 00:00"),
        "row 2: column 'open_time' has '01.02.2026 00:00', which is no time in ms",
    ),
    "no time": (NAME, changed(0, lambda _: ""), "row 2 has no time in column 'open_time'"),
    "a fraction of a second": (
        NAME, changed(0, lambda ms: f"{ms}.5"), "has '1769904000000.5', which is no time in ms",
    ),
    "a date for a price": (
        NAME, "\n".join([HEADER, *(changed(1, lambda _: "2026-02-01", 1, row) for row in ROWS)]),
        "row 2: column 'open' has '2026-02-01', which is no number",
    ),
    "a long value with control characters": (
        NAME, changed(4, lambda _: "\x1b[31m" + "9" * 10_000),
        "column 'close' has '[31m99999999999999999999999999999999999…', which is no number",
    ),
    "a letter that is not UTF-8": (
        NAME, changed(4, lambda _: "1\x85").encode("latin-1"), "column 'close' has '1�'",
    ),
    "a name twice": (NAME, TEXT.replace("high", "open"), "its header names 'open' twice"),
    "a page": (NAME, PAGE, "is a page of HTML or XML, such as a server's error ('<!DOCTYPE html>"),
    "an answer": (NAME, '{"code":-1121,"msg":"Invalid symbol."}', "is JSON, such as a server's an"),
    "a pointer": (NAME, POINTER, "is a pointer of Git LFS, not the file. Run `git lfs pull`"),
    "a pointer of another kind": (
        NAME, "/annex/objects/MD5E-s5--4d7a", "is a pointer of git-annex, not the file",
    ),
    "a gzip": (NAME, gzip.compress(TEXT.encode()), "is compressed by gzip. Unpack it"),
    "a zip": (NAME, zipped(NAME, TEXT), "is a zip. Name it .zip"),
    "a Parquet file": (NAME, b"PAR1...", "is a Parquet file. Name it .parquet, and declare"),
    "a page in place of a zip": (f"{MONTH}.zip", PAGE, "is a page of HTML or XML"),
    "a pointer in place of a zip": (f"{MONTH}.zip", POINTER, "is a pointer of Git LFS"),
    "a gzip in place of a zip": (f"{MONTH}.zip", gzip.compress(b"x"), "is compressed by gzip"),
    "a zip in a zip": (
        f"{MONTH}.zip", zipped(f"{MONTH}.zip", zipped(NAME, TEXT)),
        "is a zip. Name it .zip; a zip within a zip has to be unpacked once",
    ),
    "a page in place of feather": (FEATHER, PAGE, "is a page of HTML or XML"),
    "a pointer in place of feather": (FEATHER, POINTER, "is a pointer of Git LFS"),
    "a page in place of an archive": ("facts.gz", PAGE, "is a page of HTML or XML"),
    "a pointer in place of an archive": ("facts.jsonl", POINTER, "is a pointer of Git LFS"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_defect_is_named(name: str, tmp_path) -> None:
    file, content, words = REFUSED[name]
    put(tmp_path, file, content)
    with pytest.raises(DataError) as refused:
        load(tmp_path, "BTCUSDT")
    assert str(refused.value).startswith(file)
    assert words in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


READ = {
    "a mark of UTF-8": b"\xef\xbb\xbf" + TEXT.encode(),
    "CR line ends": TEXT.replace("\n", "\r"),
    "CRLF line ends": TEXT.replace("\n", "\r\n"),
    "empty lines before": "\n\r\n" + TEXT,
    "empty lines between": TEXT.replace("\n", "\n\n"),
    "no line end": TEXT.rstrip(),
    "quotes": '"' + HEADER.replace(",", '","') + '"\n' + "\n".join(ROWS),
}


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_only_one_way_is_read(name: str, tmp_path) -> None:
    put(tmp_path, NAME, READ[name])
    assert same(load(tmp_path, "BTCUSDT"), GOOD)


@given(st.binary(max_size=600))
def test_any_content_has_a_short_printable_name(content: bytes) -> None:
    what = foreign(content)
    assert what is None or (what.isprintable() and len(what) < 200)
    assert shown(content).isprintable()
    assert len(shown(content)) <= 42
    assert (
        other_separator(content.replace(b"\t", b"").replace(b";", b"").replace(b"|", b"")) is None
    )


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_time_has_a_likely_unit(time: int) -> None:
    assert str(time) in unit_of(time)
