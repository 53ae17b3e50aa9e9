"""The events of the newest signals, for feed readers."""

from typing import TYPE_CHECKING, Final, Self

from signalengine.signals import Direction, Signal
from signalengine.text.messages import closed_text, opened_text

from ...stores.pagination import Place
from ..syndication import Entry
from .signals import SignalQueries

if TYPE_CHECKING:
    from ..services import Services

MOST_PAGES: Final = 4
"""So many pages of signals are read for a feed whose score excludes most of them."""


class FeedEvents:
    """Openings and closings of published signals."""

    def __init__(self, signals: SignalQueries) -> None:
        self._signals = signals

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(services.query(SignalQueries))

    def newest(
        self,
        limit: int,
        *,
        symbol: str | None = None,
        direction: Direction | None = None,
        strategy: str | None = None,
        min_score: float = 0.0,
    ) -> list[Entry]:
        """Return the entries of the newest `limit` signals, the newest entry first.

        A signal's opening and its closing are an entry each. Signals in shadow have none.
        """
        found: list[Signal] = []
        cursor: Place | None = None
        for _ in range(MOST_PAGES):
            page = self._signals.found(
                symbol, limit, cursor, direction=direction, strategy=strategy
            )
            signals = (stored.signal for stored in page.rows)
            found += [one for one in signals if not one.shadow and one.score >= min_score]
            cursor = page.after
            if cursor is None or len(found) >= limit:
                break
        entries = [entry for signal in found[:limit] for entry in entries_of(signal)]
        return sorted(entries, key=lambda one: (one.published, one.event_id), reverse=True)


def entries_of(signal: Signal) -> list[Entry]:
    """Return a signal's entries: its opening, and its closing once it is closed (pure)."""
    return [
        Entry(
            event_id=f"{signal.signal_id}#{kind}",
            signal_id=signal.signal_id,
            published=time,
            text=text,
            categories=(signal.symbol, signal.direction, kind),
        )
        for kind, time, text in _events(signal)
    ]


def _events(signal: Signal) -> list[tuple[str, int, str]]:
    found = [("opened", signal.close_time, opened_text(signal))]
    if signal.settlement is not None:
        found.append(("closed", signal.settlement.closed_at, closed_text(signal)))
    return found
