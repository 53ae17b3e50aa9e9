"""The result of a burst, and what a chat received: each signal once, by itself or in a digest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signalengine.digests import digest_from_json
from signalengine_aws.delivery.deliveries import Status

from infra.local.benchmarks.sampling import Sample
from infra.local.replay.collector import SIGNAL_ID


@dataclass(frozen=True, slots=True)
class Burst:
    """The result of a burst."""

    report: Mapping[str, Any]
    samples: Sequence[Sample]

    @property
    def passed(self) -> bool:
        """Whether each signal was received once on both ways."""
        whole = self.report["complete"] and not self.report["errors"]
        return whole and self.report["lost"] == self.report["duplicated"] == 0


def compared(
    events: Sequence[str],
    rows: Mapping[str, Mapping[str, Any]],
    digests: Mapping[str, Mapping[str, Any]],
    messages: Sequence[str],
) -> dict[str, int]:
    """Return how many events the chat did not receive, or received more than once (pure).

    An event is received by a message with its id, or by the digest that its delivery names; a
    digest says how many events it has.
    """
    alone = [event for event in events if "digest" not in rows.get(event, {})]
    named = Counter(str(row["digest"]) for row in rows.values() if "digest" in row)
    ids = Counter(found for text in messages for found in SIGNAL_ID.findall(text))
    texts = {event: ids[event.partition("#")[0]] for event in alone}
    said = {one: digest_from_json(str(row["summary"])).size for one, row in digests.items()}
    done = Status.DELIVERED.value
    lost = sum(rows.get(event, {}).get("status") != done or not texts[event] for event in alone)
    lost += sum(n for one, n in named.items() if digests.get(one, {}).get("status") != done)
    again = sum(texts[event] - 1 for event in alone if texts[event])
    again += sum(abs(said.get(one, 0) - n) for one, n in named.items())
    extra = len(messages) - sum(texts.values()) - len(digests)
    return {"lost": lost, "duplicated": again + max(0, extra)}
