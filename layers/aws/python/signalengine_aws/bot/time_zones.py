"""Time zones as people and phones write them, read into names of the IANA database (pure).

A name or a city stands for its zone, with its summer time; an offset like `UTC+2` for that offset
all year round. What has several meanings, or half of one, is refused with the likely ones.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Final

from signalengine.text.formatting import plain
from signalengine.text.languages import t

from ..delivery.subscriptions import FIXED, zone
from .normal import typed

_OFFSET: Final = re.compile(
    r"\(?(?:UTC|GMT|UT)?\s*(?P<sign>[+-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?\)?", re.I
)
_EAST: Final = 14
_WEST: Final = 12
_UTC: Final = frozenset(("utc", "gmt", "z", "zulu", "ut", "utc0", "gmt0"))
_SAME: Final = {"kyiv": "Europe/Kiev", "saigon": "Asia/Ho_Chi_Minh", "calcutta": "Asia/Kolkata"}
_LIKELY: Final[dict[str, tuple[str, ...]]] = {
    "acdt": ("Australia/Adelaide",), "acst": ("Australia/Darwin", "Australia/Adelaide"),
    "adt": ("America/Halifax",), "aedt": ("Australia/Sydney",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"), "akdt": ("America/Anchorage",),
    "akst": ("America/Anchorage",), "ast": ("America/Halifax", "Asia/Riyadh"),
    "bst": ("Europe/London", "Asia/Dhaka"), "cdt": ("America/Chicago", "America/Havana"),
    "cest": ("Europe/Berlin",), "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "ct": ("America/Chicago",), "edt": ("America/New_York",), "eest": ("Europe/Athens",),
    "est": ("America/New_York", "America/Panama"), "et": ("America/New_York",),
    "gst": ("Asia/Dubai",), "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "mdt": ("America/Denver",), "mest": ("Europe/Berlin",), "mesz": ("Europe/Berlin",),
    "mez": ("Europe/Berlin",), "mst": ("America/Denver", "America/Phoenix"),
    "mt": ("America/Denver",), "ndt": ("America/St_Johns",), "nzdt": ("Pacific/Auckland",),
    "nst": ("America/St_Johns",), "nzst": ("Pacific/Auckland",), "pdt": ("America/Los_Angeles",),
    "pst": ("America/Los_Angeles", "Asia/Manila"), "pt": ("America/Los_Angeles",),
    "west": ("Europe/Lisbon",),
}  # fmt: skip
"""Abbreviations that several zones have, or that name one half of a year."""
_ALL_YEAR: Final = {
    "awst": "Australia/Perth", "brt": "America/Sao_Paulo", "eat": "Africa/Nairobi",
    "cat": "Africa/Maputo", "hkt": "Asia/Hong_Kong", "hst": "Pacific/Honolulu",
    "ict": "Asia/Bangkok", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul", "msk": "Europe/Moscow", "pht": "Asia/Manila", "pkt": "Asia/Karachi",
    "sast": "Africa/Johannesburg", "sgt": "Asia/Singapore", "trt": "Europe/Istanbul",
    "wat": "Africa/Lagos", "wib": "Asia/Jakarta",
}  # fmt: skip
"""Abbreviations of one zone without summer time."""
_PARTIAL: Final[dict[int, tuple[str, ...]]] = {
    -570: ("Pacific/Marquesas",), -210: ("America/St_Johns",), -150: ("America/St_Johns",),
    210: ("Asia/Tehran",), 270: ("Asia/Kabul",), 330: ("Asia/Kolkata", "Asia/Colombo"),
    345: ("Asia/Kathmandu",), 390: ("Asia/Yangon",), 525: ("Australia/Eucla",),
    570: ("Australia/Darwin", "Australia/Adelaide"),
    630: ("Australia/Adelaide", "Australia/Lord_Howe"), 660: ("Australia/Lord_Howe",),
    765: ("Pacific/Chatham",), 825: ("Pacific/Chatham",),
}  # fmt: skip
"""Zones of offsets (minutes) that are no whole hours: quiet hours are."""
_REGIONS: Final = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/",
    "Indian/", "Pacific/",
)  # fmt: skip
_MOST_SHOWN: Final = 4


class ZoneError(ValueError):
    """A text that names no time zone, or several; `likely` are the zones that it may mean."""

    def __init__(self, likely: Sequence[str] = ()) -> None:
        super().__init__(", ".join(likely))
        self.likely = tuple(likely)[:_MOST_SHOWN]


def read_zone_name(text: str) -> str:
    """Return the IANA name of a time zone as people write it; raises ZoneError."""
    words = " ".join(typed(text).split())
    lower = words.lower()
    if lower in _UTC:
        return "UTC"
    if lower in _LIKELY:
        raise ZoneError(_LIKELY[lower])
    if lower in _ALL_YEAR:
        return _ALL_YEAR[lower]
    offset = _OFFSET.match(words)
    if offset is not None:
        return _at_offset(offset, words[offset.end() :])
    return _named(words)


def _at_offset(offset: re.Match[str], rest: str) -> str:
    """Return the zone of an offset; a city behind it, as phones show one, says more."""
    for city in filter(None, re.split(r"[,;()]", rest.replace(" - ", ","))):
        try:
            return _named(city.strip())
        except ZoneError:
            continue
    if rest.strip(" ,;()"):
        raise ZoneError
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    east = offset["sign"] == "+"
    if minutes:
        raise ZoneError(_PARTIAL.get((1 if east else -1) * (60 * hours + minutes), ()))
    if hours > (_EAST if east else _WEST):
        raise ZoneError
    return f"{FIXED}{'-' if east else '+'}{hours}" if hours else "UTC"


def _named(words: str) -> str:
    """Return the zone of a name in any case, or of a city; raises ZoneError."""
    key = _key(words)
    exact = _by_name().get(key)
    if exact is not None:
        return exact
    city = key.rpartition("/")[2]
    found = _by_city().get(city, ())
    if city in _SAME and not found:
        found = (_SAME[city],)
    if not city or len({_year(name) for name in found}) != 1:
        raise ZoneError(found)
    return found[0]


def _key(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.strip().lower())
    plain_letters = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[\s_]+", "_", plain_letters).replace("_/_", "/")


@cache
def _by_name() -> dict[str, str]:
    """Return every IANA name by its key."""
    from zoneinfo import available_timezones  # reads a folder: only for who sets a time zone

    return {name.lower(): name for name in available_timezones()}


@cache
def _by_city() -> dict[str, tuple[str, ...]]:
    """Return the zones of each city, those with the shortest name first."""
    found: dict[str, list[str]] = {}
    for name in sorted(_by_name().values(), key=lambda name: (len(name), name)):
        if name.startswith(_REGIONS):
            found.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    return {city: tuple(names) for city, names in found.items()}


def _year(name: str) -> tuple[object, ...]:
    """Return a zone's offsets over a year: the same for two names of one zone."""
    there = zone(name)
    return tuple(
        datetime(2025, month, 1, tzinfo=UTC).astimezone(there).utcoffset() for month in range(1, 13)
    )


def zone_refusal(error: ZoneError) -> str:
    """Return the answer to a refused zone, in Telegram HTML: the likely meanings, or examples."""
    if not error.likely:
        return t("Which one? Like /timezone Europe/Zurich, /timezone UTC+2, or a city.")
    meant = t(" or ").join(f"/timezone {plain(name, 40)}" for name in error.likely)
    return t("I need the zone's name. Did you mean {names}?", names=meant)
