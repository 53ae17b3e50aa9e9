"""A small exchange with a REST client of it."""

import threading

from signalengine.exchanges.binance.exchange import BINANCE

from ingest_task.backfill.rest import RestClient, WeightBudget
from tests.ingest_task.small_exchange import SmallExchange

KLINES = "/fapi/v1/klines"


class Bench:
    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.stop = exchange, threading.Event()
        self.budget = WeightBudget(BINANCE.rest.limits.weight_per_minute)
        self.rest = RestClient(BINANCE.rest, exchange.rest_base, self.stop, self.budget)
