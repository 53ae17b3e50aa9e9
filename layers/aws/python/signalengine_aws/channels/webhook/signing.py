"""Signatures of requests: HMAC-SHA256 of event id, time and body, by each active secret (pure)."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

TIMESTAMP = "X-SignalEngine-Timestamp"
SIGNATURE = "X-SignalEngine-Signature"
EVENT_ID = "X-SignalEngine-Event-Id"


def signed(body: bytes, event_id: str, secrets: Iterable[str], seconds: int) -> Mapping[str, str]:
    """Return the headers of a request: while a secret is replaced, there are two signatures.

    `seconds` is the Unix time of the request.
    """
    signatures = [f"v1={_digest(secret, event_id, seconds, body)}" for secret in secrets if secret]
    headers = {TIMESTAMP: str(seconds), EVENT_ID: event_id}
    return headers | ({SIGNATURE: ",".join(signatures)} if signatures else {})


def _digest(secret: str, event_id: str, seconds: int, body: bytes) -> str:
    text = f"{event_id}.{seconds}.".encode() + body
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
