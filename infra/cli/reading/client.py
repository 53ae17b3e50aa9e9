"""Reads a stack's HTTP API; every error becomes a CommandError that names the fix.

It uses the standard library's client, which imports ten times faster than others.
"""

import json
import time
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)  # fmt: skip

from infra.cli.reading.target import LOCAL, START_ONE, Target
from infra.errors import PROBLEM, USAGE, CommandError
from ingest_task.loopback import is_loopback

TIMEOUT_S = 30.0
"""Includes a function's cold start on a busy laptop."""
TRIES = 3
RETRY_S = 0.5
LONGEST_RETRY_S = 5.0
PAGE = 200
MAX_PAGES = 500
"""A limit, since a filter may leave pages empty that are not the last."""
MAX_BYTES = 32_000_000
_PASSING = (429, 502, 503, 504)


class _NoRedirects(HTTPRedirectHandler):
    """Refuses redirects, which would send the token to another host."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Api:
    """GETs of one stack."""

    def __init__(self, target: Target, timeout_s: float = TIMEOUT_S, tries: int = TRIES) -> None:
        self.target = target
        self._timeout_s = timeout_s
        self._tries = tries
        self._opener = _opener(target.api)

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON that a GET answers; parameters that are None are left out."""
        text = self.text(path, **parameters)
        try:
            return json.loads(text)
        except ValueError as error:
            fix = "--url has to be the address of the HTTP API (output HttpUrl), not of the page"
            raise CommandError(f"{self.target.api}{path} did not answer JSON", fix) from error

    def text(self, path: str, **parameters: Any) -> str:
        """Return the body that a GET answers; raises CommandError."""
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        query = f"?{urlencode(given)}" if given else ""
        request = Request(f"{self.target.api}{path}{query}", headers=self._headers())  # noqa: S310 - target.py lets http(s) through only
        for attempt in range(1, self._tries + 1):
            try:
                with self._opener.open(request, timeout=self._timeout_s) as response:
                    return str(response.read(MAX_BYTES).decode())
            except HTTPError as error:
                if error.code not in _PASSING or attempt == self._tries:
                    self._refuse(path, error)
                time.sleep(_pause(error))
            except (URLError, OSError, HTTPException, ValueError) as error:
                raise self._unreachable(error) from error
        raise AssertionError("the last try returns or raises")

    def pages(self, path: str, name: str, limit: int, **parameters: Any) -> dict[str, Any]:
        """Return a list of up to `limit` rows as one document, requesting as many pages as needed.

        The document has the API's form: the rows under `name`, `count`, and the `cursor` of the
        next page.
        """
        page: dict[str, Any] = {"cursor": None}
        rows: list[Any] = []
        for _ in range(MAX_PAGES):
            size = min(PAGE, limit - len(rows))
            page = self.get(path, limit=size, cursor=page.get("cursor"), **parameters)
            rows += page[name]
            if page.get("cursor") is None or len(rows) >= limit:
                break
        return {**page, name: rows, "count": len(rows), "cursor": page.get("cursor")}

    def signal(self, signal_id: str) -> dict[str, Any]:
        """Return the full document of one signal."""
        return dict(self.get(f"/signals/{quote(signal_id, safe='')}"))

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json, text/plain;q=0.9", "User-Agent": "signalengine-cli"}
        if self.target.token:
            headers["Authorization"] = f"Bearer {self.target.token}"
        return headers

    def _refuse(self, path: str, error: HTTPError) -> NoReturn:
        with error:
            detail = _detail(error)
        match error.code:
            case 401 | 403:
                why, fix = self.target.refusal
            case 400 | 422:
                raise CommandError(detail, code=USAGE) from error
            case 404 if path.startswith("/signals/"):
                why, fix = detail, "`signalengine signals` lists the existing ones"
            case 404:
                why = f"the stack has no {path}: {detail}"
                fix = "it may be older than this program: deploy it again; or --url is not its API"
            case 429:
                why, fix = f"too many requests: {detail}", "wait a moment"
            case code if 300 <= code < 400:
                why, fix = f"{self.target.api} redirects ({code})", "use the redirect's address"
            case code:
                why, fix = f"the stack answers {code}: {detail}", "try again; its logs have details"
        raise CommandError(why, fix, PROBLEM) from error

    def _unreachable(self, error: Exception) -> CommandError:
        reason = getattr(error, "reason", None) or error
        why = f"{self.target.api} does not answer: {reason}"
        if isinstance(reason, TimeoutError):
            why = f"{self.target.api} did not answer in {self._timeout_s:g} s"
        fix = "is it still starting or stopping? " if self.target.name == LOCAL else ""
        return CommandError(why, fix + START_ONE)


def _opener(url: str) -> OpenerDirector:
    """Return an opener; for this machine it ignores the environment's proxy."""
    host = urlsplit(url).hostname or ""
    return build_opener(_NoRedirects, *([ProxyHandler({})] if is_loopback(host) else []))


def _pause(error: HTTPError) -> float:
    seconds = error.headers.get("Retry-After", "")
    return min(LONGEST_RETRY_S, float(seconds)) if seconds.isdecimal() else RETRY_S


def _detail(error: HTTPError) -> str:
    """Return the API's error message (RFC 9457, or the older form), else HTTP's reason."""
    try:
        body = json.loads(error.read(100_000))
        return str(body.get("detail") or body.get("message") or body.get("title") or error.reason)
    except (ValueError, AttributeError, OSError):
        return str(error.reason)
