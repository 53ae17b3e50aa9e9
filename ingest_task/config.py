"""The environment, read once: refuses to start when it is incomplete, naming the key."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from signalengine.facts.stream import MARKETS, Market
from signalengine_aws.runtime.config import ConfigError

from .connections.feed import LIFETIME_S, MAX_STREAMS
from .universe import Selection

REST_BASE: Final = "https://fapi.binance.com"
WS_BASE: Final = "wss://fstream.binance.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the task is told. The AWS endpoint and credentials are botocore's own."""

    feed_stream: str
    """FEED_STREAM: name of the Kinesis stream."""
    symbols: Selection
    """SYMBOLS: "BTCUSDT,ETHUSDT", "top:50" (the largest by quote volume of 24 h) or "all"."""
    market: Market
    """MARKET: live, recording or simulated; stamped on every fact."""
    spool_dir: Path
    """SPOOL_DIR: where records wait while the stream is away."""
    aws_region: str
    """AWS_REGION (or AWS_DEFAULT_REGION): where the stream is."""
    rest_base: str = REST_BASE
    """BINANCE_REST_BASE"""
    ws_base: str = WS_BASE
    """BINANCE_WS_BASE"""
    log_level: str = "INFO"
    """LOG_LEVEL"""
    task_name: str = "ingest"
    """TASK_NAME: which of several tasks a heartbeat comes from."""
    lease_table: str = ""
    """LEASE_TABLE: the table of the lease that tasks side by side share; empty: it runs alone."""
    metrics_namespace: str = ""
    """METRICS_NAMESPACE: CloudWatch namespace of the line a minute; empty: no line."""
    metrics_port: int = 0
    """METRICS_PORT: where Prometheus may ask; 0: nowhere."""
    metrics_bind: str = "127.0.0.1"
    """METRICS_BIND: the address METRICS_PORT listens at."""
    per_connection: int = 200
    """STREAMS_PER_CONNECTION: the exchange takes 1,024."""
    lifetime_s: float = LIFETIME_S
    """CONNECTION_LIFETIME_S: age at which a connection is replaced; it is ended at 24 h."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment; raises ConfigError naming every key that is missing or wrong."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    given = {**environ, "AWS_REGION": region}
    needed = ("FEED_STREAM", "SYMBOLS", "MARKET", "SPOOL_DIR", "AWS_REGION")
    missing = [key for key in needed if not given.get(key, "").strip()]
    if missing:
        raise ConfigError(f"cannot start without {', '.join(missing)}")
    return Settings(
        feed_stream=environ["FEED_STREAM"].strip(),
        symbols=_symbols(environ["SYMBOLS"]),
        market=_market(environ["MARKET"].strip()),
        spool_dir=Path(environ["SPOOL_DIR"]),
        aws_region=region,
        rest_base=_base(environ, "BINANCE_REST_BASE", REST_BASE, ("http://", "https://")),
        ws_base=_base(environ, "BINANCE_WS_BASE", WS_BASE, ("ws://", "wss://")),
        log_level=_level(environ.get("LOG_LEVEL") or "INFO"),
        task_name=environ.get("TASK_NAME") or "ingest",
        lease_table=environ.get("LEASE_TABLE", "").strip(),
        metrics_namespace=environ.get("METRICS_NAMESPACE", "").strip(),
        metrics_port=_whole(environ, "METRICS_PORT", 0, range(65_536)),
        metrics_bind=environ.get("METRICS_BIND") or "127.0.0.1",
        per_connection=_whole(environ, "STREAMS_PER_CONNECTION", 200, range(4, MAX_STREAMS + 1)),
        lifetime_s=_whole(environ, "CONNECTION_LIFETIME_S", int(LIFETIME_S), range(10, 86_401)),
    )


def _symbols(text: str) -> Selection:
    if text.strip().lower() == "all":
        return Selection()
    kind, _, count = text.strip().partition(":")
    if kind.lower() == "top" and count.isascii() and count.isdigit() and 0 < int(count) <= 2_000:
        return Selection(top=int(count))
    symbols = tuple(dict.fromkeys(part.strip().upper() for part in text.split(",")))
    if not all(symbol.replace("_", "").isalnum() and 2 <= len(symbol) <= 30 for symbol in symbols):
        raise ConfigError(f"SYMBOLS: {text!r} is not BTCUSDT,ETHUSDT nor top:50 nor all")
    return Selection(symbols)


def _whole(environ: Mapping[str, str], key: str, default: int, allowed: range) -> int:
    text = environ.get(key) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) in allowed):
        raise ConfigError(f"{key}: {text!r} is not a number {allowed[0]} to {allowed[-1]}")
    return int(text)


def _market(text: str) -> Market:
    if text not in MARKETS:
        raise ConfigError(f"MARKET: {text!r} is not one of {', '.join(MARKETS)}")
    return cast("Market", text)


def _level(text: str) -> str:
    level = text.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError(f"LOG_LEVEL: {text!r} is not a level like INFO")
    return level


def _base(environ: Mapping[str, str], key: str, default: str, schemes: tuple[str, ...]) -> str:
    value = (environ.get(key) or default).rstrip("/")
    if not value.startswith(schemes):
        raise ConfigError(f"{key}: {value!r} does not start with {' or '.join(schemes)}")
    return value
