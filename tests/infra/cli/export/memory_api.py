"""The lists of an API in memory, with its pages, periods and filters, and failures at any request.

What is stored is a market of a few symbols and minutes, small pages of it.
"""

from functools import cache
from typing import Any

from signalengine.signals import public

from infra.cli.reading.target import Target
from tests.infra.cli.documents import EVENTS, MINUTE, T0, decision, ended, sample

NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def signals(minutes: int) -> list[dict[str, Any]]:
    """One or two signals a minute, open and closed."""
    found = []
    for minute in range(minutes):
        for at in range(1 + minute % 2):
            one = sample(1 - 2 * at, minute, symbol=NAMES[(minute + at) % 3])
            identified = {"signal_id": f"{minute:x}{at}".rjust(24, "0")}
            one = sample(1, minute, symbol=one.symbol, **identified)
            found.append(public(ended(one) if minute % 3 else one))
    return found


def events(minutes: int) -> list[dict[str, Any]]:
    """The events of each close of each symbol, numbered in the order of detection."""
    return [
        {
            **EVENTS[0], "symbol": name, "close_time": T0 + minute * MINUTE,
            "timestamp": T0 / 1000 + minute * 60, "strength": number / 10,
            "details": {"number": number},
        }
        for minute in range(minutes)
        for name in NAMES
        for number in range(1 + minute % 3)
    ]  # fmt: skip


def decisions(minutes: int) -> list[dict[str, Any]]:
    return [
        decision(minute=minute, symbol=name, reason=f"=SUM({minute})")
        for minute in range(minutes)
        for name in NAMES
    ]


@cache
def lists(minutes: int) -> dict[str, list[dict[str, Any]]]:
    made = {"signals": signals, "events": events, "decisions": decisions}
    return {name: rows(minutes) for name, rows in made.items()}


class MemoryApi:
    """Answers as the API does; each row is read by its time and symbol."""

    def __init__(self, minutes: int = 12, page: int = 3) -> None:
        self.target = Target("memory", "http://memory")
        self.page = page
        self.watermark = T0 + minutes * MINUTE - 1
        self.lists = lists(minutes)
        self.bars = {name: _bars(minutes) for name in NAMES}
        self.performance = {"BTCUSDT": {"total_signals": 3, "win_rate": 0.5, "sharpe_ratio": None}}
        self.requests = 0
        self.lag_ms = 0
        self.market: str | None = "recording"
        self.policy = "5dd6a6097a63"
        self.since: int | None = 1_000
        self.hides_first = False
        """Whether bars are found only from their own window on."""
        self.fail_at: int | None = None
        """The request that fails, counted from the next one."""
        self.failure: BaseException = KeyboardInterrupt()

    def get(self, path: str, **given: Any) -> Any:
        self.requests += 1
        if self.fail_at is not None:
            self.fail_at -= 1
            if self.fail_at < 0:
                self.fail_at = None
                raise self.failure
        match path.removeprefix("/"):
            case "health":
                times = {"watermark": self.watermark, "lag_ms": self.lag_ms}
                return {**times, "market": self.market, "policy_digest": self.policy}
            case "system":
                return {"cost": {"since": self.since, "hours": self.requests}}
            case "symbols":
                return {"symbols": list(NAMES)}
            case "bars":
                return self._bars_page(given)
            case "signals/stats":
                return {"policy_digest": self.policy, "market": self.market}
            case "performance/stats":
                return self.performance
            case name:
                return self._list_page(name, given)

    def _list_page(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """A page: newest first, the rows of one close as they are."""
        rows = [
            row
            for row in self.lists[name]
            if given["from"] <= row["close_time"] < given["to"]
            and given.get("symbol") in (None, row["symbol"])
        ]
        # those of one time in an order of their own, as an index has them
        rows.sort(key=lambda row: (-row["close_time"], row["symbol"] != "ETHUSDT", row["symbol"]))
        start = int(given["cursor"] or 0)
        stop = start + min(self.page, given["limit"])
        cursor = str(stop) if stop < len(rows) else None
        return {name: rows[start:stop], "cursor": cursor, "unreadable": 0}

    def _bars_page(self, given: dict[str, Any]) -> dict[str, Any]:
        rows = [bar for bar in self.bars[given["symbol"]] if given["from"] <= bar[0] < given["to"]]
        if self.hides_first and rows and rows[0][0] >= given["from"] + 1_500 * MINUTE:
            rows = []
        return {"bars": rows[: min(self.page, given["limit"])], "unreadable": 0}


def _bars(minutes: int) -> list[list[float]]:
    return [[T0 + n * MINUTE, 100.0, 101.0, 99.0, 100.5, float(n)] for n in range(minutes)]
