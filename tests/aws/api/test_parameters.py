"""Request parameters: parsing, limits and cursors."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from signalengine_aws.api import parameters as p
from signalengine_aws.stores.pagination import Place


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1747656000000", 1747656000000), ("2025-05-19", 1747612800000),
     ("2025-05-19T12:00", 1747656000000), ("2025-05-19T14:00+02:00", 1747656000000)],
)  # fmt: skip
def test_a_time_is_ms_or_an_iso_date_or_time(text: str, ms: int) -> None:
    assert p.read_time(text) == ms


@pytest.mark.parametrize("text", ["", "x", "-1", "1960-01-01", "2025-13-01", "9" * 80])
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        p.read_time(text)


def test_an_error_names_the_parameter() -> None:
    with pytest.raises(p.QueryError, match=r"^limit: expected a whole number from 1 to 200$"):
        p.read_all([p.limit()], {"limit": "201"})
    with pytest.raises(p.QueryError, match=r"^symbol: required$"):
        p.read_all([p.symbol(required=True)], {})
    with pytest.raises(p.QueryError, match="'limits': no such parameter"):
        p.read_all([p.limit()], {"limits": "1"})


def test_a_value_has_the_name_of_its_argument() -> None:
    found = p.read_all(p.period(), {"from": "0", "to": "2025-05-19"})
    assert found == {"start": 0, "end": 1747612800000}


@pytest.mark.parametrize(
    ("given", "detail"),
    [({"from": "1747612800"},
      "from: 1747612800 looks like seconds; milliseconds would be 1747612800000"),
     ({"to": "20250519"}, "to: 20250519 looks like a date: write 2025-05-19"),
     ({"from": "2025-05-20", "to": "2025-05-19"},
      "to (2025-05-19) is before from (2025-05-20)"),
     ({"from": "2025-05-19", "to": "2025-05-19"},
      "from and to are both 2025-05-19, and to is exclusive: for that day give to 2025-05-20")],
)  # fmt: skip
def test_a_time_that_is_not_clear_is_refused(given: dict[str, str], detail: str) -> None:
    with pytest.raises(p.QueryError) as caught:
        p.read_all(p.period(), given)
    assert str(caught.value) == detail


@given(st.floats(0.0, 20.0))
@example(5e-324)
@example(0.12345678901234567)
@example(-0.0)
def test_every_number_of_the_schema_is_read_however_a_program_writes_it(number: float) -> None:
    one = p.decimal("threshold", "", low=0, high=20)
    assert one.read(json.dumps(number)) == number
    assert one.read(f"{number:.17E}") == pytest.approx(number)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "e1", "1e", "1_0", "nan", "inf", "1e9999", "0x1", "1 ", "٣", "-1", "1e2"]
)
def test_no_other_text_is_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number from 0 to 20"):
        p.decimal("threshold", "", low=0, high=20).read(text)


@pytest.mark.parametrize("text", ["btcusdt", "BTC/USDT", "btc", "BINANCE:BTCUSDT.P", "$BTC"])
def test_a_symbol_has_one_meaning_however_it_is_written(text: str) -> None:
    assert p.symbol().read(text) == "BTCUSDT"


@pytest.mark.parametrize("text", ["", "B C D", "BTCUSD_PERP", "BTC/EUR", "BTC%", "x" * 61])
def test_what_is_no_symbol_is_refused(text: str) -> None:
    with pytest.raises(p.QueryError, match=r"^symbol: "):
        p.read_all([p.symbol()], {"symbol": text})


def test_a_cursor_survives_the_round_trip() -> None:
    for symbol in ("BTCUSDT", "币安人生USDT", "币" * 30, "𠀀" * 30):
        place = Place(1747656000000, symbol, 3)
        text = p.write_cursor(place)
        assert text is not None
        assert p.read_cursor(text) == place
    assert p.write_cursor(None) is None


@pytest.mark.parametrize("text", ["", "x", "W10=", "é", "A" * 201])
def test_another_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not one of ours"):
        p.read_cursor(text)


@pytest.mark.parametrize(
    "text", ["0000000199999", "000000050", "0" * 9, "9" * 5_000, "٣", "²", "+5"]
)
def test_a_whole_number_has_at_most_eight_digits_in_its_range(text: str) -> None:
    """The range is that of the number which is used, whatever it begins with."""
    with pytest.raises(ValueError, match="expected a whole number from 1 to 200"):
        p.limit().read(text)
    assert p.limit().read("00000200") == 200


@pytest.mark.parametrize(
    "values", ["[1e999,null,0]", "[NaN,null,0]", '[5,"\\ud800",0]', "[5,null,1]"]
)
def test_a_cursor_of_odd_values_is_refused(values: str) -> None:
    with pytest.raises(ValueError, match="not one of ours"):
        p.read_cursor(urlsafe_b64encode(values.encode()).decode())
