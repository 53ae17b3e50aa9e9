"""The messages of queues: those that were sent and not deleted, compared at each commit."""

import functools
from collections.abc import Iterator, Mapping, MutableMapping, Set
from contextlib import contextmanager
from typing import Any, Final

from .commits import Commits

STORED: Final = (
    "id", "body", "md5_body", "md5_attrs", "sent_at", "visible_at", "message_attributes", "sys",
    "group_id", "dedup_id", "seq", "enqueued_at",
)  # fmt: skip
"""What is stored of a message: not who holds it, because holders end with the process."""


class Queues:
    """Writes what has changed in the emulator's queues since the last commit."""

    def __init__(self, commits: Commits, queues: Mapping[Any, MutableMapping[str, Any]]) -> None:
        """`queues` are all of the emulator, whatever its keys are."""
        self._commits, self._queues = commits, queues
        self._saved: dict[int, dict[str, None]] = {}

    def load(self, queue: MutableMapping[str, Any]) -> None:
        """Put the stored messages into a new queue."""
        source = self._source(queue)
        found = self._commits.store.messages(source)
        self._saved[source] = dict.fromkeys(str(one["id"]) for one in found)
        for one in found:
            fresh = {"receipt_handle": None, "receive_count": 0, "first_receive_at": None}
            queue["messages"].append({**one, **fresh})

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Take back what is sent within the block if the next commit fails; under the lock."""
        before = {key: len(queue["messages"]) for key, queue in list(self._queues.items())}
        yield
        for key, queue in list(self._queues.items()):
            sent = {str(one["id"]) for one in queue["messages"][before.get(key, 0) :]}
            if sent:
                self._commits.hold(lambda: None, functools.partial(_take_back, queue, sent))

    def save(self) -> None:
        """Write new messages, remove deleted ones."""
        for queue in list(self._queues.values()):
            source = self._source(queue)
            before = self._saved.get(source, {})
            now = {str(one["id"]): one for one in list(queue["messages"])}
            if now.keys() != before.keys():
                self._write(source, before, now)

    def _write(
        self, source: int, before: Mapping[str, None], now: Mapping[str, Mapping[str, Any]]
    ) -> None:
        store = self._commits.store
        store.delete_messages(source, [name for name in before if name not in now])
        for name, message in now.items():
            if name not in before:
                stored = {key: message[key] for key in STORED if key in message}
                store.put_message(source, name, stored)
        saved = dict.fromkeys(now)
        self._commits.hold(lambda: self._saved.update({source: saved}), lambda: None)

    def _source(self, queue: Mapping[str, Any]) -> int:
        return self._commits.store.source(f"queue:{queue['name']}")


def _take_back(queue: MutableMapping[str, Any], sent: Set[str]) -> None:
    """Remove messages, and that they were seen: the sender's retry is no duplicate of them."""
    queue["messages"] = [one for one in queue["messages"] if str(one["id"]) not in sent]
    seen = queue.get("dedup_cache", {})
    queue["dedup_cache"] = {key: one for key, one in seen.items() if one["id"] not in sent}
