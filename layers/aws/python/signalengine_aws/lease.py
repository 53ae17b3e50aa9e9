"""Which of several ingest tasks speaks: one item in the state table, renewed by its holder.

botocore alone: the task's image has no PynamoDB. A renewal is one write unit; every three seconds
they are 0.9 M a month. Times are wall time: a lease is about processes, not about the market.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from signalengine.errors import TransientError

from .clock import Clock, wall_ms

LEASE_KEY: Final = "#lease"
"""Key in the state table. No symbol can begin with '#'."""
LASTS_MS: Final = 9_000


class LeaseAwayError(TransientError):
    """The table cannot be asked now: network, service, permission."""


class UpdateItemClient(Protocol):
    """The part of botocore's DynamoDB client that is used."""

    def update_item(self, **call: Any) -> Any:
        """Change one item if its condition holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who holds the lease, as of the last question."""

    mine: bool
    holder: str


class DynamoLease:
    """One task's view of the lease. `me` has to be unlike any other running task's name."""

    def __init__(
        self, client: UpdateItemClient, table: str, me: str, clock: Clock = wall_ms
    ) -> None:
        self._client, self._table, self._me, self._clock = client, table, me, clock

    def ask(self) -> Answer:
        """Take or renew the lease unless another task holds it; raises LeaseAwayError."""
        now = self._clock()
        return self._update(
            "SET held_by = :me, held_until = :until",
            "attribute_not_exists(held_by) OR held_by = :me OR held_until < :now",
            {":me": {"S": self._me}, ":until": _number(now + LASTS_MS), ":now": _number(now)},
        )

    def release(self) -> None:
        """Let go at once, if it is ours; raises LeaseAwayError."""
        self._update("REMOVE held_by, held_until", "held_by = :me", {":me": {"S": self._me}})

    def _update(self, change: str, condition: str, values: dict[str, Any]) -> Answer:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"symbol": {"S": LEASE_KEY}},
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise LeaseAwayError(str(error)) from error
            found = cast("dict[str, Any]", error.response).get("Item", {})
            return Answer(False, str(found.get("held_by", {}).get("S", "")))
        except BotoCoreError as error:
            raise LeaseAwayError(str(error)) from error
        return Answer(True, self._me)


def client(region: str) -> UpdateItemClient:
    """Return a DynamoDB client that answers soon or not at all."""
    config = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2})
    made = get_session().create_client("dynamodb", region_name=region, config=config)
    return cast("UpdateItemClient", made)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
