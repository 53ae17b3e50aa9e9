"""Snapshots of the exchange's list of contracts: fetched, stored with their date, read."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance.contracts import parse_universe

from machine.files import write
from research.data.binance.budget import Timing, budgets_of
from research.data.binance.client import MissingError
from research.data.binance.sources import opened
from research.data.download import data_folder
from research.data.errors import DataError, RefusedError
from research.data.times import EARLIEST, MICROSECONDS
from research.data.walk import files_in

PATH: Final = "/fapi/v1/exchangeInfo"
FOLDER: Final = "exchange-info"
NAME: Final = re.compile(r".*exchangeInfo.*\.json\Z", re.IGNORECASE)
_FIELDS: Final = (
    "symbol", "pair", "contractType", "deliveryDate", "onboardDate", "status", "baseAsset",
    "quoteAsset", "marginAsset", "underlyingType", "underlyingSubType", "st",
)  # fmt: skip
_FILTERS: Final = ("PRICE_FILTER", "LOT_SIZE", "MIN_NOTIONAL")
_TIMING: Final = Timing()


@dataclass(frozen=True, slots=True)
class Contract:
    """A crypto perpetual in USDT, as a snapshot has it; times are ms."""

    symbol: str
    trading: bool
    onboard: int
    delivery: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The contracts that the engine could follow, as the exchange listed them at `time`."""

    time: int
    contracts: Mapping[str, Contract]


async def fetch_snapshot(
    folder: Path | None = None, base_url: str | None = None, timing: Timing = _TIMING
) -> Path:
    """Fetch the list of contracts and store it under its date; returns the file.

    Raises DataError, RefusedError or SourceAwayError.
    """
    async with opened("rest", base_url, timing) as client:
        try:
            answer = await client.json(PATH, {}, budgets_of(client.base_url).weight, 1)
        except MissingError as error:
            raise RefusedError(f"{error}: no such address. Is the base URL right?") from error
    time = _snapshot(answer, "The exchange's answer").time
    stored = {"serverTime": time, "symbols": [_reduced(raw) for raw in answer["symbols"]]}
    stamp = str(np.datetime64(time, "ms").astype("datetime64[s]"))
    name = f"exchangeInfo-{stamp.replace('-', '').replace(':', '')}Z.json"
    file = (folder or data_folder()) / FOLDER / name
    write(file, json.dumps(stored, separators=(",", ":")) + "\n")
    return file


def snapshots(folder: Path) -> list[Snapshot]:
    """Return the snapshots below a folder, oldest first; raises DataError for an invalid one."""
    if not folder.is_dir():
        return []
    files = [file for file in files_in(folder) if NAME.match(file.name)]
    found = {one.time: one for one in map(read_snapshot, files)}
    return [found[time] for time in sorted(found)]


def read_snapshot(file: Path) -> Snapshot:
    """Read a snapshot, or an answer of the exchange that was stored as it is."""
    try:
        answer = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file.name}: not readable ({error}). Remove it.") from error
    return _snapshot(answer, file.name)


def _snapshot(answer: Any, name: str) -> Snapshot:
    try:
        universe = parse_universe(answer)
        time = _time(answer, "serverTime")
        raws = {raw["symbol"]: raw for raw in answer["symbols"]}
        contracts = {
            symbol: Contract(
                symbol, symbol in universe.symbols,
                _time(raws[symbol], "onboardDate"), _time(raws[symbol], "deliveryDate"),
            )
            for symbol in universe.symbols | universe.halted
        }  # fmt: skip
    except MalformedFactError as error:
        raise DataError(f"{name} is no list of contracts ({error}). Fetch it again.") from error
    if not contracts:
        raise DataError(f"{name} lists no crypto perpetual in USDT. Fetch it again.")
    return Snapshot(time, contracts)


def _time(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not EARLIEST <= value < MICROSECONDS
    ):
        raise MalformedFactError(f"{name}: {value!r} is no time in ms")
    return value


def _reduced(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of a contract: a tenth of the answer."""
    filters = [one for one in raw.get("filters", ()) if one.get("filterType") in _FILTERS]
    return {name: raw[name] for name in _FIELDS if name in raw} | {"filters": filters}
