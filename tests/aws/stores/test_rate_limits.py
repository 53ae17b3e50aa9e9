"""How often a caller may ask: counted by DynamoDB, whoever counts."""

import pytest
from signalengine.errors import PermanentError
from signalengine_aws.chat.engine import Chat
from signalengine_aws.chat.questions import MessageError
from signalengine_aws.chat.wiring import EVERYONE, RateLimitedChat
from signalengine_aws.stores.rate_limits import (
    MODEL_PER_DAY,
    PER_CALLER,
    DynamoLimits,
    Limit,
    TooManyCallsError,
    digest,
    network,
)

from tests.aws.chat.test_engine import ScriptedModel
from tests.aws.world import World
from tests.chat_samples import MemoryReads


@pytest.fixture
def limits(world: World) -> DynamoLimits:
    return DynamoLimits("calls_table", lambda: world.now)


def test_a_caller_beyond_its_limit_has_to_wait(world: World, limits: DynamoLimits) -> None:
    limit = Limit(times=3, seconds=60)
    assert [limits.take("1.2.3.4", limit) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(TooManyCallsError) as refused:
        limits.take("1.2.3.4", limit)
    assert refused.value.retry_after_s == 60 - world.now // 1000 % 60
    limits.take("5.6.7.8", limit)
    world.now += refused.value.retry_after_s * 1000
    limits.take("1.2.3.4", limit)


def test_a_stored_counter_names_no_caller_and_expires(world: World, limits: DynamoLimits) -> None:
    limits.take("1.2.3.4", PER_CALLER)
    (row,) = world.rows("CALLS_TABLE")
    assert row["caller"]["S"].startswith(digest("1.2.3.4"))
    assert "1.2.3.4" not in str(row)
    assert row["ttl"] == {"N": str(world.now // 1000 + 120)}


def test_a_missing_table_is_not_a_rate_limit(world: World) -> None:
    with pytest.raises(PermanentError) as caught:
        DynamoLimits("no_such_table", lambda: world.now).take("me", PER_CALLER)
    assert not isinstance(caught.value, TooManyCallsError)
    DynamoLimits("calls_table", lambda: world.now)


def test_a_message_that_cannot_be_answered_costs_nothing(
    world: World, limits: DynamoLimits
) -> None:
    chat = RateLimitedChat(Chat(reads=MemoryReads()), limits)
    with pytest.raises(MessageError):
        chat.answer("me", "")
    assert world.rows("CALLS_TABLE") == []
    assert chat.answer("me", "top")["source"] == "rules"
    assert len(world.rows("CALLS_TABLE")) == 1


def test_when_the_days_budget_is_spent_rules_answer(world: World, limits: DynamoLimits) -> None:
    model = ScriptedModel()
    limits.take(EVERYONE, MODEL_PER_DAY)
    (row,) = world.rows("CALLS_TABLE")
    spent = row | {"times": {"N": str(MODEL_PER_DAY.times)}}
    world.dynamodb.put_item(TableName="calls_table", Item=spent)
    answer = RateLimitedChat(Chat(reads=MemoryReads(), model=model), limits).answer("me", "top")
    assert (answer["source"], model.seen) == ("rules", [])


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("198.51.100.7", "198.51.100.7"), ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:0:0:1", "2001:db8:1:2::/64"), ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"), ("", ""), ("a:b", "a:b"), ("L0SM9cOF=",) * 2,
    ],
)  # fmt: skip
def test_a_network_of_ipv6_is_one_client(address: str, client: str) -> None:
    assert network(address) == client
