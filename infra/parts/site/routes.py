"""The routing rule of the one address, on AWS and on one machine: `routes.json` is its table.

| request | answered by |
|---|---|
| `/api/…` | the API, without the prefix |
| `/`, a page's path, an item on a page | the page, `index.html` |
| a file of the dashboard | that file |
| a path of the API that is no page's, also below a page (`unpaged`) | the API |
| a path of both, such as `/signals` | the page for a reader that accepts HTML, else the API |
| anything else | nothing: 404 |

On AWS `viewer_request.js` applies the rule, here this module; a test compares them. Standard
library only: the embedded AWS loads this file too.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

TABLE: Final = Path(__file__).with_name("routes.json")
ENTRY: Final = "/index.html"
Kind: TypeAlias = Literal["page", "file", "api", "nothing"]
READS: Final = ("GET", "HEAD")
_HTML: Final = re.compile(r"[ \t]*text/html[ \t]*(;.*)?", re.IGNORECASE | re.DOTALL)
_REFUSED: Final = re.compile(r";[ \t]*q=0(\.0*)?[ \t]*(;|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What answers a request, and the path that it is asked for."""

    kind: Kind
    path: str


@cache
def table() -> dict[str, Any]:
    """Return the table: the feed's path, and first segments of the other paths."""
    loaded: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return loaded


def route(method: str, path: str, accept: str) -> Target:
    """Return what answers a request; `accept` is its header, "" without one (pure)."""
    rows = table()
    first, *rest = path.removeprefix("/").split("/")
    if first == rows["prefix"]:
        return Target("api", "/" + "/".join(rest))
    is_read = method in READS
    if is_read and (path[1:] in rows["files"] or (first in rows["folders"] and rest)):
        return Target("file", path)
    is_api = first in rows["api"]
    if is_read and is_page(path) and (not is_api or accepts_html(accept)):
        return Target("page", ENTRY)
    return Target("api" if is_api else "nothing", path)


def is_page(path: str) -> bool:
    """Return whether a path is a page's, or that of an item on it (pure)."""
    if path == "/":
        return True
    bare = path.removeprefix("/").removesuffix("/")
    if bare in table()["unpaged"]:
        return False
    first, *rest = bare.split("/")
    return first in table()["pages"] and len(rest) <= 1


def accepts_html(accept: str) -> bool:
    """Return whether the header names HTML; programs send `*/*`, or no header (pure)."""
    return any(_HTML.fullmatch(one) and not _REFUSED.search(one) for one in accept.split(","))
