"""What the models of all tables share: an attribute, and one client a process.

Models carry no table name until `bind` gives them one from the environment. Numbers are integers;
floats live only inside the JSON of bodies, where their round trip is exact. `ttl` is in seconds of
wall time, everything else ms.
"""

from decimal import Decimal
from functools import cache
from typing import Any, Final, Self, TypeVar

from botocore.session import Session
from pynamodb.attributes import Attribute
from pynamodb.connection.base import Connection
from pynamodb.constants import BINARY, NUMBER, STRING
from pynamodb.models import Model

from ...runtime import clients
from ...runtime.packed_json import packed, text_of

DAY_S: Final = 86_400

_M = TypeVar("_M", bound=Model)


class IntegerAttribute(Attribute[int]):
    """A DynamoDB number that is an integer, of any size, exact both ways."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(int(value))

    def deserialize(self, value: str) -> int:
        return int(Decimal(value))


class PackedAttribute(Attribute[str]):
    """A JSON text, stored packed; the plain texts of earlier versions are read as well."""

    attr_type = BINARY

    def serialize(self, value: str) -> bytes:
        return packed(value)

    def deserialize(self, value: str) -> str:
        return value

    def get_value(self, value: dict[str, Any]) -> str:
        return text_of(value)


class PlainAttribute(Attribute[str]):
    """A text, stored plain, so that earlier versions can read it; a packed one is read as well."""

    attr_type = STRING

    def get_value(self, value: dict[str, Any]) -> str:
        return text_of(value)


class Item(Model):
    """A stored item: an attribute of another type, by another version of this code, is None."""

    @classmethod
    def _instantiate(cls, attribute_values: dict[str, dict[str, Any]]) -> Self:
        """PynamoDB makes every item that it reads here; one such attribute made it fail a list."""
        try:
            return super()._instantiate(attribute_values)
        except (TypeError, ValueError, ArithmeticError):
            known = {attr.attr_name: attr for attr in cls.get_attributes().values()}
            readable = {
                name: value
                for name, value in attribute_values.items()
                if name not in known or _readable(known[name], value)
            }
            return super()._instantiate(readable)


def _readable(attribute: Attribute[Any], value: dict[str, Any]) -> bool:
    try:
        attribute.deserialize(attribute.get_value(value))
    except (TypeError, ValueError, ArithmeticError):
        return False
    return True


class _Connection(Connection):
    """PynamoDB's connection on the process's own botocore session."""

    @property
    def session(self) -> Session:
        return clients.session()


def bind(model: type[_M], table_name: str) -> type[_M]:
    """Point a model at its table, on the client that all models share; returns the model."""
    if model.Meta.table_name != table_name:
        model.Meta.table_name = table_name
        table = model._get_connection()  # noqa: SLF001 - PynamoDB offers no other way to share a client
        meta = table.get_meta_table()
        table.connection = client()
        if not _knows(table.connection, table_name):
            table.connection.add_meta_table(meta)
    return model


@cache
def client() -> Connection:
    """Return the one DynamoDB connection of this process, made on first use.

    Timeouts are short enough that a hanging call fails, is retried and still fits in an invocation.
    """
    connection = _Connection(
        connect_timeout_seconds=2,
        read_timeout_seconds=5,
        max_retry_attempts=3,
        max_pool_connections=32,
    )
    _ = connection.client  # made here, before threads share it: making it is not thread-safe
    return connection


def _knows(connection: Connection, table_name: str) -> bool:
    tables: dict[str, Any] = connection._tables  # noqa: SLF001 - the only place that has it
    return table_name in tables
