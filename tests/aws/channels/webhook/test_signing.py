"""Signatures of webhook requests."""

import hashlib
import hmac

from signalengine_aws.channels.webhook.signing import EVENT_ID, SIGNATURE, TIMESTAMP, signed


def test_event_time_and_body_are_signed_with_each_active_secret() -> None:
    found = signed(b"body", "id#opened", ["new", "old"], 1_747_699_200)
    parts = [
        hmac.new(secret, b"id#opened.1747699200.body", hashlib.sha256).hexdigest()
        for secret in (b"new", b"old")
    ]
    assert found == {
        TIMESTAMP: "1747699200",
        EVENT_ID: "id#opened",
        SIGNATURE: f"v1={parts[0]},v1={parts[1]}",
    }


def test_without_a_secret_there_is_no_signature() -> None:
    assert SIGNATURE not in signed(b"body", "id", ["", ""], 1)
