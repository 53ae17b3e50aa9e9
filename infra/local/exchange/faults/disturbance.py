"""Applies faults to messages, between the stream publisher and the queues.

Without faults every message passes unchanged.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..market.clock import Clock
from ..protocol.hub import Message
from .schedule import Faults, ScheduledFault

_OF_MESSAGES: Final = (
    "silent", "missing", "unformed", "late", "mismatch", "duplicate", "reorder", "malformed",
    "huge", "unknown", "skew",
)  # fmt: skip
_EVENT_TIME: Final = re.compile(r'"E":(\d+)')
_SERVER_TIME: Final = re.compile(r'"(serverTime|time)":(\d+)')
_CLOSE: Final = re.compile(r'"o":"([^"]+)","c":"[^"]+"')
_VOLUMES: Final = re.compile(r'"([vqVQ])":"([^"]+)"')


class Disturbance:
    """Applies the faults that are due to each message."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults, self._clock = faults, clock
        self._late: list[tuple[int, Message]] = []
        self._behind: dict[str, Message] = {}
        self._passed: defaultdict[int, int] = defaultdict(int)

    def __bool__(self) -> bool:
        return bool(self._faults) or bool(self._late) or bool(self._behind)

    def apply(self, message: Message) -> list[Message]:
        """Return the messages to publish instead of this one, in order."""
        messages, now = [message], self._clock.now
        for row in self._faults.on(now, *_OF_MESSAGES):
            if row.fault.hits(message.stream):
                messages = [out for one in messages for out in self._struck(row, one, now)]
        behind = self._behind.pop(message.stream.name, None) if messages else None
        return messages if behind is None else [*messages, behind]

    def due(self) -> Iterator[Message]:
        """Yield the delayed messages that are due."""
        late, self._late = self._late, []
        for time, message in late:
            if time <= self._clock.now:
                yield message
            else:
                self._late.append((time, message))

    def _struck(self, row: ScheduledFault, message: Message, now: int) -> list[Message]:
        fault = row.fault
        match fault.kind:
            case "silent":
                return self._silenced(row, message, now)
            case "missing" | "late" | "mismatch" if message.closing is None:
                return [message]
            case "unformed" if message.closing is not None or message.stream.kind != "kline":
                return [message]
            case "missing" | "unformed":
                row.strike(now)
                return []
            case "late":
                row.strike(now)
                self._late.append((now + fault.delay_ms, message))
                return []
            case "mismatch":
                row.strike(now)
                return [replace(message, text=_mismatching(message.text))]
            case "skew":
                row.strike(now)
                return [replace(message, text=moved(message.text, fault.offset_ms))]
            case "reorder":
                return self._overtaken(row, message, now)
            case "unknown":
                row.strike(now)
                return [replace(message, text=text) for text in _unknown(message.text)]
            case "duplicate":
                row.strike(now)
                return [message, message]
            case _:
                return self._some(row, message, now)

    def _silenced(self, row: ScheduledFault, message: Message, now: int) -> list[Message]:
        """Drop the message, or the part about the fault's symbol."""
        row.strike(now)
        symbol = row.fault.symbol
        if not symbol or message.stream.symbol:
            return []
        if not message.text.startswith("["):
            return [] if f'"s":"{symbol}"' in message.text else [message]
        left = [item for item in json.loads(message.text) if item["s"] != symbol]
        return [replace(message, text=json.dumps(left, separators=(",", ":")))] if left else []

    def _overtaken(self, row: ScheduledFault, message: Message, now: int) -> list[Message]:
        """Delay every second message until the next one has passed."""
        self._passed[id(row)] += 1
        name = message.stream.name
        if self._passed[id(row)] % 2 or name in self._behind:
            return [message]
        row.strike(now)
        self._behind[name] = message
        return []

    def _some(self, row: ScheduledFault, message: Message, now: int) -> list[Message]:
        """Affect every `every`th message."""
        self._passed[id(row)] += 1
        if self._passed[id(row)] % row.fault.every:
            return [message]
        number = row.strike(now)
        if row.fault.kind == "huge":
            padding = f'{{"e":"huge","E":{now},"pad":"{"x" * row.fault.bytes}"}}'
            return [replace(message, text=padding), message]
        return [replace(message, text=_broken(message.text, number))]


def moved(text: str, offset_ms: int) -> str:
    """Return a text with its event times and server times shifted by `offset_ms`."""
    text = _EVENT_TIME.sub(lambda m: f'"E":{int(m[1]) + offset_ms}', text)
    return _SERVER_TIME.sub(lambda m: f'"{m[1]}":{int(m[2]) + offset_ms}', text)


def _mismatching(text: str) -> str:
    """Return a closing kline with half its volumes and its open as close."""
    text = _CLOSE.sub(r'"o":"\1","c":"\1"', text)
    return _VOLUMES.sub(lambda m: f'"{m[1]}":"{float(m[2]) / 2:.8f}"', text)


def _unknown(text: str) -> list[str]:
    """Return an unknown event, and the payload with unknown fields or an unknown entry."""
    found = _EVENT_TIME.search(text)
    event = (
        f'{{"e":"somethingNew","E":{found[1] if found else 1},"s":"NEWUSDT","x":[[{{"k":null}}]]}}'
    )
    if text.startswith("{"):
        return [event, '{"zz":{"new":[1,null,"é"]},"y2":1e400,' + text[1:]]
    return [event, f"{text[:-1]},{event}]"]


def _broken(text: str, number: int) -> str:
    """Return an unreadable text instead of a payload, a different one for each number."""
    forms = (
        text[: len(text) // 2], "", "null", "[]", "{}", "[[[[", '{"e":"kline"}', '{"e":5,"k":[]}',
        text.replace('":"', '":{"', 1), re.sub(r'"(o|p|ap)":"[^"]*"', r'"\1":"NaN"', text),
        re.sub(r'"(s|i)":"[^"]*"', r'"\1":null', text), re.sub(r'"E":\d+', '"E":-7', text),
        re.sub(r'"(t|T)":\d+', r'"\1":1e300', text), "[" * 5_000 + "]" * 5_000, '"🚀"',
    )  # fmt: skip
    return forms[number % len(forms)]
