"""Authentication by the API's token; where everyone may read, there is none, and none is needed.

Elsewhere an empty token lets nobody in. The token is `api_token` of the API's secret. It is
compared in constant time, and never returned nor logged. A WebSocket client passes it in its
messages, since browsers cannot set headers there. Only a mark of the connection is stored, made
with the token: it gives no access, and shows later whether the client has passed the current token.

A feed reader sets no header either. It has a token in the feed's address, one of `feed_tokens` of
the same secret, which reads feeds and nothing else.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from .config import ConfigError
from .secrets import secret_text
from .ttl_cache import TtlCache

FEED_PARAMETER: Final = "token"
"""The parameter of a feed's address that has the token of a feed."""
SHORTEST_FEED_TOKEN: Final = 20
"""Characters; a shorter one could be guessed, and admits nobody."""
PROBE_HEADER: Final = "x-probe-key"
"""By it the API knows the stack's own probe, and does not charge it to a public budget."""
NEEDED: Final = "a token is needed: Authorization: Bearer, or X-Api-Key"
UNSET: Final = "the API's token is not set: its operator has to set one"
NEEDED_HERE: Final = 'a token is needed: "token" in the message'


class AccessError(PermissionError):
    """The token is missing or wrong; the text is for the caller."""


class ApiTokenAuth:
    """Checks tokens. `token` returns the (cached) token, `renewed` reads it again.

    `feeds` returns the tokens that read feeds only.

    `public`: everyone may read while the token is empty.

    `check`, `check_feed` and `admit` raise AccessError for a wrong token, and TransientError while
    the token cannot be read.
    """

    def __init__(
        self,
        token: Callable[[], str],
        renewed: Callable[[], str] | None = None,
        *,
        feeds: Callable[[], Collection[str]] = tuple,
        public: bool = True,
    ) -> None:
        self._token = token
        self._feeds = feeds
        self._renewed = renewed or token
        self._public = public

    def check(self, headers: Mapping[str, str]) -> bool:
        """Accept a request by its headers (lower-case names); True when it needed a token."""
        token = self._required()
        _compare(token, shown(headers), NEEDED)
        return bool(token)

    def check_feed(self, given: str) -> bool:
        """Accept a request by the token in a feed's address; True when it needed one."""
        token = self._required()
        if token:
            # all are compared, so that the time shows neither which one it was nor how far it fits
            found = [hmac.compare_digest(_bytes(given), _bytes(one)) for one in self._feeds()]
            if not any(found):
                raise AccessError("this is not the token of a feed")
        return bool(token)

    def admit(self, connection_id: str, given: str | None) -> str:
        """Accept a WebSocket client by the token it passes; return the mark to store."""
        token = self._required()
        _compare(token, given, NEEDED_HERE)
        return _mark(token, connection_id)

    def unauthenticated(self, marks: Mapping[str, str]) -> set[str]:
        """Return the connections, of marks by connection, that have not passed the current token.

        The token is read again before a connection is returned, since it may have changed.
        """
        if not self._unmarked(self._token(), marks):
            return set()
        return self._unmarked(self._renewed(), marks)

    def _unmarked(self, token: str, marks: Mapping[str, str]) -> set[str]:
        return _unmarked(token, marks) if token or self._public else set(marks)

    def _required(self) -> str:
        """Return the token, "" where none is needed; raises AccessError where it is not set."""
        token = self._token()
        if not (token or self._public):
            raise AccessError(UNSET)
        return token


def _compare(token: str, given: str | None, needed: str) -> None:
    if token and given is None:
        raise AccessError(needed)
    if token and not hmac.compare_digest(_bytes(given or ""), _bytes(token)):
        raise AccessError("this is not the token")


def _mark(token: str, connection_id: str) -> str:
    if not token:
        return ""
    return hmac.new(_bytes(token), _bytes(connection_id), hashlib.sha256).hexdigest()


def _unmarked(token: str, marks: Mapping[str, str]) -> set[str]:
    if not token:
        return set()
    return {
        connection_id
        for connection_id, mark in marks.items()
        if not hmac.compare_digest(_bytes(mark), _bytes(_mark(token, connection_id)))
    }


def _bytes(text: str) -> bytes:
    """Return text as UTF-8; JSON may contain halves of surrogate pairs, which have none."""
    return text.encode(errors="surrogatepass")


def shown(headers: Mapping[str, str]) -> str | None:
    """Return the token in a request's headers; None without one."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    return headers.get("x-api-key") or None


def read_token(text: str) -> str:
    """Return the token in the secret's JSON, empty for none; raises ConfigError without it."""
    try:
        raw: Any = json.loads(text)
    except ValueError:
        raise ConfigError("the API's secret is not JSON") from None
    token = raw.get("api_token", "") if isinstance(raw, dict) else None
    if not isinstance(token, str):
        raise ConfigError('the API\'s secret is not {"api_token": "..."}')
    return token.strip()


def read_feed_tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of feeds in the secret's JSON; those that are too short are left out."""
    read_token(text)
    named = json.loads(text).get("feed_tokens")
    values = named.values() if isinstance(named, dict) else ()
    tokens = (value for value in values if isinstance(value, str))
    return tuple(token for token in tokens if len(token) >= SHORTEST_FEED_TOKEN)


def token_of(arn: str) -> TtlCache[str]:
    """Return the (cached) token in the secret `arn`, "" for none, when it is called."""
    return TtlCache(lambda: read_token(secret_text(arn)))


def access(arn: str, public: str) -> ApiTokenAuth:
    """Return the authentication by the token in the secret `arn`; `public`: "true" needs none."""
    cached = token_of(arn)
    feeds = TtlCache(lambda: read_feed_tokens(secret_text(arn)))
    return ApiTokenAuth(cached, cached.renewed, feeds=feeds, public=public == "true")


def refusal(words: str) -> dict[str, Any]:
    """Return the message for a WebSocket client that is not accepted."""
    return {"type": "refused", "data": {"message": words}}
