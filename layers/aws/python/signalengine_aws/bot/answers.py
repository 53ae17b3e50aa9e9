"""The bot's answers to commands that only read; they use the queries of the HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from signalengine.policy import CLASSIC
from signalengine.text.formatting import joined, listed, plain
from signalengine.text.languages import t
from signalengine.text.messages import Buttons
from signalengine.text.reasons import reason
from signalengine.text.replies import (
    EngineStatus,
    explain_text,
    performance_text,
    signals_text,
    stats_text,
    status_text,
    top_text,
)
from signalengine.text.symbol_reader import (
    SymbolError,
    UnknownSymbolError,
    find_symbol,
    read_symbol,
    split_symbols,
)

from ..chat.questions import SIGNAL_ID
from ..runtime.clock import Clock
from ..stores.pagination import Place

_SHOWN: Final = 6
"""Signals of one page: as many as fit on a phone."""
MAX_DATA_BYTES: Final = 64
_LONGEST: Final = 300
_ID_OR_SYMBOL: Final = (
    "Which one? Like /explain BTCUSDT, /explain latest, or the id at the end of a signal's message."
)
_SEARCHED: Final = 20
"""Newest signals of a symbol, of which one may be open."""
_NO_SIGNAL: Final = "There is no signal with this id."
_ENDED: Final = (
    "No open signal: /size needs one, for its entry and stop. /signals shows the newest."
)
_NEWEST: Final = ("latest", "newest", "last")


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

    def stats(self, strategy: str | None = None) -> dict[str, Any]: ...

    def strategies(self) -> tuple[str, ...]: ...

    def performance_stats(self) -> dict[str, Any]: ...

    def signal(self, signal_id: str) -> dict[str, Any] | None: ...


class Feed(Protocol):
    """The port: the newest heartbeat as stored, None before the first."""

    def heartbeat(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class _Named:
    """The symbol that a command names; `unknown` says that it is not followed, if so."""

    symbol: str
    note: str | None = None
    unknown: str | None = None

    def reply(self, reply: Reply, *, empty: bool) -> Reply:
        """Return a reply about the symbol; one without data says that it is not followed."""
        if empty and self.unknown is not None:
            return Reply(plain(reason(self.unknown), _LONGEST))
        note = None if self.note is None else f"<i>{plain(reason(self.note), _LONGEST)}</i>"
        return Reply(joined(reply.text, note), reply.buttons)


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
        return Reply(top_text(self._api.top(10), self._market()), (((t("🔄 Again"), "top"),),))

    def strategies(self) -> tuple[str, ...]:
        """Return the parameter sets whose signals are published, or were."""
        return self._api.strategies()

    def stats(self, words: str = "") -> Reply:
        """Return how signals have ended: those of `classic`, or of the set that is named."""
        written = words.lower().split()
        known = self.strategies() if written else ()
        name = next((word for word in written if word in known or "@" in word), CLASSIC)
        if name == CLASSIC:
            return Reply(stats_text(self._api.stats()))
        if name not in known:
            none = "There is no strategy {name}. There are: {names}."
            return Reply(t(none, name=plain(name, 90), names=listed(known)))
        return Reply(stats_text(self._api.stats(name), name))

    def signals(self, words: str = "", after: Place | None = None) -> Reply:
        """Return a page of signals, of the symbol that the words begin with."""
        try:
            named = self._named(words) if words else None
        except SymbolError as error:
            return Reply(plain(reason(str(error)), _LONGEST))
        symbol = None if named is None else named.symbol
        page = self._api.signals(symbol, _SHOWN, after)
        text = signals_text(page["signals"], symbol, older=after is not None)
        if named is not None:
            return named.reply(Reply(text), empty=not page["signals"])
        older = _older(page["cursor"]) if page["cursor"] else ""
        row = [(t("⏮ Newest"), "signals")] if after is not None else []
        if older and len(older.encode()) <= MAX_DATA_BYTES:
            row.append((t("Older ▶"), older))
        return Reply(text, (tuple(row),) if row else ())

    def older_of_set(self, after: Place) -> Reply:
        """Return the page after a signal of another set, whose name has no room in a button."""
        found = self._api.signal(after.name or "")
        name = CLASSIC if found is None else str(found["signal"]["strategy"])
        return self.signals(after=after._replace(strategy="" if name == CLASSIC else name))

    def performance(self, words: str) -> Reply:
        if not words:
            return Reply(t("Which one? Like /performance BTCUSDT."))
        try:
            named = self._named(words)
        except SymbolError as error:
            return Reply(plain(reason(str(error)), _LONGEST))
        row = self._api.performance_stats().get(named.symbol)
        text = performance_text(named.symbol, row, self._market())
        return named.reply(Reply(text), empty=row is None or not row["total_signals"])

    def explain(self, words: str) -> Reply:
        """Return why a signal opened: one by its id, the newest, or the newest of a symbol."""
        word = words.split()[0].lower() if words else ""
        if not word:
            return Reply(t(_ID_OR_SYMBOL))
        if SIGNAL_ID.fullmatch(word):
            return self._explained(word)
        if word in _NEWEST:
            rows = self._api.signals(None, 1)["signals"]
            return self._explained(rows[0]["id"]) if rows else Reply(signals_text([]))
        try:
            named = self._named(words)
        except SymbolError as error:
            return Reply(plain(reason(str(error)), _LONGEST))
        rows = self._api.signals(named.symbol, 1)["signals"]
        text = signals_text([], named.symbol)
        reply = self._explained(rows[0]["id"]) if rows else Reply(text)
        return named.reply(reply, empty=not rows)

    def size(self, words: str) -> Reply:
        """Return a position size for a signal by its id, or for the newest one of a symbol."""
        from signalengine.exits.position_size import PositionSizeError  # used by this alone
        from signalengine.text.position_sizes import SIZE_USAGE, read_wanted, size_text

        first, _, rest = words.partition(" ")
        if not rest:
            return Reply(t(SIZE_USAGE))
        try:
            wanted = read_wanted(rest)
            row, missing = self._signal_of(first)
            if row is None:
                return missing
            followed = self._api.symbols()
            lot = followed["lot_sizes"].get(row["symbol"])
            tick = row.get("tick_size") or followed["tick_sizes"].get(row["symbol"])
            return Reply(size_text(row, wanted, followed["costs"], lot, tick))
        except (PositionSizeError, SymbolError) as error:
            return Reply(plain(reason(str(error)), _LONGEST))

    def _signal_of(self, word: str) -> tuple[dict[str, Any] | None, Reply]:
        """Return the open signal that a word names, else the reply that says why there is none."""
        if SIGNAL_ID.fullmatch(word.lower()):
            found = self._api.signal(word.lower())
            if found is None:
                return None, Reply(t(_NO_SIGNAL))
            row: dict[str, Any] = found["signal"]
            return row if row["status"] == "open" else None, Reply(t(_ENDED))
        named = self._named(word)
        rows = self._api.signals(named.symbol, _SEARCHED)["signals"]
        if not rows:
            return None, named.reply(Reply(signals_text([], named.symbol)), empty=True)
        return next((row for row in rows if row["status"] == "open"), None), Reply(t(_ENDED))

    def _explained(self, signal_id: str) -> Reply:
        found = self._api.signal(signal_id)
        if found is None:
            return Reply(t(_NO_SIGNAL))
        return Reply(explain_text(found))

    def _named(self, words: str) -> _Named:
        """Return the symbol that the words begin with; raises SymbolError."""
        first = (split_symbols(words) or [words])[0]
        try:
            found = find_symbol(first, self.followed())
        except UnknownSymbolError as error:
            return _Named(read_symbol(first), unknown=str(error))
        return _Named(found.symbol, found.note)

    def _market(self) -> str | None:
        beat = self._feed.heartbeat()
        return None if beat is None else str(beat["market"])


def _older(cursor: str) -> str:
    """Return the data of the button to the page after a cursor."""
    from ..api.parameters import read_cursor, write_cursor  # used for this button alone

    place = read_cursor(cursor)
    if not place.strategy:
        return f"old:{cursor}"
    return f"own:{write_cursor(place._replace(strategy=''))}"


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
