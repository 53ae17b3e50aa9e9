"""The command line of the exchange, and the market that it selects."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signalengine.text.symbol_reader import SymbolError, read_symbols
from signalengine.text.time_reader import TimeError, check_period, read_time

from .market.bars import MINUTE_MS
from .market.instruments import DEFAULT_SYMBOLS, simulated
from .market.recording import RecordedMarket, Request
from .market.simulation import SimulatedMarket
from .market.source import Source, SourceError
from .playback.player import GRIDS

DEFAULT_PORT: Final = 9_000
_DESCRIPTION: Final = """\
A server on 127.0.0.1 that implements Binance USD-M's protocol (2026):
  ws://127.0.0.1:PORT/market/stream?streams=btcusdt@kline_1m/!markPrice@arr@1s
  ws://127.0.0.1:PORT/public/ws/btcusdt@bookTicker
  http://127.0.0.1:PORT/fapi/v1/klines?symbol=BTCUSDT&interval=1h
Its clock starts at --from when a client first subscribes to klines.
"""
_EXAMPLES: Final = """\
examples:
  python -m infra.local.exchange
      six simulated symbols, from now on, in real time
  python -m infra.local.exchange --speed 60 --seed 3 --symbols BTCUSDT,ETHUSDT
      another market, an hour a minute
  python -m infra.local.exchange --source recordings/ --from 2025-05-19 --to 2025-05-20 --speed max
      a recorded day, as fast as the clients read

It prints `READY {"port": ..., "control_token": ...}` once it listens. The state of the playback is
at http://127.0.0.1:PORT/_local/status, for requests with that token in the header X-Control-Token.
Ctrl-C or SIGTERM stops it.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What to play and how. Times are ms, None where not given; `speed` None is full speed."""

    source: str
    symbols: tuple[str, ...] | None
    start: int | None
    end: int | None
    speed: float | None
    seed: str
    port: int
    updates: int | None = None


def read(arguments: Sequence[str]) -> Options:
    """Read the command line; ends the process with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.exchange",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--source", default="sim", metavar="sim|PATH",
        help="`sim`, or a folder or file of 1m bars: freqtrade .feather, Binance archive .csv/.zip,"
        " the engine's own archive of its stream",
    )  # fmt: skip
    parser.add_argument(
        "--symbols", type=_symbols, metavar="A,B",
        help=f"default: all that are recorded; simulated: {','.join(DEFAULT_SYMBOLS)}",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="start", type=moment, metavar="ISO",
        help="first minute, UTC: 2025-05-19 or 2025-05-19T12:30; default: now, or the first "
        "midnight of the recording with 64 hours before it",
    )  # fmt: skip
    parser.add_argument(
        "--to", dest="end", type=moment, metavar="ISO",
        help="end, exclusive; default: end of the recording, never for sim",
    )  # fmt: skip
    parser.add_argument(
        "--speed", default=1.0, type=_speed, metavar="N|max",
        help="event seconds a second, or `max`: as fast as the clients read (default 1)",
    )  # fmt: skip
    parser.add_argument(
        "--seed",
        default="7",
        help="seed of the simulated market, or of the paths inside recorded bars",
    )
    parser.add_argument(
        "--port", default=DEFAULT_PORT, type=int, help=f"0 for a free one (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--updates", type=int, choices=GRIDS, metavar="N",
        help="kline updates a minute, instead of as many as the speed allows; one of "
        f"{', '.join(map(str, GRIDS))}",
    )  # fmt: skip
    return Options(**vars(parser.parse_args(arguments)))


def open_market(options: Options, notice: Callable[[str], None]) -> Source:
    """Return the requested market; raises SourceError, whose message names the fix."""
    if options.source != "sim":
        path = Path(options.source).expanduser()
        request = Request(path, options.symbols, options.start, options.end, options.seed)
        return RecordedMarket(request, notice)
    now = time.time_ns() // 1_000_000
    start = now - now % MINUTE_MS if options.start is None else options.start
    try:
        check_period(start, options.end, ("--from", "--to"))
        symbols = simulated(options.symbols or DEFAULT_SYMBOLS)
    except ValueError as error:
        raise SourceError(str(error)) from error
    return SimulatedMarket(symbols, start, options.end, options.seed)


def moment(text: str) -> int:
    """Return a time as `signalengine.text.time_reader` reads it; whole minutes only."""
    try:
        ms = read_time(text)
    except TimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if ms % MINUTE_MS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole minute")
    return ms


def _symbols(text: str) -> tuple[str, ...]:
    try:
        names = read_symbols(text)
    except SymbolError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not names:
        raise argparse.ArgumentTypeError("name at least one symbol, such as BTCUSDT,ETHUSDT")
    return names


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor max") from error
    if not 0.0 < value < 1e6:
        raise argparse.ArgumentTypeError("speed is above 0; use max for as fast as possible")
    return value
