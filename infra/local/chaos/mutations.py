"""Each condition and order of writes is taken away once: the schedules have to notice every one.

A mutation replaces text of a source file while it is imported, in a process of its own; no file is
changed. What survives is either redundant, or a hole in the schedules.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from infra.assets import ROOT

AWS: Final = "layers/aws/python/signalengine_aws/"
CORE: Final = "layers/core/python/signalengine/"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one file: the text `old`, which is in it once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    redundant: str = ""
    """Why nothing can notice it, where that is so."""


@dataclass(frozen=True, slots=True)
class Caught:
    """The seed whose schedule noticed a mutation, None when none did."""

    mutation: str
    seed: int | None
    violation: str = ""


def source_with(mutation: Mutation) -> str:
    """Return the changed source; raises ValueError unless the old text is there exactly once."""
    text = (ROOT / mutation.file).read_text()
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: the text is {text.count(mutation.old)} times in it")
    return text.replace(mutation.old, mutation.new)


class _Loader(SourceFileLoader):
    """Loads a module from a text."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    def get_code(self, fullname: str) -> Any:
        return compile(self._text, self.get_filename(fullname), "exec")


class _Finder(MetaPathFinder):
    """Finds the mutated module."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._text = file, text

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or Path(spec.origin) != self._file:
            return None
        spec.loader = _Loader(fullname, str(self._file), self._text)
        return spec


def hunt(mutation: Mutation, first: int, seeds: int) -> Caught:
    """Play seeds with a mutation until one notices it; in a process that has imported nothing."""
    sys.meta_path.insert(0, _Finder(ROOT / mutation.file, source_with(mutation)))
    from .run import noticed  # imports what is mutated

    found = noticed(range(first, first + seeds))
    return Caught(mutation.name, None) if found is None else Caught(mutation.name, *found)


def hunt_all(
    mutations: Sequence[Mutation], seeds: int, jobs: int, done: Callable[[Caught], None]
) -> list[Caught]:
    """Hunt for every mutation; `done` is called with each result."""
    context = get_context("spawn")
    found = []
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        for ended in as_completed([pool.submit(hunt, one, 0, seeds) for one in mutations]):
            found.append(ended.result())
            done(found[-1])
    order = [one.name for one in mutations]
    return sorted(found, key=lambda one: order.index(one.mutation))


def _on(file: str, *rows: tuple[str, str, str]) -> Iterator[Mutation]:
    for name, old, new in rows:
        yield Mutation(name, file, old, new)


MUTATIONS: Final = (
    *_on(
        f"{AWS}stores/state.py",
        ("state without a condition", "item.save(condition)", "item.save()"),
        (
            "state over any revision",
            "else StateItem.last == folded_from",
            "else StateItem.symbol.exists()",
        ),
        (
            "first state over another",
            "StateItem.symbol.does_not_exist()\n            if",
            "None\n            if",
        ),
        (
            "state read inconsistently",
            "item = StateItem.get(symbol, consistent_read=True)\n",
            "item = StateItem.get(symbol)\n",
        ),
    ),
    *_on(
        f"{AWS}stores/bars.py",
        (
            "bar over another",
            "(BarItem.series.does_not_exist(), \"ALL_OLD\")",
            "(None, \"ALL_OLD\")",
        ),
    ),
    *_on(
        f"{AWS}stores/events.py",
        (
            "evaluation over another",
            "item.save(EventItem.symbol.does_not_exist())",
            "item.save()",
        ),
    ),
    *_on(
        f"{AWS}stores/decisions.py",
        (
            "decision over another",
            "self._decision_item(decided.decision), DecisionItem.symbol.does_not_exist()",
            "self._decision_item(decided.decision)",
        ),
        (
            "cooldown without a condition",
            ", _still_open(decided.signal, read))",
            ")",
        ),
        (
            "cooldown: unchanged is not checked",
            "both: Condition = unchanged & (permits | ours_already)",
            "both: Condition = permits | ours_already",
        ),
        (
            "cooldown: permission is not checked",
            "both: Condition = unchanged & (permits | ours_already)",
            "both: Condition = unchanged",
        ),
        (
            "cooldown: an own one is taken for another's",
            "unchanged & (permits | ours_already)",
            "unchanged & permits",
        ),
        (
            "first cooldown over another",
            "return CooldownItem.symbol.does_not_exist()",
            "return CooldownItem.symbol.does_not_exist() | CooldownItem.symbol.exists()",
        ),
        (
            "signal over another",
            "opened_item(decided.signal, self._clock()),\n"
            "                        SignalItem.signal_id.does_not_exist(),",
            "opened_item(decided.signal, self._clock()),",
        ),
        (
            "a contested decision is taken for done",
            "Commit.ALREADY if decided_before else Commit.CONTESTED",
            "Commit.ALREADY",
        ),
        (
            "a decision made before is taken for contested",
            "Commit.ALREADY if decided_before else Commit.CONTESTED",
            "Commit.CONTESTED",
        ),
    ),
    *_on(
        f"{AWS}stores/signals.py",
        ("performance without its version", "write.save(after, unchanged(row))",
         "write.save(after)"),
        (
            "closing over another",
            "condition=SignalItem.signal_id.exists()\n"
            "                    & SignalItem.settlement.does_not_exist(),",
            "condition=SignalItem.signal_id.exists(),",
        ),
        (
            "closing of a signal that is not there",
            "condition=SignalItem.signal_id.exists()\n"
            "                    & SignalItem.settlement.does_not_exist(),",
            "condition=SignalItem.settlement.does_not_exist(),",
        ),
        (
            "a contested closing is taken for done",
            "return False if closed_before else None",
            "return False",
        ),
        ("a closing without publication", "SignalItem.outbox.set(OUTBOX),\n", ""),
        ("a closing that pends not", 'SignalItem.pending.add({"closed"}),\n', ""),
        ("a closing stays open", "SignalItem.open.remove(),\n", ""),
    ),
    *_on(
        f"{AWS}stores/performance.py",
        (
            "performance row over another",
            "return PerformanceItem.symbol.does_not_exist()",
            "return PerformanceItem.symbol.does_not_exist() | PerformanceItem.symbol.exists()",
        ),
        (
            "performance of any version",
            "return PerformanceItem.version == row.version",
            "return PerformanceItem.version.exists()",
        ),
    ),
    *_on(
        f"{AWS}stores/outbox.py",
        ("outbox cleared whatever is pending", "last, more = pending == {publication}, ",
         "last, more = pending.contains(publication), "),
        ("outbox forgets what is pending", "[pending.delete({publication})], more",
         "[pending.remove()], more"),
        ("outbox read inconsistently", "SignalItem.get(signal_id, consistent_read=True)",
         "SignalItem.get(signal_id)"),
        ("the schedule publishes nothing", "SignalItem.updated_at <= self._clock() - WAITED_MS",
         "SignalItem.updated_at <= 0"),
    ),
    *_on(
        f"{AWS}stores/gaps.py",
        ("gaps reopen", "GapItem.day.does_not_exist() if entry.outcome == OPEN else None", "None"),
    ),
    *_on(
        f"{AWS}application/compute_features.py",
        ("state before evaluations",
         "        for evaluation in folded.evaluations:\n"
         "            self._events.put(evaluation)\n"
         "        state = folded.state\n"
         "        stored = StoredState(\n"
         "            state.revision, state.to_bytes(), state.last_close_time, folded.evaluated\n"
         "        )\n"
         "        if self._states.put(symbol, stored, folded.base.last):\n",
         "        state = folded.state\n"
         "        stored = StoredState(\n"
         "            state.revision, state.to_bytes(), state.last_close_time, folded.evaluated\n"
         "        )\n"
         "        if self._states.put(symbol, stored, folded.base.last):\n"
         "            for evaluation in folded.evaluations:\n"
         "                self._events.put(evaluation)\n"),
        ("state before bars",
         "            self._store_bars(folds, report)\n"
         "            outcomes = self._each(self._store, folds.items(), report)\n",
         "            outcomes = self._each(self._store, folds.items(), report)\n"
         "            self._store_bars(folds, report)\n"),
        ("a stale state is cached after a lost race",
         "        self._cache.pop(symbol, None)\n        return False",
         "        return False"),
        ("a lost race is taken for done",
         "        self._cache.pop(symbol, None)\n        return False",
         "        self._cache.pop(symbol, None)\n        return True"),
        ("an evaluation of a stale state",
         "self._states.revision(symbol) != base.last", "False"),
        ("a failed symbol is not raised", "    for error in report.failed.values():\n        raise error", "    return"),
        ("states of symbols whose bars failed", "                folds.pop(symbol, None)\n", ""),
    ),
    *_on(
        "functions/compute_features/handler.py",
        ("no letters of compute_features",
         'line.measure("DeadLetters", dead_letters.send([*refused, *report.refused]))', "pass"),
    ),
    *_on(
        "functions/track_signals/handler.py",
        ("no letters of track_signals",
         'line.measure("DeadLetters", dead_letters.send(batch.refused))', "pass"),
        ("gaps are not stored", "gaps.put(batch.gaps)", "pass"),
    ),
    *_on(
        f"{AWS}application/track_signals.py",
        ("track_signals does not raise",
         "    for error in report.failed.values():\n        raise error", "    return"),
        ("the sweep looks at some only", "return self._settle({}, feed, everything=True)",
         "return self._settle({}, feed, everything=False)"),
        ("a new signal is not looked at",
         "                self._looked.pop(stored.signal.symbol, None)\n", "                pass\n"),
        ("no grace", "self._grace_ms = (policy or default_policy()).grace_ms",
         "self._grace_ms = -60_000"),
        ("a forced expiry by the watermark",
         "            return folded\n        return max(folded, feed.watermark)",
         "            return feed.watermark\n        return max(folded, feed.watermark)"),
        ("bars are read before the state", "            folded = self._folded_until(symbol)\n"
         "            bars = self._bars.minutes(symbol, since, _until(group))  # all that it was folded from\n",
         "            folded = self._folded_until(symbol)\n"),
        ("open signals are never read again",
         "if batch.bars or batch.heartbeat is not None or self._stale():",
         "if self._open_at is None:"),
    ),
    *_on(
        f"{CORE}settlement.py",
        ("a tick of a minute that has its bar",
         "    if any(bar.open_time == tick.open_time for bar in bars):\n        return None",
         "    if False:\n        return None"),
        ("a tick after a hole",
         "if tick.open_time != expected or tick.open_time >= signal.expires_at:",
         "if tick.open_time >= signal.expires_at:"),
    ),
    *_on(
        f"{AWS}application/publish_signals.py",
        ("published before it is sent",
         "            self._topic.publish(signal_message(signal, kind, stored.updated_at))\n"
         "            self._outbox.published(signal.signal_id, kind)\n",
         "            self._outbox.published(signal.signal_id, kind)\n"
         "            self._topic.publish(signal_message(signal, kind, stored.updated_at))\n"),
        ("never removed from the outbox",
         "            self._outbox.published(signal.signal_id, kind)\n", ""),
        ("nothing that was pending before",
         "kinds = PUBLICATIONS[: PUBLICATIONS.index(upto) + 1]", "kinds = (upto,)"),
    ),
    *_on(
        f"{AWS}delivery/deliveries.py",
        ("delivery over another version", "return self._model.version == expected",
         "return self._model.version.exists()"),
        ("first delivery over another", "return self._model.event_id.does_not_exist()",
         "return self._model.event_id.does_not_exist() | self._model.event_id.exists()"),
        ("delivery read inconsistently",
         "return self._model.get(event_id, channel, consistent_read=True)",
         "return self._model.get(event_id, channel)"),
    ),
    *_on(
        f"{AWS}delivery/audience.py",
        ("the audience is stored before it is forwarded",
         "            self._queue.forward([addressed(message.body, channel) for channel in found[1:]])\n"
         "            self._deliveries.save_audience(notification.event_id, found)\n",
         "            self._deliveries.save_audience(notification.event_id, found)\n"
         "            self._queue.forward([addressed(message.body, channel) for channel in found[1:]])\n"),
        ("a closing has an audience of its own", "if notification.opening_id is None:", "if True:"),
        ("an audience is not stored",
         "            self._deliveries.save_audience(notification.event_id, found)\n", ""),
    ),
    *_on(
        f"{AWS}delivery/planning.py",
        ("a lease is not respected",
         "if delivery.lease_until is not None and now < delivery.lease_until:", "if False:"),
        ("a closing does not wait for its opening", "return seen.opening.final", "return True"),
        ("a doubtful delivery is suppressed", "if not delivery.doubtful:", "if True:"),
    ),
    *_on(
        f"{AWS}delivery/notifier.py",
        ("a final delivery is sent again", "        if delivery.final:\n            return Report(Result.ALREADY)\n        seen", "        seen"),
    ),
    *_on(
        f"{AWS}delivery/sender.py",
        ("a send without a lease",
         "self._deliveries.save(claimed(seen.delivery, self._clock()))",
         "claimed(seen.delivery, self._clock())"),
        ("an ambiguous failure is taken for certain", "doubtful=ambiguous", "doubtful=False"),
        ("a delivery is never marked", "return self._deliveries.save(done)", "return done"),
    ),
    *_on(
        f"{AWS}application/connect_websocket.py",
        ("a client is registered late",
         "        self._connections.add(\n"
         "            connection_id, mark\n"
         "        )  # before reading, so that no signal is missed between the two\n"
         "        changed, complete = self._changed(request.since, now)\n",
         "        changed, complete = self._changed(request.since, now)\n"
         "        self._connections.add(connection_id, mark)\n"),
        ("a resume without overlap", "since = max(0, since - OVERLAP_MS)", "since = max(0, since + 1)"),
        ("a resume of today only", "for day in (day_of(now - DAY_MS), day_of(now)):", "for day in (day_of(now),):"),
    ),
    *_on(
        f"{AWS}application/broadcast.py",
        ("a client that has left stays", "return self._remove(connection_id) or error",
         "return error"),
        ("a failed post ends the broadcast", "        except SignalEngineError as error:\n            return error\n        return None",
         "        except SignalEngineError:\n            raise\n        return None"),
    ),
    *_on(
        f"{AWS}stores/connections.py",
        ("clients read inconsistently",
         "ConnectionItem.query(str(bucket), consistent_read=True)",
         "ConnectionItem.query(str(bucket))"),
    ),
)  # fmt: skip
