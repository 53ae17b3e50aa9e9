"""The DynamoDB tables together: the one source of table keys, attribute names and indexes.

A function imports the models of `items` that it uses, because each takes time to define; this
module is for what looks at all tables.
"""

from collections.abc import Mapping
from typing import Final

from pynamodb.models import Model

from .items.bars import BarItem as BarItem
from .items.base import IntegerAttribute as IntegerAttribute
from .items.base import Item
from .items.base import bind as bind
from .items.base import client as client
from .items.calls import CallItem as CallItem
from .items.connections import ConnectionItem as ConnectionItem
from .items.cooldowns import CooldownItem as CooldownItem
from .items.decisions import DecisionItem as DecisionItem
from .items.deliveries import DeliveryItem as DeliveryItem
from .items.events import EventItem as EventItem
from .items.gaps import GapItem as GapItem
from .items.performance import PerformanceItem as PerformanceItem
from .items.signals import SignalItem as SignalItem
from .items.state import HEARTBEAT_KEY as HEARTBEAT_KEY
from .items.state import StateItem as StateItem
from .items.strategies import StrategyItem as StrategyItem
from .items.subscriptions import SubscriptionItem as SubscriptionItem

MODELS: Final[Mapping[str, type[Model]]] = {
    "STATE_TABLE": StateItem,
    "BARS_TABLE": BarItem,
    "EVENTS_TABLE": EventItem,
    "DECISIONS_TABLE": DecisionItem,
    "SIGNALS_TABLE": SignalItem,
    "COOLDOWNS_TABLE": CooldownItem,
    "PERFORMANCE_TABLE": PerformanceItem,
    "DELIVERIES_TABLE": DeliveryItem,
    "CONNECTIONS_TABLE": ConnectionItem,
    "GAPS_TABLE": GapItem,
    "SUBSCRIPTIONS_TABLE": SubscriptionItem,
    "CALLS_TABLE": CallItem,
    "STRATEGIES_TABLE": StrategyItem,
}
"""Every table by the environment variable that names it."""


def forget() -> None:
    """Let no model outlive its account, for one process with several: `bind` points it anew."""
    client.cache_clear()
    models = list(Item.__subclasses__())
    for model in models:
        models += model.__subclasses__()
        model.Meta.table_name = ""
        model._connection = None  # noqa: SLF001 - PynamoDB caches the client there


STREAMS: Final[Mapping[str, str]] = {
    "EVENTS_TABLE": "NEW_IMAGE",
    "SIGNALS_TABLE": "NEW_AND_OLD_IMAGES",
    "CONNECTIONS_TABLE": "NEW_IMAGE",
}
"""The tables with a stream, and what it carries."""
