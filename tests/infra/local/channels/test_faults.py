"""Ordered faults."""

from typing import Any

import pytest

from infra.local.channels.faults import Fault, Faults, read_fault

ERRORS = {"discord": ("10015",), "slack": ()}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ([], "JSON object"),
        ({"kind": "boom", "channel": "slack"}, "kind"),
        ({"kind": "429"}, "channel"),
        ({"kind": "429", "channel": "slack", "other": 1}, "other"),
        ({"kind": "429", "channel": "slack", "times": True}, "times"),
        ({"kind": "429", "channel": "slack", "retry_after": -1}, "retry_after"),
        ({"kind": "500", "channel": "slack", "status": 404}, "status"),
        ({"kind": "slow", "channel": "slack", "delay_s": "long"}, "delay_s"),
        ({"kind": "error", "channel": "discord", "error": "404"}, "error"),
    ],
)
def test_a_fault_that_is_none_is_refused_by_the_name_of_its_field(body: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_fault(body, ERRORS)


def test_a_fault_is_read() -> None:
    body = {"kind": "error", "channel": "discord", "error": "10015", "destination": 7, "times": 2}
    assert read_fault(body, ERRORS) == Fault("error", "discord", 2, "7", error="10015")


def test_faults_are_used_in_order_by_those_they_are_for() -> None:
    faults = Faults()
    for one in (
        Fault("429", "slack", times=2),
        Fault("500", "discord", destination="7"),
        Fault("slow", "slack", times=0),
    ):
        faults.add(one)
    assert faults.take("discord", "8") is None
    taken = [faults.take("slack", "a") for _ in range(3)]
    assert [one.kind if one else None for one in taken] == ["429", "429", None]
    assert faults.take("discord", "7") is not None
    assert faults.waiting == []
