"""Compares what was stored, published and delivered with the backtest of the same bars.

Expected is what the engine computes from the records of the stream, as `signalengine audit parity`
does; the records themselves are compared with the exchange's bars. Findings are broken promises.
What may come twice on purpose is counted apart: a message of Telegram whose answer was lost (the
window from its first byte to its mark), a publication, a message of a WebSocket.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from signalengine.signals import RETURN_SCALE, Signal
from signalengine.stats.performance import SUMS, Performance, add

from infra.local.replay.report import expected_events
from research.audit import Difference

from .evidence import Evidence, Handed, Sent

SHOWN: Final = 20
"""Findings of one kind that the report spells out."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the backtest of the stream's bars has, and how the stored data differs from it."""

    decisions: int
    signals: Sequence[Signal]
    differences: Sequence[Difference]
    problem: str = ""
    """Why there is nothing to compare with, "" when there is."""


@dataclass(slots=True)
class Reckoning:
    """The numbers of the report, and the broken promises in words."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    duplicated: dict[str, int] = field(default_factory=dict)
    on_purpose: dict[str, int] = field(default_factory=dict)
    """What came more than once and may."""
    drift: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    slowest_s: dict[str, float | None] = field(default_factory=dict)

    def find(self, kind: str, rows: Iterable[object]) -> int:
        """Add findings of one kind; returns how many there are."""
        listed = [str(row) for row in rows]
        self.findings += [f"{kind}: {row}" for row in listed[:SHOWN]]
        if len(listed) > SHOWN:
            self.findings.append(f"{kind}: and {len(listed) - SHOWN} more")
        return len(listed)


def reckon(evidence: Evidence, expected: Expected) -> Reckoning:
    """Return the comparison."""
    out = Reckoning()
    if expected.problem:
        out.find("not comparable", [expected.problem])
        expected = replace(expected, signals=evidence.seen.signals)  # the rest still is
    _stored(out, evidence, expected)
    _published(out, evidence, expected)
    _delivered(out, evidence, expected)
    _received(out, evidence, expected)
    _left_over(out, evidence)
    out.drift = list(_drift(evidence))
    out.find("statistics", out.drift)
    return out


def _stored(out: Reckoning, evidence: Evidence, expected: Expected) -> None:
    seen = evidence.seen
    out.lost["bars"] = out.find("bar lost", evidence.bars_missing)
    out.find("bar is not the exchange's", evidence.bars_wrong)
    out.lost["decisions"] = max(0, expected.decisions - len(seen.decisions))
    out.lost["signals"] = len(_ids(expected.signals) - _ids(seen.signals))
    out.lost["outcomes"] = len(_settled(expected.signals) - _settled(seen.signals))
    out.find("differs from the backtest", expected.differences)
    out.counts["expected"] = _counts(expected.signals, expected.decisions)
    out.counts["stored"] = _counts(seen.signals, len(seen.decisions))


def _published(out: Reckoning, evidence: Evidence, expected: Expected) -> None:
    due = set(expected_events(expected.signals))
    out.lost["published"] = out.find("not published", sorted(due - evidence.published.keys()))
    out.find("published and not expected", sorted(evidence.published.keys() - due))
    out.on_purpose["published again"] = sum(n - 1 for n in evidence.published.values())
    out.counts["published"] = _of_events(evidence.published)


def _delivered(out: Reckoning, evidence: Evidence, expected: Expected) -> None:
    """Compare the messages in the chats with the deliveries as stored, and both with the events."""
    due = set(expected_events(expected.signals))
    rows = {row.event_id: row for row in evidence.handed if row.status == "delivered"}
    arrived = _by_event(evidence.sent, rows)
    out.lost["telegram"] = out.find("not delivered", sorted(due - rows.keys()))
    out.find("marked and not in the chat", sorted(rows.keys() - arrived.keys()))
    out.find("delivered and not expected", sorted(arrived.keys() - due))
    doubtful = {row.event_id: row.possible_duplicates for row in evidence.digests}
    beyond, within = 0, 0
    for event, messages in arrived.items():
        again = len(messages) - 1
        row = rows.get(event)
        allowed = row.possible_duplicates + doubtful.get(row.digest or "", 0) if row else 0
        within += min(again, allowed)
        if again > allowed:
            beyond += out.find(
                "sent twice", [f"{event}: {again + 1} times, {allowed} of them allowed"]
            )
    out.duplicated["telegram"] = beyond
    out.on_purpose["Telegram, in the window from the first byte to the mark"] = within
    out.find("closing without a reply to its opening", _without_reply(arrived, rows))
    out.counts["delivered"] = _of_events(rows)
    out.slowest_s["Telegram"] = _slowest(
        evidence, {row.event_id: _time_of(evidence.sent, row.message_id) for row in rows.values()}
    )


def _received(out: Reckoning, evidence: Evidence, expected: Expected) -> None:
    """Each client has each signal's newest event, which holds the whole signal."""
    newest = {event.partition("#")[0]: event for event in expected_events(expected.signals)}
    for number, rows in enumerate(evidence.received, start=1):
        there = Counter(row.event_id for row in rows)
        missing = sorted(event for event in newest.values() if event not in there)
        out.lost[f"client {number}"] = out.find(f"WebSocket client {number} lacks", missing)
        again = sum(n - 1 for n in there.values())
        out.on_purpose["WebSocket"] = out.on_purpose.get("WebSocket", 0) + again
    times = [
        _slowest(evidence, {row.event_id: row.at for row in reversed(rows)})
        for rows in evidence.received
    ]
    out.slowest_s["WebSocket"] = max((time for time in times if time is not None), default=None)


