"""The dead letters of a stack: what there is, and the replay of those that are selected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from botocore.config import Config

from infra.cli.cloud import aws_errors
from infra.cli.deliveries.channel import deliveries_of
from infra.cli.deliveries.letters import Letter as Message
from infra.cli.deliveries.stack import StackAccess
from infra.cli.redrive.letters import Letter, Queue
from infra.cli.redrive.replay import Outcome, Replay

LONGEST_S: Final = 900
"""The longest that AWS lets a function run."""
SENDER: Final = "send_telegram"
CHANNEL: Final = "telegram"
DELIVERIES: Final = "deliveries"
"""The source of messages that were not delivered."""


def once() -> Config:
    """Return the configuration of a client that invokes: it waits for the end, and does it once.

    A repeated invocation would replay the same letters at the same time.
    """
    return Config(
        read_timeout=LONGEST_S + 10, retries={"total_max_attempts": 1}, tcp_keepalive=True
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which letters; None and 0 select all."""

    reason: str | None = None
    """A part of the reason, in any case."""
    function: str | None = None
    limit: int = 0

    def has(self, reason: str, function: str) -> bool:
        """Return whether a letter of this reason and function is selected, but for the limit."""
        of_reason = self.reason is None or self.reason.lower() in reason.lower()
        return of_reason and (self.function is None or _bare(self.function) in _bare(function))


class Redrive:
    """The queues of one stack."""

    def __init__(self, stack: StackAccess, report: Callable[[str], None] = lambda _: None) -> None:
        """`report` shows the progress."""
        self._stack = stack
        self._report = report
        self._queue = Queue(stack.client("sqs"), stack.outputs["DeadLetterQueueUrl"])
        kinesis, streams = (stack.client(name) for name in ("kinesis", "dynamodbstreams"))
        functions = stack.client("lambda", config=once())
        self._replay = Replay(kinesis, streams, functions, stack.outputs)
        self._region = str(stack.options.get("region_name", ""))

    def groups(self, selection: Selection) -> list[dict[str, Any]]:
        """Return the selected letters by reason, function and source, the oldest first."""
        found: dict[tuple[str, str, str], list[int]] = {}
        with aws_errors("the request for dead letters", self._region):
            with self._queue.taken() as letters:
                rows = [(one.reason, one.name, str(one.source), one.at) for one in letters]
            messages = deliveries_of(self._stack, CHANNEL).letters().rows()
        rows += [(row["reason"], SENDER, DELIVERIES, row["at"]) for row in messages]
        for reason, function, source, at in rows:
            if selection.has(reason, function):
                found.setdefault((reason, function, source), []).append(at or 0)
        groups = [
            {
                "reason": reason, "function": function, "source": source, "count": len(times),
                "oldest": min(times), "newest": max(times),
            }
            for (reason, function, source), times in found.items()
        ]  # fmt: skip
        return sorted(groups, key=lambda row: (row["oldest"], str(row)))

    def replay(self, selection: Selection, *, dry_run: bool = False) -> dict[str, Any]:
        """Replay the selected letters in their order; returns counts, and why others are left."""
        result: dict[str, Any] = {"replayed": 0, "left": 0, "dry_run": dry_run, "problems": []}
        with aws_errors("the replay of dead letters", self._region):
            with self._queue.taken() as letters:
                chosen = _chosen(letters, selection)
                result["left"] = len(letters) - len(chosen)
                for number, letter in enumerate(chosen, 1):
                    outcome = self._one(letter, dry_run=dry_run)
                    self._count(result, letter, outcome)
                    self._report(f"{number} of {len(chosen)}")
            self._messages(selection, result, dry_run=dry_run)
        return result

    def _one(self, letter: Letter, *, dry_run: bool) -> Outcome:
        """Replay a letter, then delete it: a crash between the two repeats what is harmless."""
        if dry_run and letter.whole:
            return Outcome(True)
        outcome = self._replay.send(letter)
        if outcome.done:
            self._queue.delete(letter)
        return outcome

    def _messages(self, selection: Selection, result: dict[str, Any], *, dry_run: bool) -> None:
        """Release the selected messages that were not delivered."""
        room = selection.limit - result["replayed"] - len(result["problems"])
        taken_so_far = 0

        def wanted(message: Message) -> bool:
            nonlocal taken_so_far
            full = selection.limit and taken_so_far >= room
            if full or not selection.has(message.reason, SENDER):
                return False
            taken_so_far += 1
            return not dry_run

        counts = deliveries_of(self._stack, CHANNEL).letters().release(wanted)
        done = counts["released"] + counts["already_delivered"]
        result["replayed"] += taken_so_far if dry_run else done
        result["left"] += counts["left"] - (taken_so_far if dry_run else 0)

    @staticmethod
    def _count(result: dict[str, Any], letter: Letter, outcome: Outcome) -> None:
        if outcome.done:
            result["replayed"] += 1
            return
        result["left"] += 1
        result["problems"].append(
            {
                "reason": letter.reason, "function": letter.name, "key": letter.key,
                "problem": outcome.detail,
            }
        )  # fmt: skip


def _bare(function: str) -> str:
    """Return a function's name as a deployment makes a part of its own name of it."""
    return function.replace("_", "").lower()


def _chosen(letters: Iterable[Letter], selection: Selection) -> list[Letter]:
    """Return the selected letters in the order of their streams, the oldest first."""
    found = [one for one in letters if selection.has(one.reason, one.name)]
    found.sort(key=_order)
    return found[: selection.limit] if selection.limit else found


def _order(letter: Letter) -> tuple[int, int]:
    return (letter.at or 0, int(letter.sequence) if letter.sequence.isdecimal() else 0)
