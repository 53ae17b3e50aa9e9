"""How fast a signal reaches many Telegram chats: `python -m infra.local.benchmarks.chats`.

send_telegram's own code (batches of ten, its threads, its gate) delivers one opening to each of
many chats. Telegram is a server on this machine that answers after 250 ms. The tables are in memory
and take 6 ms a call, as DynamoDB does; calls are counted. One instance is measured at a time, and
two run on Lambda.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock, Thread
from typing import Any, Final

from aiohttp import web
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.channels.telegram.limits import INSTANCES, PER_SECOND
from signalengine_aws.delivery.deliveries import ConflictError
from signalengine_aws.delivery.notifications import addressed
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.results import deliver_all
from signalengine_aws.delivery.sender import Gate
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.messaging.sns import signal_message
from signalengine_aws.runtime.clock import wall_ms

from infra.local.operator_requests import new_token, only_this_machine
from machine.terminal import program

from .burst.signals import burst

ANSWER_S: Final = 0.25
CALL_S: Final = 0.006
BATCH: Final = 10


class Tables:
    """Deliveries and subscriptions in memory, with DynamoDB's time and a count of its calls."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._items: dict[Any, Any] = {}
        self._lock = Lock()

    def _read(self, kind: str, *key: str) -> Any:
        time.sleep(CALL_S)
        with self._lock:
            self.calls[f"read {kind}"] += 1
            return self._items.get((kind, *key))

    def _write(self, kind: str, key: tuple[str, ...], item: Any, before: int) -> Any:
        time.sleep(CALL_S)
        with self._lock:
            self.calls[f"write {kind}"] += 1
            known = self._items.get((kind, *key))
            if (known.version if known else 0) != before:
                raise ConflictError("another was faster")
            self._items[kind, *key] = item
        return item

    def get(self, event_id: str, channel: str = "") -> Any:
        if not channel:
            return self._read("subscription", event_id) or Subscription(event_id, version=1)
        return self._read("delivery", event_id, channel)

    def save(self, delivery: Any) -> Any:
        saved = _next(delivery)
        return self._write(
            "delivery", (delivery.event_id, delivery.channel), saved, delivery.version
        )

    def save_together(self, *_: object) -> None:
        raise AssertionError("no message waits long enough for a digest here")

    def address_state(self, channel: str) -> AddressState:
        found: AddressState | None = self._read("address", channel)
        return found or AddressState(channel)

    def save_address_state(self, state: AddressState) -> AddressState:
        saved: AddressState = self._write("address", (state.channel,), _next(state), state.version)
        return saved

    def audience(self, _: str) -> tuple[str, ...] | None:
        raise AssertionError("each message names its chat")

    def save_audience(self, *_: object) -> None:
        raise AssertionError("each message names its chat")

    def all(self, _channels: Collection[str] | None = None) -> list[Subscription]:
        raise AssertionError("each message names its chat")


class NoQueue:
    """The queue: nothing is put back into it."""

    def hide(self, message: QueueMessage, seconds: int) -> None: ...

    def dead_letter(self, _: QueueMessage, reason: str) -> None:
        raise AssertionError(reason)

    def forward(self, _: Sequence[str]) -> None:
        raise AssertionError("each message names its chat")


def main() -> int:
    """Measure, and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=300)
    options = parser.parse_args()
    with telegram() as address:
        found = measured(address, options.chats)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def measured(address: str, chats: int) -> dict[str, Any]:
    """Deliver one opening to each chat, by one instance; return its rates and its calls."""
    tables = Tables()
    notifier = Notifier(
        channels=[TelegramChannel(TelegramClient("1:made-up", base_url=address))],
        deliveries=tables, subscriptions=tables, queue=NoQueue(), home=None, key=b"made up",
        paced=True, clock=wall_ms, gate=Gate(PER_SECOND / INSTANCES),
    )  # fmt: skip
    batches, results = list(messages(chats)), Counter[str]()
    begun, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        results.update(deliver_all(batch, notifier.prepare, "telegram").counts)
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "chats": chats,
        "sent": results["sent"],
        "one_instance_a_second": round(chats / wall, 1),
        "all_instances_a_second": round(chats / wall * INSTANCES, 1),
        "cpu_ms_a_message": round(used / chats * 1000, 1),
        "calls_a_message": round(tables.calls.total() / chats, 2),
        "calls": dict(tables.calls),
    }


def messages(chats: int) -> Iterator[list[QueueMessage]]:
    """Yield the batches of one opening for each chat."""
    now = wall_ms()
    (decided,) = burst(1, now - now % 60_000)
    assert decided.signal is not None  # noqa: S101 - a burst consists of signals
    published = json.dumps(signal_message(decided.signal, "opened", now).body)
    every = [
        QueueMessage(f"m{chat}", f"r{chat}", addressed(published, f"telegram:{1_000 + chat}"), now)
        for chat in range(chats)
    ]
    for first in range(0, chats, BATCH):
        yield every[first : first + BATCH]


@contextmanager
def telegram() -> Iterator[str]:
    """Answer every call after Telegram's time, from a thread; yields the address."""

    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(ANSWER_S)
        return web.json_response({"ok": True, "result": {"message_id": 7}})

    app = web.Application(middlewares=[only_this_machine(new_token())])
    app.router.add_post("/{call:.*}", answer)
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app, access_log=None)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(runner.cleanup())
        loop.close()


def _next(item: Any) -> Any:
    return replace(item, version=item.version + 1)


if __name__ == "__main__":
    program(main)
