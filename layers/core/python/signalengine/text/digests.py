"""The text of a digest, as Telegram HTML like that of `messages`."""

from ..digests import Closing, Digest, Opening
from ..signals import Outcome
from .formatting import (
    SIDES,
    copied,
    joined,
    label,
    note,
    plain,
    position,
    ratio,
    return_pct,
    score,
    when,
    whole,
)
from .languages import counted, t
from .messages import outcome_mark, result_text


def digest_text(digest: Digest, dashboard: str = "") -> str:
    """Return the message of a digest; `dashboard` is the address of the list of all signals."""
    return joined(
        label(digest.market) + _head(digest.size),
        note(digest.market),
        *_openings(digest),
        *_closings(digest),
        "",
        f"⏰ {_span(digest)}",
        t("📋 All of them: {link}", link=plain(dashboard, 200)) if dashboard else None,
    )


def _openings(digest: Digest) -> list[str]:
    if not digest.opened:
        return []
    sides = [
        f"{mark} {whole(digest.opened.get(side, 0))} {t(side)}" for side, mark in SIDES.items()
    ]
    rest = digest.openings - len(digest.top)
    return [
        "",
        t("<b>{n} opened</b>: {sides}", n=whole(digest.openings), sides=" · ".join(sides)),
        *(_opening(number, one) for number, one in enumerate(digest.top, start=1)),
        *([t("and {rest} more with lower scores", rest=whole(rest))] if rest else []),
    ]


def _opening(number: int, one: Opening) -> str:
    levels = (one.entry_price, one.tp_price, one.sl_price)
    entry, tp, sl = (copied(value, one.tick_size) for value in levels)
    mark, title = SIDES[one.direction], position(one.direction, one.symbol)
    of = f" · {plain(one.strategy, 90)}" if one.strategy else ""
    line = t("   Entry {entry} · TP {tp} · SL {sl}", entry=entry, tp=tp, sl=sl)
    reward = "" if one.reward_r is None else f" · R:R {ratio(one.reward_r)}"
    return f"{number}. {mark} <b>{title}</b> {score(one.score)}{of}\n{line}{reward}"


def _closings(digest: Digest) -> list[str]:
    if not digest.closed:
        return []
    counts = [
        f"{mark} {whole(digest.closed[outcome.value])} {word}"
        for outcome in Outcome
        for mark, word in (outcome_mark(outcome),)
        if digest.closed.get(outcome.value)
    ]
    rest = digest.closings - len(digest.results)
    average = return_pct(round(digest.net_sum / digest.closings))
    return [
        "",
        t("<b>{n} closed</b>: {counts}", n=whole(digest.closings), counts=" · ".join(counts)),
        t("Average return: <b>{average}</b> net", average=average),
        *map(_closing, digest.results),
        *([t("and {rest} more with smaller returns", rest=whole(rest))] if rest else []),
    ]


def _closing(one: Closing) -> str:
    mark, word = outcome_mark(one.outcome)
    title = position(one.direction, one.symbol)
    line = t("{title}: {net} net", title=title, net=return_pct(one.net_return))
    return f"{mark} {word} - {line}" + result_text(one.result_r)


def _span(digest: Digest) -> str:
    begin, end = when(digest.begin), when(digest.end)
    return begin if begin == end else t("{begin} to {end}", begin=begin, end=end)


def _head(size: int) -> str:
    return counted(
        "📚 <b>{n} signal in one message</b>",
        "📚 <b>{n} signals in one message</b>",
        size,
        n=whole(size),
    )
