"""The conclusion from the signals of one or more runs, in unambiguous sentences.

`conclude` combines the numbers, the two significance tests, the deflated Sharpe ratio and one
statement. An edge is claimed only when the interval of the mean net return lies above
zero, shifted entries do as well in 5 % of cases or fewer, and, when several configurations were
tried, the deflated Sharpe ratio is 95 % or more. Everything else is "no edge shown".
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from signalengine.intervals import INTERVALS
from signalengine.policy import CLASSIC
from signalengine.strategy.parameter_set import ParameterSet

from research.data.progress import Waiting
from research.statistics.deflation import deflated_sharpe
from research.statistics.entries import Entries, entries_of
from research.statistics.errors import StatisticsError
from research.statistics.intervals import DayBootstrap
from research.statistics.marking import trades_of_runs
from research.statistics.significance import Null, random_test, shift_test
from research.statistics.summary import MIN_TRADES, Estimate, Summary, summarise, too_few
from research.statistics.trades import RunLike, Trades

ALPHA: Final = 0.05
NO_EDGE: Final = "No edge shown."


@dataclass(frozen=True, eq=False)
class Conclusion:
    """All findings about the runs."""

    policy: ParameterSet
    trades: Trades
    summary: Summary
    draws: DayBootstrap
    shift: Null | None
    random: Null | None
    deflated: Estimate
    """Probability that the true Sharpe ratio is above 0, given how many were tried."""
    tried: int
    verdicts: dict[str, int]
    """Decisions by verdict, over all runs."""
    seed: int
    coarse: str | None = None
    """Interval of the bars that settled the signals, where it is longer than 1m."""

    @property
    def edge(self) -> bool:
        """Whether an edge net of costs is shown."""
        mean, shift = self.summary.mean_net, self.shift
        if self.summary.n < MIN_TRADES or mean.low is None or shift is None:
            return False
        survives = self.tried == 1 or (self.deflated.value or 0.0) >= 1.0 - ALPHA
        return mean.low > 0.0 and shift.p_net <= ALPHA and survives

    @property
    def statement(self) -> str:
        """The statement, one line."""
        mean = self.summary.mean_net
        n = self.summary.n
        if n == 0:
            return f"{NO_EDGE} No signal has closed: there is nothing to conclude from."
        if n < MIN_TRADES:
            some = "1 closed signal is" if n == 1 else f"{n} closed signals are"
            return f"{NO_EDGE} {some} too few; {MIN_TRADES} are needed."
        if mean.low is None or mean.high is None:
            blocks = f" in blocks of {self.draws.block}" if self.draws.block > 1 else ""
            return f"{NO_EDGE} {self.summary.days} days{blocks} are too few for an interval."
        if self.edge:
            return "An edge is shown: net of costs, above zero and above shifted entries."
        return f"{NO_EDGE} {self._why_not(mean)}"

    def _why_not(self, mean: Estimate) -> str:
        if (mean.high or 0.0) < 0.0:
            return "Net of costs these signals lose: the whole interval is below zero."
        if (mean.low or 0.0) <= 0.0:
            return "The interval of the mean net return includes zero."
        if self.shift is None:
            return "The span is too short to compare with shifted entries."
        if self.shift.p_net > ALPHA:
            return f"Entries at other times do as well too often (p = {self.shift.p_net:.2g})."
        return f"The edge does not survive deflation for {self.tried} configurations tried."

    @property
    def sentences(self) -> tuple[str, ...]:
        """The statement, then its evidence."""
        s = self.summary
        out = [self.statement]
        if s.market == "simulated":
            out.append("The market was simulated: the result does not apply to a real one.")
        if self.coarse is not None:
            out.append(
                f"Coarse: signals were settled by {self.coarse} bars, not by 1m bars. A bar that "
                "reaches a target and the stop counts as the stop; stops move and signals expire "
                "at the closes of these bars."
            )
        if not s.n:
            return tuple(out)
        out.append(
            f"Mean net return of a signal {_bps(s.mean_net)}, gross {_bps(s.mean_gross)}; "
            f"won {_pct(s.win_rate)}; N = {s.n:,}."
        )
        out += [_compared(null) for null in (self.shift, self.random) if null is not None]
        if self.deflated.value is not None:
            tries = "one configuration" if self.tried == 1 else f"{self.tried} configurations"
            out.append(
                f"After {tries} tried, the true Sharpe ratio is above zero with probability "
                f"{self.deflated.value:.2g}."
            )
        if s.visible_edge.value is not None:
            edge = s.visible_edge.value * 1e4
            out.append(f"This many signals would reveal an edge of {edge:.1f} bps or more.")
        return tuple(out)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON types."""
        return {
            "edge": self.edge,
            "statement": self.statement,
            "sentences": list(self.sentences),
            "policy": named(self.policy),
            "policy_digest": self.policy.digest,
            "coarse": self.coarse,
            "summary": self.summary.to_dict(),
            "shift": None if self.shift is None else self.shift.to_dict(),
            "random": None if self.random is None else self.random.to_dict(),
            "deflated_sharpe": asdict(self.deflated),
            "tried": self.tried,
            "verdicts": self.verdicts,
            "seed": self.seed,
        }


