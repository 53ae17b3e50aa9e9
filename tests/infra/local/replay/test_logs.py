"""The logs of a running system are read entry by entry, each once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.dynamodb.conditions import ConditionExpressionBuilder
from boto3.dynamodb.types import Binary
from signalengine.facts.stream import BarsFact
from signalengine.intervals import MINUTE_MS
from signalengine_aws.runtime.packed_json import packed
from signalengine_aws.stores.log.entry import Entry, Reached, pack

from infra.local.replay.logs import Logs
from tests.aws.positions import T, minute


class Tables:
    """One group's log."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.read = 0

    def append(self, *facts: BarsFact) -> None:
        reached = {fact.symbol: Reached(fact.close_time, 0) for fact in facts}
        data = Binary(pack(Entry(0, facts[-1].close_time, reached, facts)))
        self.items.append({"position": len(self.items) + 1, "data": data})

    def query(self, table: str, condition: Any) -> Iterator[dict[str, Any]]:
        built = ConditionExpressionBuilder().build_expression(condition, is_key_condition=True)
        values = list(built.attribute_value_placeholders.values())
        assert (table, values[0]) == ("BarsTable", "0#log")
        for item in self.items:
            if item["position"] > values[1]:
                self.read += 1
                yield item


TEXT = json.dumps(["ETHUSDT", "BTCUSDT"])


@pytest.mark.parametrize("body", [TEXT, Binary(packed(TEXT))], ids=["plain", "packed"])
def test_minutes_and_progress_are_those_of_the_entries(body: Any) -> None:
    tables, groups = Tables(), {"body": body}
    logs = Logs(tables.query, lambda key: groups if key == "#groups" else None)
    assert (logs.until("BTCUSDT"), logs.until("XRPUSDT")) == (0, 0)
    for number in range(5):
        tables.append(minute("ETHUSDT", number), minute("BTCUSDT", number))
        assert logs.until("BTCUSDT") == T + (number + 1) * MINUTE_MS
    found = logs.minutes("BTCUSDT", T + MINUTE_MS, T + 3 * MINUTE_MS)
    assert [bar.open_time for _, bar in found] == [T + MINUTE_MS, T + 2 * MINUTE_MS]
    assert tables.read == 5


def test_nothing_is_stored_before_the_first_group() -> None:
    logs = Logs(Tables().query, lambda _: None)
    assert (logs.until("BTCUSDT"), logs.minutes("BTCUSDT", 0, T)) == (0, [])
