"""freqtrade is pointed at the local exchange, and has the files that futures need."""

import json
from pathlib import Path

import pandas as pd

from research.benchmarks.market import walk
from research.benchmarks.month import BASES, FEE, SYMBOLS, months
from research.benchmarks.peers import sweep_freqtrade
from research.benchmarks.peers.sweep_freqtrade import Freqtrade


def test_no_address_but_that_of_the_local_exchange_is_used() -> None:
    config = sweep_freqtrade._config(Path("here"), "http://127.0.0.1:1")
    paths = config["exchange"]["ccxt_config"]["urls"]["api"].values()
    assert paths
    assert all(path.startswith("http://127.0.0.1:1/fapi/v") for path in paths)
    assert config["exchange"]["ccxt_config"]["options"]["fetchMarkets"] == {"types": ["linear"]}
    assert config["fee"] == FEE
    assert json.loads(json.dumps(config)) == config


def test_each_symbol_has_bars_mark_prices_and_no_funding(tmp_path: Path) -> None:
    parts = months(walk(len(SYMBOLS) * 240))
    sweep_freqtrade._write(parts, tmp_path / "futures")
    assert len(list((tmp_path / "futures").iterdir())) == 3 * len(BASES)
    bars = pd.read_feather(tmp_path / "futures" / "ADA_USDT_USDT-1m-futures.feather")
    assert bars["close"].tolist() == parts["ADAUSDT"][:, 4].tolist()
    funding = pd.read_feather(tmp_path / "futures" / "ADA_USDT_USDT-1h-funding_rate.feather")
    assert not funding["open"].any()


def test_its_strategy_is_the_file_beside() -> None:
    folder = Path(sweep_freqtrade.__file__).parent
    assert "class Crossing(IStrategy)" in (folder / "freqtrade_rule.py").read_text()
    assert Freqtrade.__module__ == "research.benchmarks.peers.sweep_freqtrade"
