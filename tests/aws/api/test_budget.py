"""The budget of a public API, which all instances share."""

import pytest
from signalengine_aws.api.budget import PublicBudget
from signalengine_aws.costs.public import request_usd
from signalengine_aws.stores.rate_limits import DynamoLimits, TooManyCallsError

from tests.aws.world import World

DAY_USD = 24 * 10 * request_usd(1, 0)
"""Ten seconds of answers an hour."""


def budget(world: World) -> PublicBudget:
    clock = lambda: world.now  # noqa: E731 - of two
    return PublicBudget(DynamoLimits("calls_table", clock), DAY_USD, clock)


def test_answers_are_charged_to_one_budget_until_it_is_spent(world: World) -> None:
    world.now -= world.now % 3_600_000
    one, other = budget(world), budget(world)
    for _ in range(5):
        one.charge(1, 0)
        other.charge(1, 0)
    one.check()
    with pytest.raises(TooManyCallsError, match="spent its budget: try again in 3600 s"):
        one.charge(0, 1)
    world.now += 600_000
    with pytest.raises(TooManyCallsError, match="in 3000 s"):
        one.check()
    other.check()  # it learns of it with its next answer, which is not sent
    with pytest.raises(TooManyCallsError):
        other.charge(0, 0)
    world.now += 3_000_000
    one.check()
    one.charge(1, 0)


def test_a_large_answer_is_charged_by_its_size(world: World) -> None:
    world.now -= world.now % 3_600_000
    alone = budget(world)
    alone.charge(0, 2**30)
    with pytest.raises(TooManyCallsError):
        alone.charge(0, 0)
