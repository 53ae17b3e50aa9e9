"""freqtrade is pointed at the local exchange, and has the files that futures need."""

import ast
import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from research.benchmarks.market import walk
from research.benchmarks.month import BASES, FEE, SYMBOLS, months
from research.benchmarks.peers import sweep_freqtrade


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


def test_its_strategy_has_the_parameters_that_a_set_names() -> None:
    found = find_spec("research.benchmarks.peers.freqtrade_rule")
    assert found is not None
    path = Path(str(found.origin))
    config = sweep_freqtrade._config(Path("here"), "")
    assert config["strategy_path"] == str(path.parent)
    (rule,) = [one for one in ast.parse(path.read_text()).body if isinstance(one, ast.ClassDef)]
    words = {node.value for node in ast.walk(rule) if isinstance(node, ast.Constant)}
    attributes = {
        target.id
        for node in rule.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert rule.name == "Crossing"
    assert {"stoploss", "profit"} <= words
    assert "slow" in attributes
