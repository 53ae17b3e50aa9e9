"""HTTP answers: JSON, errors (RFC 9457), entity tags, caching and compression.

An answer's tag is the digest of its body; a client that has that body gets 304 without one. Large
bodies are compressed when the client accepts it.
"""

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

PROBLEM: Final = "application/problem+json"
SMALLEST_COMPRESSED: Final = 2_048
"""Bytes; a smaller body fits one or two network packets anyway."""
SHARED_S: Final = 15
"""How long caches may give a shared answer to everyone, where everyone may read."""

EVERY_ANSWER: Final = {
    "Vary": "Accept, Accept-Encoding",  # a page may have the same address
    "X-Content-Type-Options": "nosniff",  # a browser takes no answer for a script or a page
}

Answer = dict[str, Any]


def to_json(body: Any) -> str:
    """Return compact JSON; raises ValueError for NaN, which JSON does not have."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def problem(status: int, detail: str, instance: str) -> str:
    """Return the body of an error. `detail` is shown to the caller: no secrets, no stack."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status}
    text = to_json(body | {"detail": detail, "instance": instance})
    return text.encode(errors="replace").decode()  # a path may contain what UTF-8 has no form of


def cache_control(max_age_s: int, *, secured: bool, shared: bool = False) -> str:
    """Return the header Cache-Control; shared caches may not store what needed a token."""
    if shared and not secured:
        return f"public, max-age={max_age_s}, s-maxage={SHARED_S}"
    if max_age_s == 0:
        return "no-cache"  # may be stored, must be revalidated
    return f"{'private' if secured else 'public'}, max-age={max_age_s}"


def tag_of(body: str) -> str:
    """Return the weak entity tag of a body, the same for its compressed form."""
    return f'W/"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether If-None-Match contains a tag (weak comparison)."""
    if not if_none_match:
        return False
    names = (one.strip().removeprefix("W/") for one in if_none_match[:2_000].split(","))
    return any(one in ("*", tag.removeprefix("W/")) for one in names)


def finished(answer: Answer, headers: Mapping[str, str], *, head: bool) -> Answer:
    """Return the answer for a client with these request headers (lower-case names)."""
    out = {**answer, "headers": {**answer.get("headers", {}), **EVERY_ANSWER}}
    body = out.get("body") or ""
    if out["statusCode"] == HTTPStatus.OK and "Cache-Control" in out["headers"]:
        out["headers"]["ETag"] = tag = tag_of(body)
        if _is_known(out["headers"], tag, headers):
            out["headers"].pop("Content-Type", None)
            return out | {"statusCode": int(HTTPStatus.NOT_MODIFIED), "body": ""}
    if head:
        return out | {"body": ""}
    if len(body) >= SMALLEST_COMPRESSED and accepts_gzip(headers.get("accept-encoding", "")):
        out["headers"]["Content-Encoding"] = "gzip"
        packed = gzip.compress(body.encode(), compresslevel=5, mtime=0)
        return out | {"body": b64encode(packed).decode(), "isBase64Encoded": True}
    return out


def _is_known(answer: Mapping[str, str], tag: str, request: Mapping[str, str]) -> bool:
    """Return whether the client has an answer; its tag counts before its time."""
    if "if-none-match" in request:
        return matches(request["if-none-match"], tag)
    changed, known = answer.get("Last-Modified"), request.get("if-modified-since")
    return changed is not None and changed == known


def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a client accepts gzip (`gzip;q=0` does not)."""
    return any(
        name.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0")
        for name, _, weight in (one.partition(";") for one in accept_encoding.lower().split(","))
    )


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers with lower-case names."""
    return {name.lower(): value for name, value in (headers or {}).items()}


def allowed(methods: Iterable[str]) -> str:
    """Return the header Allow for a path's methods."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
