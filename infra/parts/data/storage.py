"""The thirteen tables, on demand: made in the stack of the data, found by the stack of the code.

Keys, indexes and streams mirror `signalengine_aws.stores.tables`, where the functions' models are;
a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.names import STREAMED
from infra.settings import Stage

from .references import find

Key: TypeAlias = tuple[str, Literal["S", "N"]]
SERIES: Key = ("series", "S")
"""A strategy and a symbol; in the table of bars a group of symbols, and `log` or an interval."""
DAY: Key = ("day", "S")
MONTH: Key = ("month", "S")
CLOSE_TIME: Key = ("close_time", "N")
RETAINED = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
"""Of what outlives its stack, but not a stack whose creation failed: the next attempt would make
more of it beside what nobody wrote to."""
RESTORABLE = (
    "signals", "cooldowns", "performance", "deliveries", "subscriptions", "strategies",
)  # fmt: skip
"""Tables with point-in-time recovery: those that the archive and the exchange do not bring back."""
_TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER}


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index; `only` names what it projects beside the keys (None: all)."""

    name: str
    hash_key: Key
    range_key: Key
    only: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the environment variable with its name."""

    variable: str
    resource: dynamodb.ITable

    @property
    def name(self) -> str:
        """STATE_TABLE is state."""
        return self.variable.removesuffix("_TABLE").lower()

    @property
    def output(self) -> str:
        """Name of the stack's output: STATE_TABLE is StateTable."""
        return "".join(word.capitalize() for word in self.variable.split("_"))


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables as the stack of the code finds them."""

    state: Table
    bars: Table
    events: Table
    decisions: Table
    signals: Table
    cooldowns: Table
    performance: Table
    deliveries: Table
    connections: Table
    gaps: Table
    subscriptions: Table
    calls: Table
    strategies: Table

    @property
    def all(self) -> tuple[Table, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))


def found_tables(scope: Construct, stage: Stage) -> Tables:
    """Return the tables whose names the stack of the data has published."""
    return Tables(**{field.name: _found(scope, stage, field.name) for field in fields(Tables)})


def _found(scope: Construct, stage: Stage, name: str) -> Table:
    resource = dynamodb.Table.from_table_attributes(
        scope,
        name,
        table_name=find(scope, stage, f"tables/{name}"),
        table_stream_arn=find(scope, stage, f"streams/{name}") if name in STREAMED else None,
    )
    return Table(f"{name.upper()}_TABLE", resource)


class Storage(Construct):
    """The tables in the stack of the data, in the order in which a bar reaches them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.state = self._table("state", ("symbol", "S"))
        self.bars = self._table("bars", SERIES, ("position", "N"), expires=True)
        self.events = self._table(
            "events",
            SERIES,
            CLOSE_TIME,
            expires=True,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            indexes=[Index("by_day", DAY, CLOSE_TIME, only=["body"])],
        )
        self.decisions = self._table(
            "decisions",
            SERIES,
            CLOSE_TIME,
            expires=True,
            indexes=[Index("by_day", DAY, CLOSE_TIME)],
        )
        self.signals = self._table(
            "signals",
            ("signal_id", "S"),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            indexes=[
                Index("by_day", DAY, CLOSE_TIME),
                Index("by_symbol", SERIES, CLOSE_TIME),
                Index("by_month", MONTH, CLOSE_TIME, only=["result"]),
                Index("by_open", ("open", "S"), ("expires_at", "N")),
                Index("by_outbox", ("outbox", "S"), ("updated_at", "N")),
                Index("by_update", ("updated_day", "S"), ("updated_at", "N")),
            ],
        )
        self.cooldowns = self._table("cooldowns", SERIES)
        self.performance = self._table("performance", ("stats_key", "S"), ("symbol", "S"))
        self.deliveries = self._table(
            "deliveries", ("event_id", "S"), ("channel", "S"), expires=True
        )
        self.connections = self._table(
            "connections",
            ("bucket", "S"),
            ("connection_id", "S"),
            expires=True,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        self.gaps = self._table("gaps", DAY, ("gap_id", "S"), expires=True)
        self.subscriptions = self._table(
            "subscriptions", ("bucket", "S"), ("channel", "S"), expires=True
        )
        self.calls = self._table("calls", ("caller", "S"), expires=True)
        self.strategies = self._table("strategies", SERIES, ("name", "S"))

    @property
    def tables(self) -> tuple[Table, ...]:
        """All of them."""
        return (
            self.state, self.bars, self.events, self.decisions, self.signals,
            self.cooldowns, self.performance, self.deliveries, self.connections,
            self.gaps, self.subscriptions, self.calls, self.strategies,
        )  # fmt: skip

    def _table(
        self,
        name: str,
        hash_key: Key,
        range_key: Key | None = None,
        *,
        expires: bool = False,
        stream: dynamodb.StreamViewType | None = None,
        indexes: Sequence[Index] = (),
    ) -> Table:
        table = dynamodb.Table(
            self,
            name,
            partition_key=_attribute(hash_key),
            sort_key=_attribute(range_key) if range_key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=name in RESTORABLE
            ),
            time_to_live_attribute="ttl" if expires else None,
            stream=stream,
            removal_policy=RETAINED,
        )
        for index in indexes:
            _add(table, index)
        return Table(f"{name.upper()}_TABLE", table)


def _add(table: dynamodb.Table, index: Index) -> None:
    kind = dynamodb.ProjectionType
    table.add_global_secondary_index(
        index_name=index.name,
        partition_key=_attribute(index.hash_key),
        sort_key=_attribute(index.range_key),
        projection_type=kind.ALL if index.only is None else kind.INCLUDE,
        non_key_attributes=list(index.only) if index.only is not None else None,
    )


def _attribute(key: Key) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=key[0], type=_TYPES[key[1]])
