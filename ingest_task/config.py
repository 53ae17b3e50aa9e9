"""The settings of the task, read once from the environment.

Each field of `Settings` declares its variable, how it is read and its default, in one place. A
variable that is missing or wrong raises ConfigError, which names it.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from signalengine.exchanges.port import Exchange
from signalengine.exchanges.registry import DEFAULT, EXCHANGES
from signalengine.facts.stream import MARKETS, Market
from signalengine.text.symbol_reader import SymbolError, read_symbols
from signalengine_aws.runtime.config import ConfigError

from .connections.feed import planned_lifetime_s
from .universe import Selection

_Reader: TypeAlias = Callable[[str, Exchange], Any]
"""Reads the text of a variable; raises ValueError with what is wrong about it."""
_OfExchange: TypeAlias = Callable[[Exchange], str]
_VARIABLE: Final = "variable"


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str | _OfExchange
    read: _Reader
    default: str | _OfExchange | None

    def name_for(self, exchange: Exchange) -> str:
        return self.name if isinstance(self.name, str) else self.name(exchange)

    def default_for(self, exchange: Exchange) -> str | None:
        return self.default(exchange) if callable(self.default) else self.default


def _text(text: str, _exchange: Exchange) -> str:
    return text.strip()


def _path(text: str, _exchange: Exchange) -> Path:
    return Path(text)


def _symbols(text: str, _exchange: Exchange) -> Selection:
    if text.strip().lower() == "all":
        return Selection()
    kind, _, count = text.strip().partition(":")
    if kind.lower() == "top" and count.isascii() and count.isdigit() and 0 < int(count) <= 2_000:
        return Selection(top=int(count))
    try:
        symbols = read_symbols(text)
    except SymbolError as error:
        raise ValueError(f"{error} (or top:50, or all)") from error
    if not symbols:
        raise ValueError(f"{text!r} is not BTCUSDT,ETHUSDT nor top:50 nor all")
    return Selection(symbols)


def _market(text: str, _exchange: Exchange) -> Market:
    if text.strip() not in MARKETS:
        raise ValueError(f"{text.strip()!r} is not one of {', '.join(MARKETS)}")
    return cast("Market", text.strip())


def _level(text: str, _exchange: Exchange) -> str:
    level = text.upper()
    if level not in logging.getLevelNamesMapping():
        raise ValueError(f"{level!r} is not a level like INFO")
    return level


def _base(*schemes: str) -> _Reader:
    def read(text: str, _exchange: Exchange) -> str:
        value = text.rstrip("/")
        if not value.startswith(schemes):
            raise ValueError(f"{value!r} does not start with {' or '.join(schemes)}")
        return value

    return read


def _whole(low: int, high: int | Callable[[Exchange], int]) -> _Reader:
    def read(text: str, exchange: Exchange) -> int:
        most = high if isinstance(high, int) else high(exchange)
        if not (text.isascii() and text.isdigit() and low <= int(text) <= most):
            raise ValueError(f"{text!r} is not a number {low} to {most}")
        return int(text)

    return read


def _exchange(text: str, _exchange: Exchange) -> Exchange:
    found = EXCHANGES.get(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is not one of {', '.join(EXCHANGES)}")
    return found


def _setting(
    name: str | _OfExchange, read: _Reader = _text, default: str | _OfExchange | None = None
) -> dict[str, _Variable]:
    """Return a field's metadata; without a default its variable has to be set."""
    return {_VARIABLE: _Variable(name, read, default)}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings. The AWS endpoint and credentials are read by botocore itself."""

    feed_stream: str = field(metadata=_setting("FEED_STREAM"))
    """Name of the Kinesis stream."""
    symbols: Selection = field(metadata=_setting("SYMBOLS", _symbols))
    """"BTCUSDT,ETHUSDT", "top:50" (the largest by quote volume of 24 h) or "all"."""
    market: Market = field(metadata=_setting("MARKET", _market))
    """live, recording or simulated; stamped on every fact."""
    spool_dir: Path = field(metadata=_setting("SPOOL_DIR", _path))
    """Where records wait while the stream is unreachable."""
    aws_region: str = field(metadata=_setting("AWS_REGION"))
    """AWS_REGION (or AWS_DEFAULT_REGION): where the stream is."""
    exchange: Exchange = field(metadata=_setting("EXCHANGE", _exchange, DEFAULT))
    """Which exchange is read (signalengine.exchanges.registry)."""
    rest_base: str = field(metadata=_setting(
        lambda exchange: exchange.rest_base.variable, _base("http://", "https://"),
        lambda exchange: exchange.rest_base.default,
    ))  # fmt: skip
    """Where its REST interface is."""
    ws_base: str = field(metadata=_setting(
        lambda exchange: exchange.ws_base.variable, _base("ws://", "wss://"),
        lambda exchange: exchange.ws_base.default,
    ))  # fmt: skip
    """Where its WebSocket is."""
    log_level: str = field(metadata=_setting("LOG_LEVEL", _level, "INFO"))
    task_name: str = field(metadata=_setting("TASK_NAME", _text, "ingest"))
    """The task's name in heartbeats and the ledger."""
    lease_table: str = field(metadata=_setting("LEASE_TABLE", _text, ""))
    """The table of the lease that tasks side by side share; empty: it runs alone."""
    metrics_namespace: str = field(metadata=_setting("METRICS_NAMESPACE", _text, ""))
    """CloudWatch namespace of the line a minute; empty: no line."""
    metrics_port: int = field(metadata=_setting("METRICS_PORT", _whole(0, 65_535), "0"))
    """Where Prometheus reads; 0: nowhere."""
    metrics_bind: str = field(metadata=_setting("METRICS_BIND", _text, "127.0.0.1"))
    """The address METRICS_PORT listens at."""
    per_connection: int = field(metadata=_setting(
        "STREAMS_PER_CONNECTION", _whole(4, lambda exchange: exchange.streams.limits.streams), "200"
    ))  # fmt: skip
    """Streams of one connection."""
    lifetime_s: int = field(metadata=_setting(
        "CONNECTION_LIFETIME_S", _whole(10, lambda exchange: exchange.streams.limits.lifetime_s),
        lambda exchange: str(planned_lifetime_s(exchange.streams.limits)),
    ))  # fmt: skip
    """Age at which a connection is replaced."""


def variables(exchange: Exchange) -> dict[str, str]:
    """Return the environment variable of each field."""
    return {each.name: each.metadata[_VARIABLE].name_for(exchange) for each in fields(Settings)}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment.

    Raises ConfigError naming every variable that is missing, else the first one that is wrong.
    """
    given = {key: text for key, text in environ.items() if text.strip()}
    if "AWS_DEFAULT_REGION" in given:
        given.setdefault("AWS_REGION", given["AWS_DEFAULT_REGION"])
    exchange = _read("EXCHANGE", _exchange, given.get("EXCHANGE", DEFAULT), EXCHANGES[DEFAULT])
    names, missing, values = variables(exchange), [], {}
    for each in fields(Settings):
        name, variable = names[each.name], each.metadata[_VARIABLE]
        text = given.get(name, variable.default_for(exchange))
        if text is None:
            missing.append(name)
        elif not missing:
            values[each.name] = _read(name, variable.read, text, exchange)
    if missing:
        raise ConfigError(f"cannot start without {', '.join(missing)}")
    return Settings(**values)


def _read(name: str, read: _Reader, text: str, exchange: Exchange) -> Any:
    try:
        return read(text, exchange)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
