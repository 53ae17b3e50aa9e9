"""HTTP answers: their JSON, their errors (RFC 9457), and what saves sending them again.

An answer's tag is the digest of its body, so a client that has it gets 304 and no body. Large
bodies are compressed where the client takes it.
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
"""Below it a packet is a packet."""

Answer = dict[str, Any]


def to_json(body: Any) -> str:
    """Return compact JSON; NaN is none and never leaves us."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def problem(status: int, detail: str, instance: str) -> str:
    """Return the body of an error. `detail` is for the caller: no secrets, no stack."""
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status}
    return to_json(told | {"detail": detail, "instance": instance})


def cache_control(max_age_s: int, *, secured: bool) -> str:
    """Return the header: who may keep an answer, and how long without asking again."""
    if max_age_s == 0:
        return "no-cache"  # may be kept, must be asked about
    return f"{'private' if secured else 'public'}, max-age={max_age_s}"


def tag_of(body: str) -> str:
    """Return the weak entity tag of a body: compressed or not it says the same."""
    return f'W/"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Tell whether a client's If-None-Match names a tag (weak comparison)."""
    if not if_none_match:
        return False
    names = (one.strip().removeprefix("W/") for one in if_none_match[:2_000].split(","))
    return any(one in ("*", tag.removeprefix("W/")) for one in names)


def finished(answer: Answer, headers: Mapping[str, str], *, head: bool) -> Answer:
    """Return an answer as it is sent to a client with these request headers (lower case)."""
    out = {**answer, "headers": {**answer.get("headers", {}), "Vary": "Accept-Encoding, Origin"}}
    body = out.get("body") or ""
    if out["statusCode"] == HTTPStatus.OK and "Cache-Control" in out["headers"]:
        out["headers"]["ETag"] = tag = tag_of(body)
        if matches(headers.get("if-none-match"), tag):
            out["headers"].pop("Content-Type", None)
            return out | {"statusCode": int(HTTPStatus.NOT_MODIFIED), "body": ""}
    if head:
        return out | {"body": ""}
    if len(body) >= SMALLEST_COMPRESSED and accepts_gzip(headers.get("accept-encoding", "")):
        out["headers"]["Content-Encoding"] = "gzip"
        packed = gzip.compress(body.encode(), compresslevel=5, mtime=0)
        return out | {"body": b64encode(packed).decode(), "isBase64Encoded": True}
    return out


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip (`gzip;q=0` says no)."""
    return any(
        name.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0")
        for name, _, weight in (one.partition(";") for one in accept_encoding.lower().split(","))
    )


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers by lower-case names."""
    return {name.lower(): value for name, value in (headers or {}).items()}


def allowed(methods: Iterable[str]) -> str:
    """Return the header Allow."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
