"""Binance's contracts: which can be followed, and what changes about them."""

import json
import re
from typing import Any

import pytest
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance import contracts
from signalengine.facts.lots import LotSize
from signalengine.market_data import ContractInfo

from tests.core.exchanges.binance.test_messages import OLD_INFO, REST_0708, needs

LISTING: dict[str, Any] = {
    "symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT",
    "underlyingType": "COIN"}  # fmt: skip
PRICES = {"filterType": "PRICE_FILTER", "tickSize": "0.5"}
CHANGE: dict[str, Any] = {
    "e": "contractInfo", "E": 1669647330671, "s": "IOTAUSDT", "ps": "IOTAUSDT", "st": 1,
    "ct": "PERPETUAL", "dt": 4133404800000, "ot": 1569398400000, "cs": "TRADING"}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("TRADING", "trading"), ("SETTLING", "halted"), ("PENDING_TRADING", "halted"),
        ("CLOSE", "delisted"), ("SETTLED", "delisted"), ("DELIVERED", "delisted"),
    ],
)  # fmt: skip
def test_a_contract_trades_is_halted_or_is_delisted(status: str, state: Any) -> None:
    expected = ContractInfo("IOTAUSDT", 1669647330671, state, status)
    assert contracts.parse_contract_info(CHANGE | {"cs": status}) == expected


def test_a_contract_of_another_margin_is_left_out_and_one_without_a_status_is_malformed() -> None:
    assert contracts.parse_contract_info(CHANGE | {"st": 2}) is None
    with pytest.raises(MalformedFactError):
        contracts.parse_contract_info(CHANGE | {"cs": None})


def test_only_crypto_perpetuals_in_usdt_that_trade_can_be_followed() -> None:
    others = [
        {**LISTING, "symbol": "BTCUSD_PERP", "quoteAsset": "USD"},
        {**LISTING, "symbol": "TSLAUSDT", "contractType": "TRADIFI_PERPETUAL"},
        {**LISTING, "symbol": "BTCUSDT_261225", "contractType": "CURRENT_QUARTER"},
        {**LISTING, "symbol": "BTCDOMUSDT", "underlyingType": "INDEX"},
        {**LISTING, "symbol": "OLDUSDT", "status": "SETTLING"},
        {**LISTING, "symbol": "COINUSDT", "st": 2},
    ]
    known = contracts.parse_universe({"symbols": [LISTING, *others]})
    assert known.symbols == {"BTCUSDT"}
    assert set(known.refused) == {other["symbol"] for other in others}
    assert known.refused["OLDUSDT"] == "its status is 'SETTLING', not 'TRADING'"


@pytest.mark.parametrize("name", ["btcusdt", "BTC/USDT", "ＢＴＣＵＳＤＴ", "ßUSDT", "BTC USDT"])
def test_a_contract_with_another_kind_of_name_is_refused_alone(name: str) -> None:
    known = contracts.parse_universe({"symbols": [LISTING, {**LISTING, "symbol": name}]})
    assert known.symbols == {"BTCUSDT"}
    assert known.refused[name].startswith("its name is not 2 to 30 letters")


def test_names_of_any_script_and_with_digits_first_can_be_followed() -> None:
    names = {"1000PEPEUSDT", "币安人生USDT"}
    known = contracts.parse_universe({"symbols": [{**LISTING, "symbol": name} for name in names]})
    assert known.symbols == names


def test_a_contract_that_only_does_not_trade_now_is_halted() -> None:
    rows = [LISTING, {**LISTING, "symbol": "OLDUSDT", "status": "SETTLING"}]
    rows.append({**LISTING, "symbol": "COINUSDT", "status": "SETTLING", "st": 2})
    assert contracts.parse_universe({"symbols": rows}).halted == {"OLDUSDT"}


