"""Authentication of the operator, whose token permits changes; there is none without it.

It is another secret than the API's token, which readers have, and another header: a page of another
origin cannot send it without permission, which the API never gives. It is compared in constant
time, and never returned nor logged. An empty token lets nobody in.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from .api_token import AccessError
from .config import ConfigError
from .secrets import secret_text
from .ttl_cache import TtlCache

HEADER: Final = "x-operator-token"
NEEDED: Final = "the operator's token is needed: X-Operator-Token"
UNSET: Final = "the operator's token is not set: `signalengine operator rotate` sets one"
WRONG: Final = "this is not the operator's token"
CACHED_MS: Final = 60_000
"""After so long a token that was replaced is no longer accepted."""
AGAIN_MS: Final = 5_000
"""A wrong token makes the secret be read again at most so often: each reading is paid for."""
LEAST_CHARS: Final = 24
"""A shorter token could be guessed, and counts as none."""


class OperatorAuth:
    """Checks the operator's token; `token` returns it (cached), `renewed` reads it again."""

    def __init__(self, token: Callable[[], str], renewed: Callable[[], str] | None = None) -> None:
        self._token = token
        self._renewed = renewed or token

    def check(self, headers: Mapping[str, str]) -> bool:
        """Accept a request by its headers (lower-case names); returns True.

        Raises AccessError for a missing or wrong token, and TransientError while it cannot be read.
        """
        given = headers.get(HEADER, "").strip()
        if not given:
            raise AccessError(NEEDED)
        # a token that was changed a moment ago is read again before it is refused
        if not (self._same(given, self._token()) or self._same(given, self._renewed())):
            raise AccessError(WRONG)
        return True

    def public_id(self, channel: str) -> str:
        """Return an id that shows the same address until the token changes, and not which one."""
        key = self._token().encode()
        return hmac.new(key, channel.encode(), sha256).hexdigest()[:24]

    def _same(self, given: str, token: str) -> bool:
        if len(token) < LEAST_CHARS:
            raise AccessError(UNSET)
        as_bytes = (text.encode(errors="surrogatepass") for text in (given, token))
        return hmac.compare_digest(*as_bytes)


def read_token(text: str) -> str:
    """Return the token in the secret's JSON, "" for none; raises ConfigError without it."""
    try:
        raw: Any = json.loads(text)
    except ValueError:
        raise ConfigError("the operator's secret is not JSON") from None
    token = raw.get("operator_token", "") if isinstance(raw, dict) else None
    if not isinstance(token, str):
        raise ConfigError('the operator\'s secret is not {"operator_token": "..."}')
    return token.strip()


def operator_of(arn: str) -> OperatorAuth:
    """Return the authentication by the token in the secret `arn`."""
    cached = TtlCache(lambda: read_token(secret_text(arn)), cached_ms=CACHED_MS)

    def renewed() -> str:
        return cached.renewed() if cached.age() >= AGAIN_MS else cached()

    return OperatorAuth(cached, renewed)
