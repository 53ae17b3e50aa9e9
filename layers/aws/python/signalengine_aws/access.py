"""Who may ask: anyone while no token is configured, else whoever shows it.

The token is `api_token` of the API's secret. It is compared in constant time, and never told, nor
logged.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from .config import ConfigError
from .kept import Kept
from .secret_store import secret_text


class AccessError(PermissionError):
    """No token, or another one; the words are for the caller."""


class Access:
    """The door."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def check(self, headers: Mapping[str, str]) -> bool:
        """Let a request in by its headers (lower-case names); True when it needed a token.

        Raises AccessError, and TransientError while nobody can say what the token is.
        """
        token = self._token()
        if not token:
            return False
        given = shown(headers)
        if given is None:
            raise AccessError("a token is needed: Authorization: Bearer, or X-Api-Key")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise AccessError("this is not the token")
        return True


def shown(headers: Mapping[str, str]) -> str | None:
    """Return the token that a request shows."""
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


def access(arn: str) -> Access:
    """Return the door of the secret `arn`."""
    return Access(Kept(lambda: read_token(secret_text(arn))))
