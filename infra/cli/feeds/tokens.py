"""The tokens of feed readers, in the API's secret: each reads feeds, and can be revoked alone."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlencode

from signalengine_aws.runtime.api_token import FEED_PARAMETER, SHORTEST_FEED_TOKEN, read_token

from infra.errors import USAGE, CommandError

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TOKEN_BYTES: Final = 24
TOO_SHORT: Final = f"shorter than {SHORTEST_FEED_TOKEN} characters: it admits nobody"
OPEN: Final = "the API needs no token here, and so do its feeds"
KINDS: Final = ("atom", "rss")
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class FeedTokens:
    """The tokens of one stack. `read` returns the text of the API's secret, `write` replaces it."""

    read: Callable[[], str]
    write: Callable[[str], None]
    site: str
    """The dashboard's address."""

    def add(self, name: str, filters: Mapping[str, str]) -> Row:
        """Return the addresses of a reader's feeds, with a token of its own.

        Where the API needs no token none is made. Raises CommandError.
        """
        text = self._read()
        if not read_token(text):
            return self._row("", "", filters) | {"note": OPEN}
        if not NAME.fullmatch(name):
            raise CommandError(
                f"{name!r} is no name", "a-z, 0-9 and hyphens, at most 40 characters", USAGE
            )
        raw = json.loads(text)
        known = _named(raw)
        if name in known:
            raise CommandError(f"{name} is there already", "signalengine feed list")
        token = token_urlsafe(TOKEN_BYTES)
        self.write(json.dumps(raw | {"feed_tokens": {**known, name: token}}))
        return self._row(name, token, filters)

    def rows(self, filters: Mapping[str, str]) -> list[Row]:
        """Return the addresses of every reader's feeds; one without a name where all may read."""
        text = self._read()
        if not read_token(text):
            return [self._row("", "", filters) | {"note": OPEN}]
        known = _named(json.loads(text))
        return [self._row(name, token, filters) for name, token in sorted(known.items())]

    def remove(self, name: str) -> Row:
        """Revoke a reader's token; it counts for five minutes at most."""
        raw = json.loads(self._read())
        known = _named(raw)
        if name not in known:
            raise CommandError(f"there is no feed reader {name}", "signalengine feed list")
        del known[name]
        self.write(json.dumps(raw | {"feed_tokens": known}))
        return {"removed": name, "ends": "within five minutes"}

    def _read(self) -> str:
        text = self.read()
        if not self.site:
            raise CommandError("the dashboard has no address", "feeds are below it")
        return text

    def _row(self, name: str, token: str, filters: Mapping[str, str]) -> Row:
        query = urlencode({**filters, **({FEED_PARAMETER: token} if token else {})})
        begin, end = f"{self.site.rstrip('/')}/api/feed.", f"?{query}" if query else ""
        row = {"reader": name, **{kind: f"{begin}{kind}{end}" for kind in KINDS}}
        return row | ({"note": TOO_SHORT} if token and len(token) < SHORTEST_FEED_TOKEN else {})


def _named(raw: Mapping[str, Any]) -> dict[str, str]:
    """Return the tokens by the names of their readers."""
    found = raw.get("feed_tokens")
    given = found.items() if isinstance(found, dict) else ()
    return {str(name): token for name, token in given if isinstance(token, str)}