def named(one: ParameterSet) -> str:
    """Return the name of a policy, or of another strategy's parameter set."""
    return one.name if one.strategy == CLASSIC else one.key


def conclude(
    runs: Sequence[RunLike],
    *,
    trials: Sequence[float] | int = 1,
    seed: int = 0,
    draws: int = 2_000,
) -> Conclusion:
    """Conclude from runs of one policy on one kind of market.

    `trials`: how many configurations were tried to find this one, or all their daily Sharpe ratios
    (`deflation.daily_sharpe`). `draws`: of each significance test. Raises StatisticsError for runs
    that do not belong together.
    """
    policy = _one_policy(runs)
    trades = trades_of_runs(runs)
    boot = DayBootstrap.of_trades(trades, seed=seed)
    entries: dict[str, Entries] = {}
    with Waiting("Settling an entry at every minute", len(runs)) as waiting:
        for run in runs if len(trades) else ():
            entries[run.symbol] = entries_of(run)
            waiting.step()
    return Conclusion(
        policy=policy,
        trades=trades,
        summary=summarise(trades, draws=boot),
        draws=boot,
        shift=shift_test(trades, entries, draws=draws, seed=seed),
        random=random_test(trades, entries, draws=draws, seed=seed),
        deflated=_deflated(trades, trials),
        tried=trials if isinstance(trials, int) else len(trials),
        verdicts=dict(sum((Counter(run.verdicts) for run in runs), Counter[str]())),
        seed=seed,
        coarse=runs[0].feed.coarse,
    )


def _one_policy(runs: Sequence[RunLike]) -> ParameterSet:
    if not runs:
        raise StatisticsError("no runs: there is nothing to conclude from.")
    digests = sorted({run.policy.digest for run in runs})
    markets = sorted({run.feed.market for run in runs})
    symbols = Counter(run.symbol for run in runs)
    if len(digests) > 1:
        raise StatisticsError(f"runs of policies {', '.join(digests)}: conclude from each alone.")
    if len(markets) > 1:
        raise StatisticsError(f"runs of {' and '.join(markets)} markets: conclude from each alone.")
    twice = [symbol for symbol, count in symbols.items() if count > 1]
    lengths = sorted({run.feed.coarse or "1m" for run in runs}, key=INTERVALS.index)
    if len(lengths) > 1:
        raise StatisticsError(f"runs on bars of {' and '.join(lengths)}: conclude from each alone.")
    if twice:
        raise StatisticsError(f"{twice[0]} has {symbols[twice[0]]} runs: give one run a symbol.")
    return runs[0].policy


def _deflated(trades: Trades, trials: Sequence[float] | int) -> Estimate:
    daily = trades.daily_net()
    refused = too_few(len(trades), len(daily))
    value = None if refused else deflated_sharpe(daily, trials)
    return Estimate(value, len(daily), reason=refused or ("" if value is not None else "constant"))


def _compared(null: Null) -> str:
    mean, won = null.net.mean() * 1e4, null.win_rate.mean() * 100
    return (
        f"{null.method.capitalize()}, same exits: {_minus(f'{mean:+.1f}')} bps and {won:.0f} % won "
        f"on average; p = {null.p_net:.2g} ({len(null.net):,} draws)."
    )


def _bps(estimate: Estimate) -> str:
    return _with_interval(estimate, lambda x: f"{x * 1e4:+.1f}", " bps")


def _pct(estimate: Estimate) -> str:
    return _with_interval(estimate, lambda x: f"{x * 100:.0f}", " %")


def _with_interval(estimate: Estimate, shown: Callable[[float], str], unit: str) -> str:
    if estimate.value is None:
        return "–"
    text = shown(estimate.value) + unit
    if estimate.low is not None and estimate.high is not None:
        text += f" (95 %: {shown(estimate.low)} to {shown(estimate.high)})"
    return _minus(text)


def _minus(text: str) -> str:
    return text.replace("-", "−")
