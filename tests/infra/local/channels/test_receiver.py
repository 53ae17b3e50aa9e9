"""A receiver of webhooks."""

from infra.local.channels.faults import Fault
from infra.local.channels.receiver import ERRORS, Receiver

from .samples import call


def test_a_body_is_shown_with_its_signature() -> None:
    signed = {"x-signalengine-signature": "v1=abc", "accept": "*/*"}
    receiver = Receiver()
    for body, lines in (({"a": 1}, 3), (b"plain", 1), ({"text": "LONG\nEntry", "a": 1}, 2)):
        answer = call(receiver, body, **signed)
        assert answer.arrived is not None
        assert (answer.status, len(answer.arrived.lines)) == (200, lines)
        assert [row[0].text for row in answer.arrived.footer] == [
            "x-signalengine-signature: v1=abc"
        ]
        assert answer.arrived.destination == "demo"


def test_each_fault_has_its_status() -> None:
    receiver = Receiver()
    for name in ERRORS:
        answer = receiver.refusal(Fault("error", "webhook", error=name))
        assert (answer.status, "Location" in answer.headers) == (int(name), name == "302")
    assert receiver.refusal(Fault("429", "webhook", retry_after=7)).headers["Retry-After"] == "7"
    assert receiver.refusal(Fault("500", "webhook", status=503)).status == 503