def _left_over(out: Reckoning, evidence: Evidence) -> None:
    seen = evidence.seen
    if seen.overdue:
        out.find("left unsettled", [f"{seen.overdue} signals"])
    if evidence.waiting:
        out.find("left in the queue", [f"{evidence.waiting} messages"])
    out.find("dead letter", evidence.letters)
    out.find("IAM", evidence.denied)
    if evidence.unreadable:
        out.find("unreadable on the stream", [f"{evidence.unreadable} records"])


def _drift(evidence: Evidence) -> Iterator[str]:
    """Yield the stored statistics that a recount of the stored signals does not give."""
    rows: dict[tuple[str, str], Performance] = defaultdict(Performance.empty)
    for signal in evidence.seen.signals:
        if signal.settlement is not None:
            place = signal.stats_key, signal.symbol
            rows[place] = add(rows[place], signal.settlement, signal.direction)
    for place, row in rows.items():
        item = evidence.statistics.get(place, {})
        for name in (*SUMS, "version"):
            stored, counted = int(item.get(name) or 0), getattr(row, name)
            if stored != counted:
                yield f"{place[1]} {name} is {stored}, and a recount {counted}"


def drift(undisturbed: Sequence[Signal], stored: Sequence[Signal]) -> dict[str, float]:
    """Return how far the signals are from those of a feed that nothing disturbed.

    A bar that was incomplete when it was decided, as the ingest task was away, may decide
    otherwise; each says so in its quality, so this is no finding.
    """
    mine, other = ({one.signal_id: one for one in signals} for signals in (stored, undisturbed))
    both = mine.keys() & other.keys()
    outcomes = [one for one in both if mine[one].status != other[one].status]
    return {
        "undisturbed": len(other),
        "only undisturbed": len(other.keys() - both),
        "only here": len(mine.keys() - both),
        "other outcomes": len(outcomes),
        "net of a signal, bps": _mean_net_bps(stored),
        "undisturbed net of a signal, bps": _mean_net_bps(undisturbed),
    }


def _mean_net_bps(signals: Sequence[Signal]) -> float:
    nets = [one.settlement.net_return for one in signals if one.settlement is not None]
    return round(sum(nets) / len(nets) / RETURN_SCALE * 10_000, 2) if nets else 0.0


def _by_event(sent: Iterable[Sent], rows: Mapping[str, Handed]) -> dict[str, list[Sent]]:
    """Return the messages of each event: by its mark, else a reply is a closing.

    A message with the text of a digest is that digest, once more.
    """
    sent = list(sent)
    out: dict[str, list[Sent]] = defaultdict(list)
    marked: dict[int | None, list[str]] = defaultdict(list)
    for event, row in rows.items():
        marked[row.message_id].append(event)
    digests = {row.message_id for row in rows.values() if row.digest}
    copies = {one.text: marked[one.message_id] for one in sent if one.message_id in digests}
    for one in sent:
        kind = "opened" if one.reply_to is None else "closed"
        named = [f"{one.signal_id}#{kind}"] if one.signal_id else []
        for event in marked.get(one.message_id) or copies.get(one.text) or named:
            out[event].append(one)
    return dict(out)


def _without_reply(
    arrived: Mapping[str, Sequence[Sent]], rows: Mapping[str, Handed]
) -> Iterator[str]:
    for event, messages in arrived.items():
        opening = rows.get(event.replace("#closed", "#opened")) if event in rows else None
        if event.endswith("#closed") and opening is not None and not rows[event].digest:
            ids = {one.message_id for one in arrived.get(opening.event_id, ())}
            if any(one.reply_to not in ids for one in messages):
                yield event


def _slowest(evidence: Evidence, at: Mapping[str, float | None]) -> float | None:
    """Return the longest time (s) from a bar's closing kline to the message of its opening."""
    delays = []
    for signal in evidence.seen.signals:
        start = evidence.seen.sent_at.get((signal.symbol, signal.close_time))
        end = at.get(f"{signal.signal_id}#opened")
        if start is not None and end is not None:
            delays.append((end - start) / 1000)
    return round(max(delays), 1) if delays else None


def _time_of(sent: Iterable[Sent], message_id: int | None) -> float | None:
    return next((one.at for one in sent if one.message_id == message_id), None)


def _ids(signals: Iterable[Signal]) -> set[str]:
    return {signal.signal_id for signal in signals}


def _settled(signals: Iterable[Signal]) -> set[str]:
    return {signal.signal_id for signal in signals if signal.settlement is not None}


def _counts(signals: Sequence[Signal], decisions: int) -> dict[str, int]:
    return {
        "decisions": decisions,
        "openings": len(signals),
        "closings": len(_settled(signals)),
    }


def _of_events(events: Iterable[str]) -> dict[str, int]:
    ends = Counter(event.rpartition("#")[2] for event in events)
    return {"openings": ends["opened"], "closings": ends["closed"]}
