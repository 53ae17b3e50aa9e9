"""A request to a JSON document of the HTTP API, as its clients make it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import urllib3
from signalengine.errors import TransientError
from urllib3.exceptions import HTTPError

TIMEOUT_S: Final = 20.0


class UnansweredError(TransientError):
    """The HTTP API gives no document."""


def read_document(
    url: str, *, timeout_s: float = TIMEOUT_S, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object at `url`, asked for with these headers; raises UnansweredError."""
    try:
        with urllib3.PoolManager(timeout=timeout_s, retries=False) as pool:
            response = pool.request("GET", url, headers=headers, redirect=False)
        document = json.loads(response.data)
    except (HTTPError, OSError) as error:
        raise UnansweredError(f"GET {url}: {type(error).__name__}") from None
    except ValueError:
        raise UnansweredError(f"GET {url}: HTTP {response.status} without JSON") from None
    if response.status != 200 or not isinstance(document, dict):
        raise UnansweredError(f"GET {url}: HTTP {response.status}")
    return document
