"""What is measured beside what, and what is aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from .market import TWO_YEARS_OF_4H, YEAR_MINUTES
from .measuring import Contender, Row
from .month import SETS, SYMBOLS, TOTAL_MINUTES
from .peers.backtest import BacktestingPy, NautilusEngine

_HERE: Final = "research.benchmarks"
PLAIN, CALLED, LOOPED = "ours, plain Python", "ours, compiled, a call a bar", "ours, compiled loop"
TALIPP, TALIB, RUST = "talipp", "TA-Lib stream (no VWAP)", "nautilus_trader (Rust)"
ENGINE, SIGNALS = "ours, whole engine", "ours, with every signal stored"
VECTORBT, STATS = "vectorbt", "vectorbt with stats"
SWEPT, SWEPT_BY_TWO = "ours, one core", "ours, two processes, with their start"
BROADCAST, HYPEROPT, JESSE = "vectorbt, broadcast", "freqtrade's hyperopt", "Jesse's research"
LOADED, READ = "ours, loaded and checked", "pandas.read_feather of the same files"


@dataclass(frozen=True, slots=True)
class Table:
    """Contenders that do comparable work; ratios are to the first of them."""

    title: str
    unit: str
    contenders: tuple[Contender, ...]
    count: int
    rounds: int
    equal: bool = False
    """Whether all must come to the same values before they are timed."""
    warm: bool = True
    """Whether each runs once before it is timed; else its check has to compile what it needs."""
    time: Literal["µs", "ms"] = "µs"
    """The unit of time in the printed table; the written numbers are µs."""
    per_core: bool = False
    """Whether rate and ratio are of CPU time, not of the clock's."""
    notes: str = ""
    """What its rows do more or less than each other, printed below."""


@dataclass(frozen=True, slots=True)
class Aim:
    """`faster` must take at most `most` of the time of `than`."""

    text: str
    faster: str
    than: str
    most: float

    def ratios(self, rows: Mapping[str, Row]) -> tuple[float, float] | None:
        """Return the ratios by the clock and of the CPU; None where one was not measured."""
        faster, than = rows.get(self.faster), rows.get(self.than)
        if faster is None or than is None or not (faster.wall_us and than.wall_us):
            return None
        return faster.median / than.median, faster.cpu_median / than.cpu_median


@dataclass(frozen=True, slots=True)
class Limit:
    """All units of a row's run must take at most `most_s` seconds by the clock."""

    text: str
    row: str
    most_s: float

    def seconds(self, rows: Mapping[str, Row]) -> float | None:
        """Return the median of its runs; None where it was not measured."""
        row = rows.get(self.row)
        return None if row is None or not row.wall_us else row.median * row.units / 1e6


def _ours(name: str, place: str) -> Contender:
    return Contender(name, f"{_HERE}.ours_{place}")


def _peer(name: str, place: str, peer: str, count: int | None = None) -> Contender:
    return Contender(name, f"{_HERE}.peers.{place}", peer, count)


