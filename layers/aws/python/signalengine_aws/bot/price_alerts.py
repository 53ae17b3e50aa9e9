"""The bot's price alerts: `/alert BTC 65000`, `/alerts`, `/alert off BTC`.

An alert is stored under the chat's address.
"""

import re
from collections.abc import Sequence
from typing import Final

from signalengine.facts.alerts import Alert, AlertError
from signalengine.text.formatting import joined, plain, quoted
from signalengine.text.languages import t
from signalengine.text.reasons import reason
from signalengine.text.symbol_reader import SymbolError, find_symbol

from ..delivery.price_alerts import (
    MOST_OF_ADDRESS,
    AlertRequests,
    Alerts,
    Market,
    NoPriceError,
    TooManyAlertsError,
    exchange_now,
)
from ..runtime.clock import Clock
from ..stores.alerts import StoredAlert
from .answers import Feed, Reply
from .preferences import PreferenceError

USAGE: Final = (
    "Like /alert BTC 65000: one message when the price reaches it, within 90 days. "
    "/alerts shows yours, /alert off BTC ends them."
)
_PRICE: Final = r"\$?((?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,12})?)(k?)\$?"
"""`65000`, `65,000.5`, `$65k`; compiled with its first use."""
_ENDS: Final = ("off", "remove", "delete", "cancel")
_ARROWS: Final = {"above": "⬆️", "below": "⬇️"}


class PriceAlerts:
    """Reads and changes the alerts of chats."""

    def __init__(self, alerts: Alerts, market: Market, feed: Feed, clock: Clock) -> None:
        now = lambda: exchange_now(feed.heartbeat(), clock)  # noqa: E731 - one line
        self._alerts, self._requests = alerts, AlertRequests(alerts, market, now, find_symbol)

    def answer(self, channel: str, command: str, words: str) -> Reply:
        """Answer `/alert`, `/alerts` or the button of an alert; raises PreferenceError."""
        first, _, rest = words.strip().partition(" ")
        if command == "alerts":
            return self._ended(channel, first) if first else self._list(channel)
        if not first:
            return self._list(channel)
        if first.lower() in _ENDS:
            return self._off(channel, rest.strip())
        symbol, _, price = words.strip().rpartition(" ")
        return self._added(channel, symbol.strip(), price)

    def _list(self, channel: str, note: str | None = None) -> Reply:
        mine = self._requests.of(channel)
        rows = [((f"✖️ {_shown(one.alert)}", f"set:alerts:{one.alert_id}"),) for one in mine]
        count = t("<b>Price alerts</b>: {n} of {most}", n=len(mine), most=MOST_OF_ADDRESS)
        press = t("A button ends its alert.") if mine else t(USAGE)
        again = ((t("🔄 Again"), "set:alerts"),)
        return Reply(joined(note, count, press), (*rows, again))

    def _added(self, channel: str, words: str, price: str) -> Reply:
        match = re.fullmatch(_PRICE, price.lower())
        if match is None or not words:
            raise PreferenceError(t(USAGE))
        level = float(match[1].replace(",", "")) * (1_000.0 if match[2] else 1.0)
        try:
            found = self._requests.add(channel, words, level)
        except SymbolError as error:
            raise PreferenceError(plain(reason(str(error)), 300)) from error
        except AlertError as error:
            raise PreferenceError(plain(reason(str(error)), 200)) from error
        except NoPriceError as error:
            symbol = plain(error.symbol, 30)
            text = t("There is no price of {symbol} yet.", symbol=symbol)
            raise PreferenceError(text) from error
        except TooManyAlertsError as error:
            if not error.own:
                raise PreferenceError(t("There are too many price alerts already.")) from None
            text = t("This chat has {n} price alerts: end one first.", n=MOST_OF_ADDRESS)
            return self._list(channel, text)
        return _set(found.new, found.last)

    def _off(self, channel: str, words: str) -> Reply:
        """End the alerts of a symbol, or all of the chat."""
        mine = self._requests.of(channel)
        if words.lower() not in ("", "all"):
            symbol = _symbol(words, [*{one.alert.symbol for one in mine}])
            mine = [one for one in mine if one.alert.symbol == symbol]
        elif not words:
            raise PreferenceError(t("Which one? Like /alert off BTC, or /alert off all."))
        self._alerts.remove(mine)
        return self._list(channel, t("Ended: {n}.", n=len(mine)))

    def _ended(self, channel: str, alert_id: str) -> Reply:
        """End one alert; one that is over already is no error."""
        self._requests.end(channel, [alert_id])
        return self._list(channel)


def _set(new: StoredAlert, last: float) -> Reply:
    """Return the answer to a request whose alert is stored."""
    alert = new.alert
    now = quoted(alert.symbol, last, alert.tick_size)
    done = t("🎯 {alert}: set. The price now is {price}.", alert=_shown(alert), price=now)
    return Reply(
        joined(done, t("One message when a minute reaches it, from the next minute on.")),
        (((t("✖️ End it"), f"set:alerts:{new.alert_id}"),),),
    )


def _symbol(words: str, known: Sequence[str]) -> str:
    try:
        return find_symbol(words, known).symbol
    except SymbolError as error:
        raise PreferenceError(plain(reason(str(error)), 300)) from error


def _shown(alert: Alert) -> str:
    price = quoted(alert.symbol, alert.price, alert.tick_size)
    return f"{plain(alert.symbol, 30)} {_ARROWS[alert.direction]} {price}"
