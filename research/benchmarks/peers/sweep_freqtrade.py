"""freqtrade's hyperopt: what it does for each set, in this process, after its preparation.

It does not start without an exchange: ccxt reads the markets from the local one. Data is loaded,
and indicators are computed, before the clock starts. A set is a backtest of all symbols, one
position each, with its statistics and its loss function; no sampler chooses the set.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from machine.files import replacing, write

from ..market import Bars
from ..month import BASES, CHECKED, FEE, SETS, SYMBOLS, RuleSet, months
from .local_exchange import running

_STAKE: Final = 100_000.0
_COLUMNS: Final = ("date", "open", "high", "low", "close", "volume")
_PRICING: Final = {"price_side": "same", "use_order_book": True, "order_book_top": 1}
_SPACES: Final = ["buy", "roi", "stoploss"]


class Freqtrade:
    """One set a run."""

    def __init__(self, bars: Bars) -> None:
        self.folder = TemporaryDirectory()
        where = Path(self.folder.name)
        _write(months(bars), where / "data" / "futures")
        (where / "hyperopt_results").mkdir()
        with running(SYMBOLS) as address:
            self.optimizer = _optimizer(where, address)
            self.optimizer.prepare_hyperopt()
        self.sets = iter(SETS[:: len(SETS) // 40])

    def check(self) -> dict[str, float]:
        return {"trades": float(self._trades(CHECKED))}

    def run(self) -> int:
        self._trades(next(self.sets))
        return 1

    def _trades(self, one: RuleSet) -> int:
        chosen = {"slow": one.slow, "stoploss": -one.stop, "profit": one.profit}
        trades: int = self.optimizer.generate_optimizer(chosen)["results_metrics"]["total_trades"]
        return trades


def _optimizer(where: Path, address: str) -> Any:
    from freqtrade.configuration import setup_utils_configuration
    from freqtrade.enums import RunMode
    from freqtrade.optimize.hyperopt.hyperopt import Hyperopt

    path = where / "config.json"
    write(path, json.dumps(_config(where, address)))
    arguments = {
        "config": [str(path)], "user_data_dir": str(where), "datadir": str(where / "data"),
        "strategy": "Crossing", "hyperopt_loss": "SharpeHyperOptLoss", "spaces": _SPACES,
        "epochs": 1, "hyperopt_jobs": 1,
    }  # fmt: skip
    return Hyperopt(setup_utils_configuration(arguments, RunMode.HYPEROPT)).hyperopter


def _config(where: Path, address: str) -> dict[str, Any]:
    versions = {"": "v1", "V2": "v2", "V3": "v3"}
    paths = {
        f"fapi{kind}{name}": f"{address}/fapi/{version}"
        for kind in ("Public", "Private")
        for name, version in versions.items()
    }
    ccxt = {
        "urls": {"api": paths},
        "options": {"fetchMarkets": {"types": ["linear"]}, "fetchCurrencies": False},
    }
    return {
        "strategy_path": str(Path(__file__).parent), "user_data_dir": str(where),
        "trading_mode": "futures", "margin_mode": "isolated", "timeframe": "1m",
        "stake_currency": "USDT", "stake_amount": _STAKE, "dry_run": True,
        "dry_run_wallet": 1e9, "max_open_trades": len(BASES), "fee": FEE,
        "exchange": {
            "name": "binance", "pair_whitelist": [f"{base}/USDT:USDT" for base in BASES],
            "ccxt_config": ccxt, "enable_ws": False,
        },
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": _PRICING, "exit_pricing": _PRICING,
        "hyperopt_min_trades": 1, "dataformat_ohlcv": "feather",
    }  # fmt: skip


def _write(symbols: dict[str, Bars], folder: Path) -> None:
    """Write the bars, and a mark price and a funding rate of zero, which futures must have."""
    import pandas as pd

    folder.mkdir(parents=True)
    for base, bars in zip(BASES, symbols.values(), strict=True):
        frame = pd.DataFrame(bars[:, :6], columns=list(_COLUMNS))
        frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
        hours = frame.iloc[::60].reset_index(drop=True)
        funding = hours.copy()
        funding[list(_COLUMNS[1:])] = 0.0
        for kind, table in (
            ("1m-futures", frame), ("1h-mark", hours), ("1h-funding_rate", funding),
        ):  # fmt: skip
            path = folder / f"{base}_USDT_USDT-{kind}.feather"
            with replacing(path, durable=False) as part:
                table.to_feather(part)
