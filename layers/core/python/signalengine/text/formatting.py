"""How numbers, times and foreign words are written in what people read. Pure."""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil, log10
from typing import Final

from ..exits.ticks import MOST_SCALE, MOST_UNITS, scale_of
from ..signals import RETURN_SCALE
from .languages import ENGLISH, language, name_of, t

MAX_NAMES: Final = 12
"""Most symbols, components or events named in one message."""
LABELS: Final[Mapping[str, str]] = {
    "live": "",
    "recording": "📼 <b>RECORDING</b> ",
    "simulated": "🧪 <b>SIMULATED</b> ",
}
SIDES: Final[Mapping[str, str]] = {"long": "🟢", "short": "🔴"}
"""The sign of a direction."""
_MOST_DECIMALS: Final = 15
_JOINERS: Final = "\u200c\u200d"
_TIMES: Final = {ENGLISH: "%Y-%m-%d %H:%M:%S UTC", "es": "%d/%m/%Y %H:%M:%S UTC"}
_SPACES: Final = "\u00a0\u202f\u2007\u2009"
NOTES: Final[Mapping[str, str | None]] = {
    "live": None,
    "recording": "<i>A replay of past prices, not a live signal.</i>",
    "simulated": "<i>Invented prices, not a real signal.</i>",
}


_SIGNS: Final = {ENGLISH: (",", ".", 4), "es": (".", ",", 5)}
"""Between groups of digits, before decimals, and from how many digits on groups are written."""
_PERCENT: Final = {ENGLISH: "%", "es": "\u00a0%"}
_DOLLARS: Final = {ENGLISH: "${}", "es": "{}\u00a0$"}


def local(english: str) -> str:
    """Return a number in English writing, `1,234.50`, as the language writes it."""
    group, decimal, fewest = _SIGNS[language()]
    units, point, rest = english.partition(".")
    digits = len(units.lstrip("+-").replace(",", ""))
    units = units.replace(",", group if digits >= fewest else "")
    return f"{units}{decimal}{rest}" if point else units


def whole(value: float) -> str:
    """Return a number without decimals: `1,234`."""
    return local(fixed(value, 0))


def label(market: str | None) -> str:
    """Return what a message about a market that is not live begins with; "" for any other."""
    return t(LABELS.get(market or "", ""))


def note(market: str | None) -> str | None:
    """Return the line that says that prices are not live; None for those that are."""
    text = NOTES.get(market or "")
    return None if text is None else t(text)


def side_of(direction: str) -> str:
    """Return a direction in capitals, `LONG`."""
    return t(plain(direction.upper(), 5))


def price(value: float, tick: float | None = None) -> str:
    """Return a price with thousands separators: on its tick size, else by its digits.

    `63438.2` on 0.1 → `63,438.2`. Without a tick, and where the tick would show a price as zero: at
    least six significant digits and two decimals, without float noise.
    """
    return local(english_price(value, tick))


