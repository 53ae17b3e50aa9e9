"""Request parameters: parsing, limits and cursors."""

from base64 import urlsafe_b64encode

import pytest
from signalengine_aws.api import parameters as p
from signalengine_aws.stores.pagination import Place


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1747656000000", 1747656000000), ("2025-05-19", 1747612800000),
     ("2025-05-19T12:00", 1747656000000), ("2025-05-19T14:00+02:00", 1747656000000)],
)  # fmt: skip
def test_a_time_is_ms_or_an_iso_date_or_time(text: str, ms: int) -> None:
    assert p.read_time(text) == ms


@pytest.mark.parametrize("text", ["", "x", "-1", "1960-01-01", "2025-13-01", "9" * 50])
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
    found = p.read_all(p.period(), {"from": "5", "to": "6"})
    assert found == {"start": 5, "end": 6}


def test_a_cursor_survives_the_round_trip() -> None:
    place = Place(1747656000000, "BTCUSDT", 3)
    text = p.write_cursor(place)
    assert text is not None
    assert p.read_cursor(text) == place
    assert p.write_cursor(None) is None


@pytest.mark.parametrize("text", ["", "x", "W10=", "é", "A" * 200])
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
