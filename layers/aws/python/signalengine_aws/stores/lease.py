"""Which of several ingest tasks speaks: one item in the state table, renewed by its holder.

botocore alone: the task's image has no PynamoDB. A renewal is one write unit; every three seconds
they are 0.9 M a month. Times are wall time: a lease is about processes, not about the market. Whose
clock is right does not matter: a lease has run out when its item has not changed for as long as it
lasts, by the clock of the task that waits for it.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from signalengine.errors import TransientError

from ..runtime.clock import Clock, wall_ms

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
        self._seen: tuple[str, int] | None = None
        """The other's `held_until` as of the last question, and since when it has been that."""

    def ask(self) -> Answer:
        """Take or renew the lease unless another task holds it; raises LeaseAwayError."""
        now = self._clock()
        condition = "attribute_not_exists(held_by) OR held_by = :me"
        values = {":me": {"S": self._me}, ":until": _number(now + LASTS_MS)}
        if self._seen is not None and now - self._seen[1] >= LASTS_MS:
            condition += " OR held_until = :unchanged"
            values[":unchanged"] = {"N": self._seen[0]}
        return self._update("SET held_by = :me, held_until = :until", condition, values)

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
            self._note(str(found.get("held_until", {}).get("N", "0")))
            return Answer(False, str(found.get("held_by", {}).get("S", "")))
        except BotoCoreError as error:
            raise LeaseAwayError(str(error)) from error
        self._seen = None
        return Answer(True, self._me)

    def _note(self, until: str) -> None:
        """Remember since when the other's lease has been as it is."""
        now = self._clock()
        unchanged = self._seen is not None and self._seen[0] == until and self._seen[1] <= now
        if not unchanged:
            self._seen = until, now


def client(region: str) -> UpdateItemClient:
    """Return a DynamoDB client that answers soon or not at all."""
    config = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2})
    made = get_session().create_client("dynamodb", region_name=region, config=config)
    return cast("UpdateItemClient", made)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
