"""The exchanges by name. To add one: a folder next to this file, and a line in `_ALL`."""

from collections.abc import Mapping
from typing import Final

from .binance.exchange import BINANCE
from .port import Exchange

_ALL: Final = (
    BINANCE,
)  # fmt: skip
EXCHANGES: Final[Mapping[str, Exchange]] = {exchange.name: exchange for exchange in _ALL}
DEFAULT: Final = BINANCE.name