FOLD: Final = Table(
    "RSI 14, EMA 9/21/50, ATR 14, Bollinger 20/2, session VWAP: a 1m bar at a time",
    "bar",
    (
        _ours(PLAIN, "fold:Subset"),
        _ours(CALLED, "compiled:SubsetCalled"),
        _ours(LOOPED, "compiled:SubsetLooped"),
        _peer(TALIPP, "fold:Talipp", "talipp"),
        _peer(TALIB, "fold:TalibStream", "TA-Lib"),
        _peer(RUST, "fold:Nautilus", "nautilus_trader"),
    ),
    count=10_000,
    rounds=15,
    equal=True,
)
WHOLE: Final = Table(
    "The whole fold: every feature and event (nothing of the peers compares)",
    "bar",
    (
        _ours("fold_bar, plain Python", "fold:WholeBar"),
        _ours("fold_bar, compiled loop", "compiled:WholeBarLooped"),
        _ours("advance: a fact, 6 intervals, plain", "fold:Advance"),
        _ours("state to bytes (a state)", "fold:ToBytes"),
        _ours("bytes to state (a state)", "fold:FromBytes"),
    ),
    count=5_000,
    rounds=9,
    equal=True,
)
BACKTEST: Final = Table(
    "Backtest of a symbol-year of 1m bars (peers: EMA cross, ATR stops, one interval)",
    "bar",
    (
        _ours(ENGINE, "backtest:Engine"),
        _ours(SIGNALS, "backtest:EngineWithSignals"),
        _peer(VECTORBT, "backtest:Vectorbt", "vectorbt"),
        _peer(STATS, "backtest:VectorbtStats", "vectorbt"),
        _peer(
            f"backtesting.py ({BacktestingPy.bars:,} bars)", "backtest:BacktestingPy",
            "backtesting", BacktestingPy.bars,
        ),
        _peer(
            f"nautilus_trader ({NautilusEngine.bars:,} bars)", "backtest:NautilusEngine",
            "nautilus_trader", NautilusEngine.bars,
        ),
    ),
    count=YEAR_MINUTES,
    rounds=9,
)  # fmt: skip
INGEST: Final = Table(
    "Ingest, one core: stream text to facts",
    "message",
    (
        _ours("kline messages: parse, tape, fact", "ingest:Klines"),
        _ours("mark prices, by entry of !markPrice@arr", "ingest:Marks"),
    ),
    count=2_000,
    rounds=9,
)
PARSED, BY_JSON = "ours, parsed to typed values", "ours, the same by json and dictionaries"
CRYPTOFEED = "cryptofeed (objects of Decimals)"
FRAMES: Final = Table(
    "Feed, one core: the same frames of 500 symbols",
    "message",
    (
        _ours(PARSED, "frames:Parsed"),
        _ours(BY_JSON, "frames:ParsedByJson"),
        _ours("ours, parsed, recorded, facts encoded", "frames:Recorded"),
        _peer(CRYPTOFEED, "frames:Cryptofeed", "cryptofeed"),
        _peer("python-binance (JSON to dict, no numbers)", "frames:PythonBinance",
              "python-binance"),
    ),
    count=3,
    rounds=9,
    equal=True,
)  # fmt: skip
_SWEEP_NOTES: Final = f"""\
Ours: {len(SETS):,} sets of threshold, target and stop (in ATR) through the whole engine, to the \
results on the disk, with each day's return; two processes also start, and read the files.
The others: EMA 9 crosses a slower one; slow average, stop and target (in per cent) vary. The same \
bars and fees (5 bps a side); no scores, slippage or funding; data is loaded before the timing.
vectorbt: a symbol at a time, 100 sets in columns; the number of trades and their mean return.
freqtrade: all symbols in one wallet, its statistics and loss function; indicators are computed \
before, and no sampler chooses. It reads its markets from the local exchange.
Jesse: a symbol at a time in fast mode, with its metrics."""
SWEEP: Final = Table(
    f"Sweep: parameter sets over {len(SYMBOLS)} symbols and a month of 1m bars",
    "set",
    (
        _ours(SWEPT, "sweep:OneCore"),
        _ours(SWEPT_BY_TWO, "sweep:TwoCores"),
        _peer(BROADCAST, "sweep_vectorbt:VectorbtSweep", "vectorbt"),
        _peer(HYPEROPT, "sweep_freqtrade:Freqtrade", "freqtrade"),
        _peer(JESSE, "sweep_jesse:Jesse", "jesse"),
    ),
    count=TOTAL_MINUTES,
    rounds=3,
    warm=False,
    time="ms",
    per_core=True,
    notes=_SWEEP_NOTES,
)
LOADING: Final = Table(
    f"Loading {TWO_YEARS_OF_4H:,} bars of 4h (two years) of each of 500 symbols from feather files",
    "symbol",
    (
        _ours(LOADED, "loading:Loaded"),
        _ours(READ, "loading:Read"),
    ),
    count=TWO_YEARS_OF_4H,
    rounds=3,
    equal=True,
    time="ms",
)
TABLES: Final[Mapping[str, Table]] = {
    "fold": FOLD,
    "whole": WHOLE,
    "backtest": BACKTEST,
    "ingest": INGEST,
    "frames": FRAMES,
    "sweep": SWEEP,
    "loading": LOADING,
}
AIMS: Final[Sequence[Aim]] = (
    Aim("plain Python folds in 1/8 of talipp's time", PLAIN, TALIPP, 1 / 8),
    Aim("compiled folds ahead of nautilus_trader's Rust, called alike", CALLED, RUST, 1.0),
    Aim("the whole engine backtests ahead of vectorbt with stats", ENGINE, STATS, 1.0),
    Aim("the whole engine backtests ahead of vectorbt without statistics", ENGINE, VECTORBT, 1.0),
    Aim("frames are parsed ahead of cryptofeed", PARSED, CRYPTOFEED, 1.0),
    Aim("frames are parsed in 0.4 of the time by json", PARSED, BY_JSON, 0.4),
)
LIMITS: Final[Sequence[Limit]] = (
    Limit(f"{len(SETS):,} sets are swept on two cores in a minute", SWEPT_BY_TWO, 60.0),
    Limit("500 symbols of two years of 4h bars are loaded in ten seconds", LOADED, 10.0),
)
