"""A push service with its browsers: RFC 8030, with the encryption of RFC 8291 and VAPID (RFC 8292).

The encryption is written from the RFCs, apart from the sender's: what one of the two misreads, the
other does not. Each browser has its keys, and a message that it cannot decrypt is refused, which a
real service would not notice. A subscription is bound to the sender's key that comes first.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .faults import Fault
from .service import Answer, Call, json_answer
from .shown import Run, Shown, line, plain

PREFIX: Final = "/push/"
MOST_BODY: Final = 4_096
MOST_STATEMENT_S: Final = 86_400
URGENCIES: Final = ("very-low", "low", "normal", "high")
ERRORS: Final = {
    "400": "bad request", "401": "unauthorized", "403": "another sender's subscription",
    "404": "no such subscription", "410": "the subscription has ended", "413": "too large",
}  # fmt: skip
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_STATEMENT: Final = re.compile(r"vapid t=([\w.-]+), ?k=([\w-]+)")


class RefusedError(Exception):
    """A message that is not accepted; the first argument is the status."""


class StandInBrowser:
    """The keys of a browser's subscription, and the sender that it is bound to."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)
        self.sender = ""

    @property
    def point(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        """The keys as `PushSubscription.toJSON()` has them."""
        return {"p256dh": encoded(self.point), "auth": encoded(self._auth)}

    def bind(self, sender: str) -> None:
        """Raise RefusedError for another sender than the first one."""
        if self.sender not in ("", sender):
            raise RefusedError(403, ERRORS["403"])
        self.sender = sender

    def decrypted(self, body: bytes) -> bytes:
        """Return the text of a message; raises RefusedError."""
        if len(body) < 86 or body[20] != 65:
            raise RefusedError(400, "not aes128gcm of one sender")
        salt, size, point, record = body[:16], body[16:20], body[21:86], body[86:]
        if int.from_bytes(size, "big") < len(record):
            raise RefusedError(400, "more than one record")
        try:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            shared = self._key.exchange(ec.ECDH(), theirs)
            secret = _hkdf(self._auth, shared, b"WebPush: info\0" + self.point + point, 32)
            key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
            nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
            plain_text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        except (ValueError, InvalidTag):
            raise RefusedError(400, "the browser cannot decrypt it") from None
        if plain_text[-1:] != b"\x02":
            raise RefusedError(400, "not the last record")
        return plain_text[:-1]


class Push:
    """One service: any path below `/push/` is a subscription, each made when it is first named.

    `clock` is the sender's (wall ms), where that is not this machine's.
    """

    name: Final = "push"
    prefixes: Final = (PREFIX,)
    errors: Final = tuple(ERRORS)

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock
        self._browsers: dict[str, StandInBrowser] = {}

    @property
    def destination(self) -> Mapping[str, str]:
        return {"path": f"{PREFIX}desk", **self.browser("desk").keys}

    def browser(self, name: str) -> StandInBrowser:
        return self._browsers.setdefault(name, StandInBrowser())

    def name_of(self, call: Call) -> str:
        return call.path.removeprefix(PREFIX)

    def answer(self, call: Call) -> Answer:
        name = self.name_of(call)
        browser = self.browser(name)
        try:
            _check_headers(call)
            sender = verified(call if self._clock is None else replace(call, at=self._clock()))
            browser.bind(sender)
            text = browser.decrypted(call.body)
            shown = _shown(name, call.headers, json.loads(text))
        except RefusedError as error:
            status, reason = error.args
            return json_answer(status, {"message": reason})
        except ValueError:
            return json_answer(400, {"message": "the browser cannot read it"})
        receipt = secrets.token_urlsafe(12)
        place = {"Location": f"/message/{receipt}", "TTL": call.headers["ttl"]}
        return Answer(201, b"", place, arrived=replace(shown, receipt=receipt))

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "429":
            seconds = {"Retry-After": f"{fault.retry_after:g}"} if fault.retry_after else {}
            return json_answer(429, {"message": "too many messages"}, seconds)
        if fault.kind == "error":
            return json_answer(int(fault.error), {"message": ERRORS[fault.error]})
        return json_answer(fault.status, {"message": "server error"})


def verified(call: Call) -> str:
    """Return the sender's public key after its statement is checked; raises RefusedError."""
    found = _STATEMENT.fullmatch(call.headers.get("authorization", ""))
    if found is None:
        raise RefusedError(401, "no statement of the sender")
    said, _, signature = found[1].rpartition(".")
    try:
        head, claims = (json.loads(decoded(part)) for part in said.split("."))
        raw = decoded(signature)
        halves = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(found[2]))
        key.verify(encode_dss_signature(*halves), said.encode(), ec.ECDSA(SHA256()))
        left_s = int(claims["exp"]) - call.at / 1000
        right = (
            head == {"typ": "JWT", "alg": "ES256"}
            and len(raw) == 64
            and claims["aud"].partition("://")[2] == call.headers.get("host")
            and 0 < left_s <= MOST_STATEMENT_S
            and claims["sub"].startswith(("mailto:", "https:"))
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        right = False
    if not right:
        raise RefusedError(401, "the statement of the sender is not valid")
    return found[2]


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 for one block of SHA-256."""
    key = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(key, info + b"\x01", hashlib.sha256)[:length]


def _check_headers(call: Call) -> None:
    headers = call.headers
    if len(call.body) > MOST_BODY:
        raise RefusedError(413, ERRORS["413"])
    if not headers.get("ttl", "").isdecimal():
        raise RefusedError(400, "TTL is needed")
    if headers.get("content-encoding") != "aes128gcm":
        raise RefusedError(400, "Content-Encoding is not aes128gcm")
    if headers.get("urgency", "normal") not in URGENCIES:
        raise RefusedError(400, "no such urgency")
    if not _TOPIC.fullmatch(headers.get("topic", "none")):
        raise RefusedError(400, "Topic is not 1 to 32 characters of base64url")


def _shown(name: str, headers: Mapping[str, str], document: Any) -> Shown:
    """Return the message as its browser would show it; raises RefusedError for another form."""
    if not isinstance(document, dict) or not {"title", "body", "tag", "url"} <= document.keys():
        raise RefusedError(400, "the page's worker does not know this form")
    foot = [f"TTL: {headers['ttl']} s", f"Urgency: {headers.get('urgency', 'normal')}"]
    foot += [f"Topic: {headers['topic']}"] if "topic" in headers else []
    title = (Run(str(document["title"]), "bold"),)
    return Shown(
        name, title, plain(str(document["body"])), footer=tuple(map(line, foot)),
        silent=bool(document.get("silent")), payload=document,
    )  # fmt: skip
