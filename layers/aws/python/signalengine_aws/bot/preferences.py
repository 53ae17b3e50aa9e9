"""Preferences as text: reading what users write, and showing what is set (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from signalengine.policy import CLASSIC
from signalengine.signals import DIRECTIONS
from signalengine.text.formatting import joined, listed, plain, points, remaining, share
from signalengine.text.languages import ENGLISH, LANGUAGES, known_language, t
from signalengine.text.messages import Buttons
from signalengine.text.reasons import reason
from signalengine.text.symbol_reader import SymbolError, find_symbol, split_symbols

from ..delivery.subscriptions import LOUDNESS, MAX_SYMBOLS, Subscription, quiet, zone_name
from .normal import typed
from .time_zones import ZoneError, read_zone_name, zone_refusal

LONGEST_MUTE_MS: Final = 30 * 86_400_000
_MINUTE_MS: Final = 60_000
_UNITS_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_SPAN: Final = re.compile(r"(\d{1,4})\s*([mhdw])")
_HOUR: Final = r"(\d{1,2})(?:\s*[:.h]\s*(\d\d)?)?\s*(am|pm|a\.m\.|p\.m\.|h|uhr)?"
_HOURS: Final = rf"(?:from|between)?\s*{_HOUR}\s*(?:-|to|until|till|and)\s*{_HOUR}"
"""Compiled with its first use: a hundredth of a cold start."""
_NAMED_HOURS: Final = {"midnight": "0", "noon": "12"}
_NEVER: Final = ("off", "none", "no", "never")
_HALF_DAY: Final = 12
_MINIMUM: Final = re.compile(r"(\d{1,3})%?")
_MARKS: Final = {"on": "🔔", "silent": "🔈", "off": "🚫"}
_KINDS: Final = {"opened": "Openings", "closed": "Closings"}


class PreferenceError(ValueError):
    """A text that sets no preference; the message shows the user what would."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that `/subscribe` was given; the defaults filter nothing."""

    symbols: tuple[str, ...] = ()
    direction: Any = None
    min_score: float = 0.0
    strategies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Which other symbols could have been meant."""


def read_filters(
    text: str, followed: Sequence[str], strategies: Sequence[str] = (CLASSIC,)
) -> Filters:
    """Read `BTC ETHUSDT long min 60`; raises PreferenceError with the unknown word.

    `strategies` are the parameter sets: each of them is a filter, and `donchian` all of its sets.
    """
    known = {*strategies, *(name.partition("@")[0] for name in strategies)}
    found = Filters()
    words = split_symbols(typed(text))
    while words:
        written = words.pop(0)
        word = written.lower()
        if word in DIRECTIONS:
            found = replace(found, direction=word)
        elif word in ("min", "score", "≥", ">="):
            found = replace(found, min_score=_score(words.pop(0) if words else ""))
        elif word in known:
            found = replace(found, strategies=(*found.strategies, word))
        elif word not in ("all", "both", "and"):
            found = _with_symbol(found, written, followed)
    if len(found.symbols) > MAX_SYMBOLS:
        raise PreferenceError(
            t("At most {n} symbols, please; without any you get all.", n=MAX_SYMBOLS)
        )
    return replace(
        found,
        symbols=tuple(dict.fromkeys(found.symbols)),
        strategies=tuple(dict.fromkeys(found.strategies)),
    )


def _score(text: str) -> float:
    match = _MINIMUM.fullmatch(text)
    if match is None or int(match[1]) > 100:
        raise PreferenceError(t("After min I need a score from 0 to 100, like: /subscribe min 60"))
    return int(match[1]) / 100


def _with_symbol(filters: Filters, word: str, followed: Sequence[str]) -> Filters:
    try:
        found = find_symbol(word, followed)
    except SymbolError as error:
        why = plain(reason(str(error)), 300)
        end = "" if why.endswith((".", "?")) else "."
        raise PreferenceError(
            f"{why}{end} " + t("Filters are symbols, strategies, long or short, and min 60.")
        ) from error
    notes = filters.notes if found.note is None else (*filters.notes, found.note)
    return replace(filters, symbols=(*filters.symbols, found.symbol), notes=notes)


def read_span(text: str) -> int:
    """Return the ms of `2h`, `30m`, `1d`; two hours without words; raises PreferenceError."""
    match = _SPAN.fullmatch(typed(text).strip().lower() or "2h")
    ms = int(match[1]) * _UNITS_MS[match[2]] if match else 0
    if not 0 < ms <= LONGEST_MUTE_MS:
        raise PreferenceError(
            t("For how long? Like /mute 30m, /mute 2h or /mute 1d, at most 30 days.")
        )
    return ms


def read_hours(text: str) -> tuple[int, int] | None:
    """Return the hours of `23-07`, None for `off`; raises PreferenceError."""
    words = typed(text).strip().lower()
    if words in _NEVER:
        return None
    for name, hour in _NAMED_HOURS.items():
        words = words.replace(name, hour)
    words = re.sub(r"\b(\d\d)(\d\d)\b", r"\1:\2", words)  # 2200
    match = re.fullmatch(_HOURS, words)
    if match is None:
        raise PreferenceError(t(_WHICH_HOURS))
    (start, start_half), (end, end_half) = _hour(*match.groups()[:3]), _hour(*match.groups()[3:])
    hours = (start, end % 24)
    if start > 23 or end > 24 or hours[0] == hours[1]:
        raise PreferenceError(t(_WHICH_HOURS))
    if start_half != end_half:
        raise PreferenceError(_either(hours, unmarked=0 if end_half else 1))
    if {match[2] or "00", match[5] or "00"} != {"00"}:
        raise PreferenceError(t("Full hours only, like {example}.", example=_quiet(*hours)))
    return hours


DIGEST: Final = "digest"
"""After the hours: what they withhold comes as one message when they end."""


def read_quiet(text: str) -> dict[str, Any]:
    """Return the changes of `23-07`, `23-07 digest` or `off`; raises PreferenceError."""
    hours, _, last = typed(text).strip().lower().rpartition(" ")
    if last == DIGEST:
        found = read_hours(hours) if hours else None
        if found is None:
            raise PreferenceError(t(_WHICH_HOURS))
        return {"quiet": found, "digest_after_quiet": True}
    return {"quiet": read_hours(text)}


_WHICH_HOURS: Final = (
    "From which hour to which? Like /quiet 23-07, /quiet 23-07 digest, or /quiet off."
)


def _quiet(start: int, end: int) -> str:
    return f"/quiet {start:02d}-{end:02d}"


def _either(hours: tuple[int, int], *, unmarked: int) -> str:
    """Return the question which half of the day is meant, where only one hour has its own."""
    later = (hours[unmarked] + _HALF_DAY) % 24
    other = (later, hours[1]) if unmarked == 0 else (hours[0], later)
    return t("Did you mean {one} or {other}?", one=_quiet(*hours), other=_quiet(*other))


def _hour(hour: str, _minutes: str | None, half: str | None) -> tuple[int, bool]:
    """Return an hour of 24, and whether it was written as one of 12; raises PreferenceError."""
    number, of_12 = int(hour), half is not None and half[0] in "ap"
    if not of_12:
        return number, False
    if not 1 <= number <= _HALF_DAY:
        raise PreferenceError(t(_WHICH_HOURS))
    return number % _HALF_DAY + (_HALF_DAY if half and half[0] == "p" else 0), True


def read_zone(text: str) -> str:
    """Return the name of a time zone; raises PreferenceError."""
    try:
        return read_zone_name(text)
    except ZoneError as error:
        raise PreferenceError(zone_refusal(error)) from error


def read_language(text: str) -> str:
    """Return the code of a language by its code or name; raises PreferenceError."""
    word = typed(text).strip().lower()
    for code, name in LANGUAGES.items():
        if word in (code, name.lower(), *_LANGUAGE_NAMES[code]):
            return code
    found = known_language(word)
    if found is None:
        raise PreferenceError(t("Which language? Like /language en or /language es."))
    return found


_LANGUAGE_NAMES: Final = {ENGLISH: ("inglés", "ingles"), "es": ("spanish", "espanol")}


# --- shown ---------------------------------------------------------------------------------------


def preferences_text(preferences: Subscription, now: int) -> str:
    """Return a chat's preferences as text."""
    if not preferences.active:
        return t("🔕 This chat receives no signals. /subscribe changes that.")
    return joined(t("🔔 <b>This chat receives</b>"), *_lines(preferences, now))


