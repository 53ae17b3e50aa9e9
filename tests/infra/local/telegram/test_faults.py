"""Injected faults of the local Telegram."""

from typing import Any

import pytest

from infra.local.telegram.faults import Fault, Faults, read_fault


def test_faults_are_used_up_in_order_by_the_calls_they_fit() -> None:
    faults = Faults()
    faults.add(Fault("429", times=2, retry_after=7))
    faults.add(Fault("403", chat_id="5"))
    assert faults.take("getMe", None) is None
    first, second, third = (faults.take("sendmessage", 5) for _ in range(3))
    assert first is not None
    assert first.refusal().parameters == {"retry_after": 7}
    assert second == Fault("429", times=1, retry_after=7)
    assert third is not None
    assert third.refusal().code == 403
    assert faults.take("sendMessage", 5) is None


@pytest.mark.parametrize(
    "raw", [[], {"kind": "boom"}, {"kind": "429", "when": 1}, {"kind": "429", "times": "2"}]
)
def test_an_invalid_fault_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError):
        read_fault(raw)