def test_funding_hours_and_volumes_are_read() -> None:
    rows = [{"symbol": "LPTUSDT", "fundingIntervalHours": 4, "disclaimer": False}]
    assert contracts.parse_funding_hours(rows) == {"LPTUSDT": 4}
    for wrong in (0, 25, True, "8"):
        with pytest.raises(MalformedFactError):
            contracts.parse_funding_hours([{"symbol": "LPTUSDT", "fundingIntervalHours": wrong}])
    volumes = [{"symbol": "BTCUSDT", "quoteVolume": "15.3"}]
    assert contracts.parse_day_volumes(volumes) == {"BTCUSDT": 15.3}


def listed(*filters: Any) -> dict[str, Any]:
    return {"symbols": [{**LISTING, "filters": list(filters)}]}


def test_the_tick_size_is_that_of_the_price_filter() -> None:
    lot = {"filterType": "LOT_SIZE", "stepSize": "0.001", "tickSize": "7"}
    known = contracts.parse_universe(
        listed(lot, {"filterType": "PRICE_FILTER", "tickSize": "0.10"})
    )
    assert known.tick_sizes == {"BTCUSDT": 0.1}
    halted = {**LISTING, "status": "SETTLING", **listed(PRICES)["symbols"][0]}
    assert contracts.parse_universe({"symbols": [halted]}).tick_sizes == {"BTCUSDT": 0.5}


@pytest.mark.parametrize("filters", [[], [{"filterType": "PRICE_FILTER", "tickSize": "0"}]])
def test_a_contract_without_a_tick_size_has_none(filters: list[Any]) -> None:
    known = contracts.parse_universe(listed(*filters))
    assert (known.symbols, known.tick_sizes) == ({"BTCUSDT"}, {})
    assert contracts.parse_universe({"symbols": [LISTING]}).tick_sizes == {}


@pytest.mark.parametrize("wrong", ["x", None, "-0.1", "1e-300", "nan", True, {}])
def test_a_tick_size_that_is_no_price_is_unknown_and_stops_nothing(wrong: Any) -> None:
    for sizes in (listed({"filterType": "PRICE_FILTER", "tickSize": wrong}), listed(wrong)):
        known = contracts.parse_universe(sizes)
        assert (known.symbols, known.tick_sizes) == ({"BTCUSDT"}, {})


def test_the_lot_size_is_what_every_type_of_order_may_have() -> None:
    lot = {"filterType": "LOT_SIZE", "minQty": "0.001", "stepSize": "0.001"}
    market = {"filterType": "MARKET_LOT_SIZE", "minQty": "0.01", "stepSize": "0.01"}
    least = {"filterType": "MIN_NOTIONAL", "notional": "5"}

    def known(*filters: Any) -> dict[str, LotSize]:
        return dict(contracts.parse_universe(listed(*filters)).lot_sizes)

    assert known(lot, least) == {"BTCUSDT": LotSize(0.001, 0.001, 5.0)}
    assert known(lot, market) == {"BTCUSDT": LotSize(0.01, 0.01, 0.0)}
    for wrong in ("x", None, "-0.1", "nan", True, {}):
        assert known({**lot, "stepSize": wrong}, least) == {}
        assert known({**lot, "minQty": wrong}) == {"BTCUSDT": LotSize(0.001, 0.0, 0.0)}
    assert known(least) == {}


@needs(OLD_INFO, REST_0708 / "fapi-v1-exchangeInfo.json")
def test_the_raw_exchange_infos_are_read() -> None:
    old = OLD_INFO.read_text().splitlines()[0]
    for text in (
        re.sub(r"^\S+ -> [\d.]+: ", "", old),
        (REST_0708 / "fapi-v1-exchangeInfo.json").read_text(),
    ):
        known = contracts.parse_universe(json.loads(text))
        assert {"BTCUSDT", "ETHUSDT"} <= known.symbols
        assert len(known.symbols) > 70
        assert known.tick_sizes["ETHUSDT"] == 0.01
        assert known.symbols <= known.tick_sizes.keys()
        assert known.symbols <= known.lot_sizes.keys()
        assert not known.symbols & set(known.refused)