def _lines(preferences: Subscription, now: int) -> list[str]:
    least = t("{score} or more", score=share(preferences.min_score))
    symbols = listed(preferences.symbols) if preferences.symbols else t("all")
    strategies = t("Strategies: {names}", names=listed(preferences.strategies))
    loudness = {"opened": t(preferences.opened), "closed": t(preferences.closed)}
    lines = [
        t("Symbols: {names}", names=symbols),
        t("Direction: {direction}", direction=t(preferences.direction or "long and short")),
        t("Score: {score}", score=least if preferences.min_score else t("any")),
        *([strategies] if preferences.strategies else []),
        t("Openings {opened}, closings {closed}", **loudness),
    ]
    if preferences.quiet is not None:
        within = t(", which is now") if quiet(preferences, now) else ""
        start, end = preferences.quiet
        zone = plain(zone_name(preferences.timezone), 40)
        then = t(", then a digest") if preferences.digest_after_quiet else ""
        hours = t("Quiet {hours} {zone}", hours=f"{start:02d}-{end:02d}", zone=zone)
        lines.append(hours + within + then)
    if now < preferences.muted_until:
        left = remaining(preferences.muted_until - now)
        lines.append(t("Muted for {span}", span=left))
    if preferences.language != ENGLISH:
        lines.append(t("Language: {name}", name=LANGUAGES.get(preferences.language, "")))
    return lines


