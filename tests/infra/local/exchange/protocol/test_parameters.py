"""Query parameters: Binance's code for every invalid one."""

from collections.abc import Callable

import pytest

from infra.local.exchange.protocol.parameters import Parameters, RefusalError


def read(**query: str) -> Parameters:
    return Parameters(query, ("BTCUSDT",))


def test_valid_parameters_are_read() -> None:
    given = read(symbol="BTCUSDT", interval="1h", period="5m", limit="7", startTime="1")
    assert (given.symbol(), given.optional_symbol(), given.interval()) == (
        "BTCUSDT", "BTCUSDT", "1h",
    )  # fmt: skip
    assert (given.period(("5m",)), given.limit(500, 1_500), given.times()) == ("5m", 7, (1, None))
    assert (read().optional_symbol(), read().limit(500, 1_500)) == (None, 500)


@pytest.mark.parametrize(
    ("query", "take", "code"),
    [
        ({}, Parameters.symbol, -1102),
        ({"symbol": "X"}, Parameters.symbol, -1121),
        ({"interval": "7m"}, Parameters.interval, -1120),
        ({"period": "7m"}, lambda given: given.period(("5m",)), -1130),
        ({"limit": "0"}, lambda given: given.limit(500, 1_500), -1130),
        ({"limit": "x"}, lambda given: given.limit(500, 1_500), -1100),
        ({"startTime": "2", "endTime": "1"}, Parameters.times, -1023),
    ],
)
def test_an_invalid_parameter_has_its_code(
    query: dict[str, str], take: Callable[[Parameters], object], code: int
) -> None:
    with pytest.raises(RefusalError) as caught:
        take(read(**query))
    assert (caught.value.status, caught.value.code) == (400, code)
