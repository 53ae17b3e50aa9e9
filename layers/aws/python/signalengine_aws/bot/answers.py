"""The bot's answers to commands that only read; they use the queries of the HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from signalengine.text.messages import Buttons
from signalengine.text.replies import (
    EngineStatus,
    explain_text,
    performance_text,
    signals_text,
    stats_text,
    status_text,
    top_text,
)

from ..chat.tools import SIGNAL_ID, SYMBOL
from ..runtime.clock import Clock
from ..stores.pagination import Place

_SHOWN: Final = 6
"""Signals of one page: as many as fit on a phone."""
MAX_DATA_BYTES: Final = 64
_ID_OR_SYMBOL: Final = (
    "Which one? Like /explain BTCUSDT, or the id at the end of a signal's message."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in Telegram HTML, with the buttons below it."""

    text: str
    buttons: Buttons = ()


class Api(Protocol):
    """The port: the queries of the HTTP API, so that both give the same answers."""

    def symbols(self) -> dict[str, Any]: ...

    def top(self, limit: int = ...) -> dict[str, Any]: ...

    def signals(
        self, symbol: str | None = None, limit: int = ..., cursor: Place | None = None
    ) -> dict[str, Any]: ...

    def stats(self) -> dict[str, Any]: ...

    def performance_stats(self) -> dict[str, Any]: ...

    def signal(self, signal_id: str) -> dict[str, Any] | None: ...


class Feed(Protocol):
    """The port: the newest heartbeat as stored, None before the first."""

    def heartbeat(self) -> dict[str, Any] | None: ...


class Answers:
    """Queries the data of a command and renders it."""

    def __init__(self, *, api: Api, feed: Feed, clock: Clock) -> None:
        self._api = api
        self._feed = feed
        self._clock = clock

    def followed(self) -> tuple[str, ...]:
        """Return the symbols that are followed now."""
        return tuple(str(symbol) for symbol in self._api.symbols()["symbols"])

    def status(self) -> Reply:
        return Reply(status_text(engine_status(self._feed.heartbeat()), self._clock()))

    def top(self) -> Reply:
        return Reply(top_text(self._api.top(10), self._market()), ((("🔄 Again", "top"),),))

    def stats(self) -> Reply:
        return Reply(stats_text(self._api.stats()))

    def signals(self, words: str = "", after: Place | None = None) -> Reply:
        """Return a page of signals, of the symbol that the words begin with."""
        symbol = self._symbol(words) if words else None
        page = self._api.signals(symbol, _SHOWN, after)
        text = signals_text(page["signals"], symbol, older=after is not None)
        older = f"old:{page['cursor']}"
        row = [("⏮ Newest", "signals")] if after is not None else []
        if symbol is None and page["cursor"] and len(older.encode()) <= MAX_DATA_BYTES:
            row.append(("Older ▶", older))
        return Reply(text, (tuple(row),) if row else ())

    def performance(self, words: str) -> Reply:
        symbol = self._symbol(words)
        if symbol is None:
            return Reply("Which one? Like /performance BTCUSDT.")
        return Reply(
            performance_text(symbol, self._api.performance_stats().get(symbol), self._market())
        )

    def explain(self, words: str) -> Reply:
        """Return why a signal opened: one by its id, or the newest of a symbol."""
        word = words.split()[0] if words else ""
        if SIGNAL_ID.fullmatch(word.lower()):
            return self._explained(word.lower())
        symbol = self._symbol(words)
        if symbol is None:
            return Reply(_ID_OR_SYMBOL)
        rows = self._api.signals(symbol, 1)["signals"]
        return self._explained(rows[0]["id"]) if rows else Reply(signals_text([], symbol))

    def _explained(self, signal_id: str) -> Reply:
        found = self._api.signal(signal_id)
        if found is None:
            return Reply("There is no signal with this id.")
        return Reply(explain_text(found))

    def _symbol(self, words: str) -> str | None:
        """Return the symbol that the words begin with, as written or with its quote."""
        word = words.split()[0].upper() if words else ""
        if not SYMBOL.fullmatch(word):
            return None
        followed = self.followed()
        return next((name for name in (word, f"{word}USDT") if name in followed), word)

    def _market(self) -> str | None:
        beat = self._feed.heartbeat()
        return None if beat is None else str(beat["market"])


def engine_status(beat: Mapping[str, Any] | None) -> EngineStatus | None:
    """Return the shown part of a stored heartbeat (`heartbeats.status`)."""
    if beat is None:
        return None
    return EngineStatus(
        received_at=int(beat["received_at"]),
        market_time=int(beat["time"]),
        market=beat["market"],
        symbols=beat["symbols"],
        stream_ages_ms=beat["stream_ages_ms"],
        reconnects=int(beat["reconnects"]),
        gaps=int(beat["gaps"]),
        backlog=int(beat["backlog"]),
        open_signals=int(beat["metrics"]["open_signals"]),
    )
