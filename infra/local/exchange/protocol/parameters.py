"""Query parameters, checked; an invalid one is refused with Binance's code and message."""

from collections.abc import Collection, Mapping

from ..market.bars import INTERVAL_MS


class RefusalError(Exception):
    """An answer other than 200, with Binance's code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Parameters:
    """The parameters of one request."""

    def __init__(self, query: Mapping[str, str], symbols: Collection[str]) -> None:
        self._query = query
        self._symbols = symbols

    def symbol(self) -> str:
        """Return the symbol; raises RefusalError if it is absent or unknown."""
        return self._known(self._mandatory("symbol"))

    def optional_symbol(self) -> str | None:
        """Return the symbol, None without one."""
        value = self._query.get("symbol")
        return self._known(value) if value else None

    def interval(self) -> str:
        """Return a kline interval."""
        value = self._mandatory("interval")
        if value not in INTERVAL_MS:
            raise RefusalError(400, -1120, "Invalid interval.")
        return value

    def period(self, known: Collection[str]) -> str:
        """Return the period of a statistic."""
        value = self._mandatory("period")
        if value not in known:
            raise _invalid("period")
        return value

    def limit(self, default: int, most: int) -> int:
        """Return the requested number of rows, 1 .. `most`."""
        value = self._number("limit")
        if value is None:
            return default
        if not 1 <= value <= most:
            raise _invalid("limit")
        return value

    def times(self) -> tuple[int | None, int | None]:
        """Return startTime and endTime, ms."""
        start, end = self._number("startTime"), self._number("endTime")
        if start is not None and end is not None and start > end:
            raise RefusalError(400, -1023, "Start time is greater than end time.")
        return start, end

    def _known(self, symbol: str) -> str:
        if symbol not in self._symbols:
            raise RefusalError(400, -1121, "Invalid symbol.")
        return symbol

    def _mandatory(self, name: str) -> str:
        value = self._query.get(name, "")
        if not value:
            raise RefusalError(
                400,
                -1102,
                f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
            )
        return value

    def _number(self, name: str) -> int | None:
        value = self._query.get(name, "")
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 20):
            raise RefusalError(
                400,
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                "legal range is '^[0-9]{1,20}$'.",
            )
        return int(value)


def _invalid(name: str) -> RefusalError:
    return RefusalError(400, -1130, f"Data sent for parameter '{name}' is not valid.")
