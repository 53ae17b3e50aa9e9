"""The two sources of Binance's data, and the connection to one."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeAlias

import aiohttp

from research.data.errors import DataError

from . import rest, vision
from .budget import Timing
from .client import Client

Source: TypeAlias = Literal["archive", "rest"]
SOURCES: Final = ("archive", "rest")
UNKNOWN_SOURCE: Final = "source {!r}: use 'archive' or 'rest'."
_BASES: Final = {
    "archive": (vision.BASE_VARIABLE, vision.BASE_URL),
    "rest": (rest.BASE_VARIABLE, rest.BASE_URL),
}


@asynccontextmanager
async def opened(source: str, base_url: str | None, timing: Timing) -> AsyncIterator[Client]:
    """Connect to a source, at its own address unless one is given; raises DataError."""
    if source not in _BASES:
        raise DataError(UNKNOWN_SOURCE.format(source))
    variable, default = _BASES[source]
    base = base_url or os.environ.get(variable) or default
    async with aiohttp.ClientSession(trust_env=True) as session:  # the environment's proxy
        yield Client(session, base.rstrip("/"), timing)