def preferences_line(preferences: Subscription) -> str:
    """Return a subscription in one line, for administrators."""
    parts = [listed(preferences.symbols) if preferences.symbols else t("all symbols")]
    parts += [t(preferences.direction)] if preferences.direction else []
    parts += [listed(preferences.strategies)] if preferences.strategies else []
    parts += (
        [t("min {points}", points=points(preferences.min_score))] if preferences.min_score else []
    )
    return f"<code>{plain(preferences.address, 40)}</code> {', '.join(parts)}"


def preferences_buttons(preferences: Subscription, now: int) -> Buttons:
    """Return buttons that change preferences; only Subscribe for a chat without a subscription."""
    if not preferences.active:
        return (((t("🔔 Subscribe"), "set:subscribe"),),)
    loud = tuple(_loudness(preferences, kind) for kind in ("opened", "closed"))
    muted = now < preferences.muted_until
    unmute, mute_2h = (t("🔔 Unmute"), "set:unmute"), (t("🔕 Mute 2h"), "set:mute:2h")
    last = (unmute if muted else mute_2h, (t("Unsubscribe"), "set:unsubscribe"))
    return (loud, last) if preferences.quiet is None else (loud, (_after_quiet(preferences),), last)


def _after_quiet(preferences: Subscription) -> tuple[str, str]:
    """Return the button that has what quiet hours withhold come, or not."""
    if preferences.digest_after_quiet:
        return t("🚫 No digest after quiet hours"), "set:digest:off"
    return t("📬 Digest after quiet hours"), "set:digest:on"


def _loudness(preferences: Subscription, kind: str) -> tuple[str, str]:
    value = getattr(preferences, kind)
    following = LOUDNESS[(LOUDNESS.index(value) + 1) % len(LOUDNESS)]
    return f"{_MARKS[value]} {t(_KINDS[kind])}", f"set:loud:{kind}:{following}"
