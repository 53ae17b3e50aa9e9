"""Ordered faults: a service's errors, time-outs and broken connections, a given number of times."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "429", "500", "error", "timeout_before", "timeout_after_delivery",
    "reset_before", "reset_after_delivery", "slow",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)
ANSWERED: Final = ("429", "500", "error")
"""Kinds that a service answers with an error of its own."""
DELIVERED: Final = ("timeout_after_delivery", "reset_after_delivery", "slow")
"""Kinds whose message arrives."""
MOST_WAIT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` calls of a channel (to `destination`, if given) fail with `kind`."""

    kind: str
    channel: str
    times: int = 1
    destination: str | None = None
    """As the page names it: a webhook's id, a topic."""
    retry_after: float = 1.0
    """Seconds, of a `429`."""
    status: int = 500
    """Of a `500`: 500 to 599."""
    error: str = ""
    """Of an `error`: its name at the service."""
    delay_s: float = 1.0
    """How late a `slow` answer is."""

    def matches(self, channel: str, destination: str) -> bool:
        return self.channel == channel and self.destination in (None, destination)


def read_fault(raw: Any, errors: dict[str, tuple[str, ...]]) -> Fault:
    """Read the body of `POST /_local/faults`; `errors` are the names of each channel's errors.

    Raises ValueError naming the wrong field.
    """
    if not isinstance(raw, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one error for a bad body
    unknown = set(raw) - {one.name for one in fields(Fault)}
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    _among("kind", raw.get("kind"), KINDS)
    _among("channel", raw.get("channel"), tuple(errors))
    _number(raw, "times", int, 0, 1_000_000)
    _number(raw, "status", int, 500, 599)
    _number(raw, "retry_after", float, 0.0, 86_400.0)
    _number(raw, "delay_s", float, 0.0, MOST_WAIT_S)
    if raw["kind"] == "error":
        _among("error", raw.get("error"), errors[raw["channel"]])
    to = raw.get("destination")
    return Fault(**{**raw, "destination": None if to is None else str(to)})


def _among(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(known)}")


def _number(raw: dict[str, Any], name: str, kind: type, least: float, most: float) -> None:
    value = raw.get(name, least)
    accepted = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted) or not least <= value <= most:
        raise ValueError(f"{name}: {value!r} is not a number from {least} to {most}")


class Faults:
    """The pending faults, first in first out."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.times > 0:
            self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, channel: str, destination: str) -> Fault | None:
        """Return the fault of this call, if any, and count it as used."""
        for at, fault in enumerate(self.waiting):
            if fault.matches(channel, destination):
                left = replace(fault, times=fault.times - 1)
                self.waiting[at : at + 1] = [left] if left.times else []
                return fault
        return None
