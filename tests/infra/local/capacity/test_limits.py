"""Which limit comes first: each is computed here anew, from its own numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.costs.bill import month, usd
from signalengine_aws.costs.usage import RECORDED

from infra.local.capacity.limits import (
    LIMITS,
    MAX_CONNECTIONS,
    TASK_VCPU,
    Load,
    month_usd,
    ranked,
    reached,
    shards,
)
from infra.local.stack.assembly import Assembly

LOADS = st.builds(Load, st.integers(1, 60_000), st.integers(0, 10**5), st.integers(0, 10**4))


def use(name: str, load: Load) -> float:
    (found,) = [one.use(load) for one in LIMITS if one.name == name]
    return found


@given(LOADS, LOADS)
def test_more_of_anything_uses_no_less(one: Load, other: Load) -> None:
    more = Load(*(max(pair) for pair in zip(_of(one), _of(other), strict=True)))
    for limit in LIMITS:
        assert limit.use(one) <= limit.use(more), limit.name


def _of(load: Load) -> tuple[int, int, int]:
    return load.symbols, load.clients, load.chats


@given(LOADS)
def test_the_first_to_come_is_listed_first(load: Load) -> None:
    uses = [found for found, _ in ranked(load)]
    assert uses == sorted(uses, reverse=True)
    assert len(reached(load)) == sum(found > 1 for found in uses)


@pytest.mark.parametrize(
    ("name", "load", "expected"),
    [
        ("Kinesis: records of a close", Load(500), 0.5),
        ("Kinesis: bytes of a close", Load(500), 0.425),
        ("Binance: request weight", Load(600), 0.25),
        ("Processor of the ingest task", Load(500), 0.388),
        ("WebSocket clients", Load(20, 10_000), 20.0),
        ("Telegram: messages a second", Load(500, 0, 1_000), 33.3 / 28),
        ("Lambda: executions at a time", Load(20, 10_000), 0.022),
    ],
)
def test_a_use_is_what_arithmetic_says(name: str, load: Load, expected: float) -> None:
    assert use(name, load) == pytest.approx(expected, rel=0.01)


def test_all_that_the_exchange_lists_stays_within_every_limit() -> None:
    assert reached(Load(500)) == []
    assert shards(Load(500)) == 1


def test_a_month_is_the_cost_models_with_the_shards_it_needs() -> None:
    assert month_usd(Load(500)) == pytest.approx(usd(month(500, RECORDED)))
    assert shards(Load(2_000)) == 2
    more = month_usd(Load(2_000)) - usd(month(2_000, RECORDED))
    assert more == pytest.approx(730 * 0.0195)


def test_defaults_are_those_of_the_template(assembly: Assembly) -> None:
    template = assembly.template
    assert template["Parameters"]["MaxConnections"]["Default"] == MAX_CONNECTIONS
    (stream,) = [
        one["Properties"] for one in template["Resources"].values()
        if one["Type"] == "AWS::Kinesis::Stream"
    ]  # fmt: skip
    assert stream["ShardCount"] == 1
    (task,) = [
        one["Properties"] for one in template["Resources"].values()
        if one["Type"] == "AWS::ECS::TaskDefinition"
    ]  # fmt: skip
    assert int(task["Cpu"]) / 1_024 == TASK_VCPU
