"""Binance USD-M futures as an `Exchange`: its addresses, and the regions that it serves."""

from typing import Final

from ..port import Endpoint, Exchange
from .rest import BinanceRest
from .streams import BinanceStreams

BINANCE: Final = Exchange(
    name="binance",
    streams=BinanceStreams(),
    rest=BinanceRest(),
    rest_base=Endpoint("BINANCE_REST_BASE", "https://fapi.binance.com"),
    ws_base=Endpoint("BINANCE_WS_BASE", "wss://fstream.binance.com"),
    region_help=(
        "Binance refuses this location (HTTP 451). Run the task in a region Binance serves, such "
        "as ap-northeast-1 (Tokyo), ap-southeast-1 (Singapore) or eu-central-1 (Frankfurt); never "
        "in us-* or ca-*."
    ),
)
