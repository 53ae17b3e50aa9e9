"""The lease by which one of several ingest tasks publishes: one item in the state table.

botocore only: the task's image has no PynamoDB. A renewal is one write unit; one every ten
seconds is 0.26 M a month. Times are wall time, since a lease concerns processes and not the market.
The tasks' clocks need not agree: a lease has expired when its item has not changed for its whole
duration, by the clock of the waiting task.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from signalengine.errors import TransientError

from ..runtime.clock import Clock, wall_ms

LEASE_KEY: Final = "#lease"
"""Key in the state table. No symbol can begin with '#'."""
LASTS_MS: Final = 30_000
"""Three renewals, each of which may take ten seconds to fail."""

CONNECT_S, READ_S = 2, 3
"""Time-outs of a request, which is tried twice."""


class LeaseAwayError(TransientError):
    """The table cannot be reached now: network, service, permission."""


class UpdateItemClient(Protocol):
    """The part of botocore's DynamoDB client that is used."""

    def update_item(self, **call: Any) -> Any:
        """Change one item if its condition holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The holder of the lease at the last request."""

    mine: bool
    holder: str
    first: bool = field(default=False, compare=False)
    """Whether no task ever held it before this request."""


class DynamoLease:
    """One task's view of the lease. `me` must differ from every other running task's name."""

    def __init__(
        self, client: UpdateItemClient, table: str, me: str, clock: Clock = wall_ms
    ) -> None:
        self._client, self._table, self._me, self._clock = client, table, me, clock
        self._seen: tuple[str, int] | None = None
        """The other task's `held_until`, and the time (ms) since which it has not changed."""

    def acquire(self) -> Answer:
        """Take or renew the lease unless another task holds it; raises LeaseAwayError."""
        now = self._clock()
        condition = "attribute_not_exists(held_by) OR held_by = :me"
        values = {":me": {"S": self._me}, ":until": _number(now + LASTS_MS)}
        if self._seen is not None and now - self._seen[1] >= LASTS_MS:
            condition += " OR held_until = :unchanged"
            values[":unchanged"] = {"N": self._seen[0]}
        return self._update("SET held_by = :me, held_until = :until", condition, values)

    def release(self) -> None:
        """Give up the lease if this task holds it; raises LeaseAwayError."""
        self._update("REMOVE held_by, held_until", "held_by = :me", {":me": {"S": self._me}})

    def _update(self, change: str, condition: str, values: dict[str, Any]) -> Answer:
        try:
            changed = self._client.update_item(
                TableName=self._table,
                Key={"symbol": {"S": LEASE_KEY}},
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_OLD",
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
        return Answer(True, self._me, first=not changed.get("Attributes"))

    def _note(self, until: str) -> None:
        """Remember since when the other task's lease has not changed."""
        now = self._clock()
        unchanged = self._seen is not None and self._seen[0] == until and self._seen[1] <= now
        if not unchanged:
            self._seen = until, now


def client(region: str) -> UpdateItemClient:
    """Return a DynamoDB client with short time-outs."""
    config = Config(
        connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 2}
    )
    made = get_session().create_client("dynamodb", region_name=region, config=config)
    return cast("UpdateItemClient", made)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