def english_price(value: float, tick: float | None = None) -> str:
    """Return a price in English writing."""
    scale = scale_of(tick) if tick is not None and 0.0 < tick < MOST_UNITS else MOST_SCALE
    if scale < MOST_SCALE:
        text = fixed(value, round(log10(scale)))
        if value == 0.0 or text.strip("-0.,"):
            return text
    mantissa, _, power = f"{value:.5e}".partition("e")
    exponent = int(power)
    if not -12 <= exponent < 15:
        return f"{mantissa.rstrip('0').rstrip('.')}e{power}"
    units, _, decimals = fixed(value, max(2, 5 - exponent)).partition(".")
    return f"{units}.{decimals.rstrip('0').ljust(2, '0')}"


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, rounded half away from zero: `1,234.50`.

    In English writing: `local` gives it in the language's.
    """
    top, bottom = abs(value).as_integer_ratio()
    units = (2 * top * 10**decimals + bottom) // (2 * bottom)
    ones, rest = divmod(units, 10**decimals)
    sign = "-" if value < 0.0 and units else ""
    return f"{sign}{ones:,}" + (f".{rest:0{decimals}d}" if decimals else "")


def percent(value: float) -> str:
    """Return `value` percent with its sign; a third decimal below 0.1, and never `-0.00%`."""
    text = fixed(value, 2 if abs(value) >= 0.1 else 3)
    if not text.strip("-0."):
        return local("0.00") + _PERCENT[language()]
    return local(f"{'+' if value > 0.0 else ''}{text}") + _PERCENT[language()]


def return_pct(units: int) -> str:
    """Return a stored return (integer of 1e-8) as percent."""
    return percent(units * 100 / RETURN_SCALE)


def percent_of(english: str) -> str:
    """Return a number in English writing as percent, without a sign."""
    return local(english) + _PERCENT[language()]


def score(value: float) -> str:
    """Return a fraction as percent with one decimal: 0.6542 → `65.4%`."""
    return local(fixed(value * 100.0, 1)) + _PERCENT[language()]


def points(value: float) -> str:
    """Return a component's score, or an event's strength, of 0 to 1 in whole points of 100."""
    return whole(value * 100.0)


def share(value: float) -> str:
    """Return a fraction as percent without needless decimals: `50%`, `52.5%`."""
    return _exact(value, 1)


def short_of(value: float, least: float, decimals: int = 1) -> tuple[str, str]:
    """Return a fraction that is less than is needed, and that: never as the same text.

    0.31 and 0.5 → `31%`, `50%`; 0.49996 and 0.5 → `49.996%`, `50%`.
    """
    texts = _exact(value, decimals), _exact(least, decimals)
    same = texts[0] == texts[1] and value != least and decimals < _MOST_DECIMALS
    return short_of(value, least, decimals + 1) if same else texts


def _exact(value: float, decimals: int) -> str:
    units, point, rest = fixed(value * 100.0, decimals).partition(".")
    return local(units + (point + rest).rstrip("0").rstrip(".")) + _PERCENT[language()]


def duration(ms: float) -> str:
    """Return the two largest units of a time span: `42 s`, `45 min`, `1 h 5 min`, `2 d 3 h`."""
    seconds = int(max(0.0, ms)) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 1:
        return f"{seconds} s"
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{whole(days)} d {hours % 24} h" if hours % 24 else f"{whole(days)} d"


def remaining(ms: float) -> str:
    """Return a time that is left, in whole minutes upwards from a minute on: `another 55 min`."""
    return t("another {span}", span=left(ms))


def left(ms: float) -> str:
    """Return a time that is left, in whole minutes upwards from a minute on: `55 min`."""
    over = max(0.0, ms)
    return duration(over + 999.0 if over <= 59_000.0 else over + 59_999.0)


def countdown(ms: float) -> str:
    """Return a time that is left, to the second in the last hour: `1 h 5 min`, `54 min 12 s`."""
    seconds = ceil(max(0.0, ms) / 1000.0)
    if not 60 <= seconds < 3600:
        return duration(seconds * 1000.0)
    return f"{seconds // 60} min {seconds % 60} s"


def multiple(value: float) -> str:
    """Return a distance in units of the risk: `1.25 R`."""
    return f"{local(fixed(value, 2))} R"


def ratio(reward: float) -> str:
    """Return what is risked to what may be gained: a target of 2 R is `1 : 2.00`."""
    return f"1 : {local(fixed(reward, 2))}"


def gain_text(pct: str, value: float | None) -> str:
    """Return a gain as a percentage and in R: `+2.22%, 4.50 R`; the percentage alone without R."""
    return pct if value is None else f"{pct}, {multiple(value)}"


def with_multiple(text: str, value: float | None) -> str:
    """Return a text with a gain in R after it, `+2.22% (4.50 R)`; as it is without one."""
    return text if value is None else f"{text} ({multiple(value)})"


def bare(value: float, tick: float | None = None) -> str:
    """Return a price as an order form takes it: as `price`, without separators, with a point."""
    return english_price(value, tick).replace(",", "")


def copied(value: float, tick: float | None = None) -> str:
    """Return a price that a tap on it in Telegram copies."""
    return f"<code>{bare(value, tick)}</code>"


def latency(ms: float) -> str:
    """Return a short time with its fractions: `340 ms`, `1.2 s`, then as a duration."""
    if ms < 999.5:
        return f"{whole(ms)} ms"
    return f"{local(fixed(ms / 1000.0, 1))} s" if ms < 59_950.0 else duration(max(ms, 60_000.0))


def dollars(usd: float) -> str:
    """Return US dollars: `$1,234.50`; amounts below a cent, except 0, as `< $0.01`."""
    return f"< {money(fixed(0.01, 2))}" if 0.0 < usd < 0.01 else money(fixed(usd, 2))


def money(english: str) -> str:
    """Return a number in English writing as an amount of US dollars."""
    return _DOLLARS[language()].format(local(english))


def when(ms: int) -> str:
    """Return a time (ms since the epoch) as `2026-02-16 14:30:15 UTC`."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime(_TIMES[language()])


def quoted(symbol: str, value: float, tick: float | None = None) -> str:
    """Return a price with the sign of its currency: `$63,438.2`."""
    return money(english_price(value, tick)) if "USD" in symbol else price(value, tick)


def position(direction: str, symbol: str) -> str:
    """Return a position's title: `LONG BTCUSDT`."""
    return f"{t(direction.upper())} {plain(symbol, 30)}"


def listed(names: Sequence[str]) -> str:
    shown = ", ".join(plain(name, 30) for name in names[:MAX_NAMES])
    rest = len(names) - MAX_NAMES
    return t("{shown} and {rest} more", shown=shown, rest=rest) if rest > 0 else shown


def words(name: str) -> str:
    return plain(name_of(name.replace("_", " ")), 40 if language() != ENGLISH else 30)


def plain(text: str, limit: int) -> str:
    """Return foreign text made harmless: one line, clipped, escaped.

    Joiners stay, which emojis and some scripts are written with; characters that change the
    direction of what follows do not.
    """
    clean = "".join(map(_harmless, text))
    clipped = clean if len(clean) <= limit else clean[: limit - 1] + "…"
    return html.escape(clipped, quote=False)


def _harmless(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character in _SPACES else "?"


def joined(*lines: str | None) -> str:
    """Join lines; None is left out, an empty one stays as a blank line."""
    return "\n".join(line for line in lines if line is not None)
