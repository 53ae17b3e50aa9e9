"""The exchanges by name. To add one: a folder next to this file, and its line here."""

from collections.abc import Mapping
from typing import Final

from .binance.exchange import BINANCE
from .port import Exchange

EXCHANGES: Final[Mapping[str, Exchange]] = {exchange.name: exchange for exchange in (BINANCE,)}
DEFAULT: Final = BINANCE.name
