"""Budgets of requests per span, on two clocks."""

from infra.local.exchange.protocol.budget import Budget


def test_a_span_holds_its_limit_and_the_next_begins_anew() -> None:
    budget = Budget(10, 60_000)
    assert budget.spend(10, event_ms=0, wall_ms=0)
    assert not budget.spend(1, event_ms=59_999, wall_ms=59_999)
    assert budget.spend(1, event_ms=60_000, wall_ms=59_999)
    assert budget.used == 1


def test_a_stopped_clock_blocks_no_client() -> None:
    budget = Budget(10, 60_000)
    assert not budget.spend(11, event_ms=0, wall_ms=0)
    assert budget.spend(10, event_ms=0, wall_ms=60_000)
