"""The text of a digest, as Telegram HTML like that of `messages`."""

from ..digests import Closing, Digest, Opening
from ..signals import Outcome
from .formatting import (
    LABELS,
    NOTES,
    SIDES,
    copied,
    joined,
    plain,
    position,
    return_pct,
    score,
    when,
)
from .messages import outcome_mark


def digest_text(digest: Digest, dashboard: str = "") -> str:
    """Return the message of a digest; `dashboard` is the address of the list of all signals."""
    return joined(
        f"{LABELS[digest.market]}📚 <b>{_count(digest.size, 'signal')} in one message</b>",
        NOTES[digest.market],
        *_openings(digest),
        *_closings(digest),
        "",
        f"⏰ {_span(digest)}",
        f"📋 All of them: {plain(dashboard, 200)}" if dashboard else None,
    )


def _openings(digest: Digest) -> list[str]:
    if not digest.opened:
        return []
    sides = [f"{mark} {digest.opened.get(side, 0):,} {side}" for side, mark in SIDES.items()]
    rest = digest.openings - len(digest.top)
    return [
        "",
        f"<b>{digest.openings:,} opened</b>: {' · '.join(sides)}",
        *(_opening(number, one) for number, one in enumerate(digest.top, start=1)),
        *([f"and {rest:,} more with lower scores"] if rest else []),
    ]


def _opening(number: int, one: Opening) -> str:
    levels = (one.entry_price, one.tp_price, one.sl_price)
    entry, tp, sl = (copied(value, one.tick_size) for value in levels)
    mark, title = SIDES[one.direction], position(one.direction, one.symbol)
    of = f" · {plain(one.strategy, 90)}" if one.strategy else ""
    return (
        f"{number}. {mark} <b>{title}</b> {score(one.score)}{of}\n"
        f"   Entry {entry} · TP {tp} · SL {sl}"
    )


def _closings(digest: Digest) -> list[str]:
    if not digest.closed:
        return []
    counts = [
        f"{mark} {digest.closed[outcome.value]:,} {word}"
        for outcome in Outcome
        for mark, word in (outcome_mark(outcome),)
        if digest.closed.get(outcome.value)
    ]
    rest = digest.closings - len(digest.results)
    average = return_pct(round(digest.net_sum / digest.closings))
    return [
        "",
        f"<b>{digest.closings:,} closed</b>: {' · '.join(counts)}",
        f"Average return: <b>{average}</b> net",
        *map(_closing, digest.results),
        *([f"and {rest:,} more with smaller returns"] if rest else []),
    ]


def _closing(one: Closing) -> str:
    mark, word = outcome_mark(one.outcome)
    title = position(one.direction, one.symbol)
    return f"{mark} {word} - {title}: {return_pct(one.net_return)} net"


def _span(digest: Digest) -> str:
    begin, end = when(digest.begin), when(digest.end)
    return begin if begin == end else f"{begin} to {end}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
