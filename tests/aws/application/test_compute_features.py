"""compute_features on fakes: entries, evaluations, checkpoints; a repeat changes nothing."""

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.facts.stream import Fact, HistoryFact, encode
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy
from signalengine_aws.application.compute_features import (
    ComputeFeatures,
    Report,
    advance_progress,
    read_facts,
)
from signalengine_aws.application.folding import CHECKPOINT_MINUTES
from signalengine_aws.messaging.dead_letters import DeadLetter
from signalengine_aws.messaging.records import Record
from signalengine_aws.runtime.retries import TRIES
from signalengine_aws.stores.log.entry import Entry, pack
from signalengine_aws.stores.log.replay import beginning
from signalengine_aws.stores.state import Progress

from tests.aws.fakes import (
    MemoryCheckpoints,
    MemoryEvaluations,
    MemoryFeed,
    MemoryGroups,
    MemoryLog,
)
from tests.aws.market import START, bars_facts, heartbeat, history
from tests.aws.world import Crash
from tests.examples import examples
from tests.functions.test_compute_features import BEFORE, warm

SYMBOL, OTHER = "ETHUSDT", "BTCUSDT"
NEXT = bars_facts(SYMBOL, BEFORE + 2)[BEFORE:]


def record(data: bytes, number: int = 0) -> Record:
    return Record(data, SYMBOL, str(number))


class Deaths(list[tuple[Any, ...]]):
    """A journal of writes; before number `at` of them the process dies."""

    at = -1

    def append(self, row: tuple[Any, ...]) -> None:
        self.at -= 1
        if self.at == -1:
            raise Crash(row[0])
        super().append(row)


class Case:
    """Warm states of two symbols in groups of a size, and three stores with a common journal."""

    def __init__(self, *known: str, size: int = 1) -> None:
        self.journal = Deaths()
        self.groups = MemoryGroups(size)
        self.states = MemoryCheckpoints(self.journal)
        self.log = MemoryLog(self.journal)
        self.evaluations = MemoryEvaluations(self.journal)
        self.letters: list[DeadLetter] = []
        self.retained: list[tuple[int, int, bool]] = []
        self.groups.add([SYMBOL, OTHER] if size == 1 else [])
        for symbol in known or (SYMBOL, OTHER):
            self.groups.add([symbol])
            self.states.items[symbol] = warm(symbol, BEFORE)
        self.restart()

    def left(self) -> tuple[Any, ...]:
        """What can be read: bars, evaluations and states."""
        states = {}
        for symbol, group in self.groups.of(self.groups.symbols).items():
            replay = beginning([symbol], self.states.of([symbol]), default_policy())
            for one in self.log.after(group, 0):
                replay.fold(one.number, one.entry())
            state = replay.members[symbol].state
            states[symbol] = None if state is None else state.to_bytes()
        return self.log.bars(), dict(self.evaluations.items), states

    def restart(self) -> None:
        self.use_case = ComputeFeatures(
            log=self.log, groups=self.groups, states=self.states, events=self.evaluations,
            policy=default_policy(), send_letters=self.send_letters, retain=self.retain,
            workers=0,
        )  # fmt: skip

    def retain(self, number: int, state: SymbolState, _sets: Any, _of: Any, reset: bool) -> None:
        """Number of the entry, close of the state in minutes after the start, by history."""
        self.journal.append(("retained", number))
        self.retained.append((number, (state.last_close_time - START) // MINUTE_MS, reset))

    def send_letters(self, letters: Sequence[DeadLetter]) -> int:
        self.journal.append(("letters", *(one.record.sequence_number for one in letters)))
        self.letters += letters
        return len(letters)

    def commit(self, *data: bytes, first: int = 0) -> Report:
        groups, refused = read_facts(record(one, n) for n, one in enumerate(data, first))
        assert refused == []
        return self.use_case.commit(groups)


@pytest.fixture
def case() -> Case:
    return Case()


ORDER = ("entry", "evaluation", "bars", "state").index


def test_an_entry_comes_before_what_it_implies_and_a_checkpoint_last(case: Case) -> None:
    facts = bars_facts(SYMBOL, BEFORE + CHECKPOINT_MINUTES)[BEFORE:]
    report = case.commit(*(encode(fact) for fact in facts))
    kinds = [row[0] for row in case.journal]
    assert report.events > 0
    assert kinds == sorted(kinds, key=ORDER)
    assert (kinds.count("entry"), kinds.count("state")) == (1, 1)


def test_groups_to_be_scored_are_stored_before_the_others(case: Case) -> None:
    quiet, busy = bars_facts(OTHER, BEFORE + 1)[BEFORE], NEXT
    report = case.commit(encode(quiet), *(encode(fact) for fact in busy))
    groups = case.groups.of([SYMBOL, OTHER])
    assert {one.symbol for one in case.evaluations.items.values()} == {SYMBOL}
    written = [row[:2] for row in case.journal if row[0] in ("entry", "evaluation")]
    assert written[0] == ("entry", groups[SYMBOL])
    assert written[-1] == ("entry", groups[OTHER])
    assert report.bars == sum(len(fact.bars) for fact in (quiet, *busy))


@pytest.mark.parametrize("size", [1, 16])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_repeated_batch_changes_nothing(restarted: bool, size: int) -> None:
    case = Case(size=size)
    batch = [encode(fact) for fact in NEXT]
    case.commit(*batch)
    before = case.left(), dict(case.log.items), dict(case.states.items)
    if restarted:
        case.restart()
    report = case.commit(*batch)
    assert (report.bars, report.events) == (0, 0)
    assert (case.left(), case.log.items, case.states.items) == before


def test_a_group_whose_log_has_grown_is_read_again(case: Case) -> None:
    once = Case()
    once.commit(*(encode(fact) for fact in NEXT))

    def race(_group: int) -> None:
        case.log.before_append = lambda _group: None
        other = case.use_case
        case.restart()
        case.commit(encode(NEXT[0]))
        case.use_case = other

    case.log.before_append = race
    report = case.commit(*(encode(fact) for fact in NEXT))
    assert (report.failed, report.bars) == ({}, len(NEXT[1].bars))
    assert case.left() == once.left()


def test_a_log_that_always_grows_is_a_transient_error(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalengine_aws.runtime.retries.random.uniform", lambda _a, _b: 0.0)
    tries = []

    def race(group: int) -> None:
        last = case.log.last(group)
        number = 1 if last is None else last.number + 1
        case.log.items[group, number] = pack(Entry(0, number, {}))
        tries.append(number)

    case.log.before_append = race
    report = case.commit(encode(NEXT[0]))
    assert isinstance(report.failed[SYMBOL], TransientError)
    assert len(tries) == TRIES


def test_a_failure_of_one_group_does_not_affect_the_others(case: Case) -> None:
    case.log.faults[case.groups.of([OTHER])[OTHER]] = TransientError("throttled")
    other = bars_facts(OTHER, BEFORE + 1)[BEFORE]
    report = case.commit(encode(NEXT[0]), encode(other))
    assert report.failed.keys() == {OTHER}
    assert report.bars == len(NEXT[0].bars)
    assert {symbol for symbol, _, _ in case.log.bars()} == {SYMBOL}


def test_bars_of_an_unknown_symbol_are_dead_lettered_until_its_history_arrives() -> None:
    case = Case(OTHER)
    case.commit(encode(NEXT[0]))
    assert "no history came before" in case.letters[0].reason
    case.commit(*(encode(fact) for fact in history(SYMBOL)), first=1)
    assert case.commit(encode(bars_facts(SYMBOL, 1)[0]), first=5).letters == 0


@pytest.mark.parametrize("first", [0, 1])
def test_facts_are_refused_only_on_what_the_tables_have(first: int) -> None:
    """A process may know a group and not the history that another has stored meanwhile."""
    case = Case(OTHER, size=16)
    case.groups.add([SYMBOL])
    case.commit(encode(bars_facts(OTHER, BEFORE + 1)[BEFORE]))
    before = case.use_case
    case.restart()
    case.commit(*(encode(fact) for fact in history(SYMBOL)), first=1)
    case.use_case = before
    report = case.commit(encode(EARLY[0]), first=9 * first)
    assert (report.letters, report.bars > 0) == ((0, True) if first else (1, False))


def test_a_checkpoint_is_made_once_in_twenty_minutes_each_symbol_at_its_own() -> None:
    case, days = Case(size=16), 60
    facts = {symbol: bars_facts(symbol, BEFORE + days)[BEFORE:] for symbol in (SYMBOL, OTHER)}
    case.commit(*(encode(facts[symbol][0]) for symbol in facts))
    case.journal.clear()
    made: dict[str, list[int]] = {SYMBOL: [], OTHER: []}
    for number in range(1, days):
        case.commit(*(encode(facts[symbol][number]) for symbol in facts))
        for row in case.journal:
            if row[0] == "state":
                made[row[1]].append(number)
        case.journal.clear()
    for minutes in made.values():
        assert len(minutes) in (2, 3)
        assert {b - a for a, b in itertools.pairwise(minutes)} == {20}
    assert not set(made[SYMBOL]) & set(made[OTHER])


def test_numbers_go_on_after_the_checkpoints_when_all_entries_have_expired() -> None:
    facts = [encode(fact) for fact in bars_facts(SYMBOL, BEFORE + 60)[BEFORE:]]
    case, once = Case(SYMBOL), Case(SYMBOL)
    once.commit(*facts)
    for number, fact in enumerate(facts[:40]):
        case.commit(fact, first=number)
    stored = case.states.items[SYMBOL].entry
    assert stored > 20
    case.log.items.clear()
    case.restart()
    for number, fact in enumerate(facts[stored:], start=stored):
        case.commit(fact, first=number)
    assert min(number for _, number in case.log.items) == stored + 1
    assert case.states.items[SYMBOL].entry > stored
    assert case.left()[2] == once.left()[2]


def test_a_group_is_read_again_when_its_checkpoint_is_refused() -> None:
    case, minutes = Case(SYMBOL), 20
    facts = [encode(fact) for fact in bars_facts(SYMBOL, BEFORE + minutes)[BEFORE:]]
    case.commit(facts[0])
    case.states.items[SYMBOL] = replace(warm(SYMBOL, BEFORE + minutes), entry=99)
    bars = []
    for number, fact in enumerate(facts[1:], start=1):
        known = len(case.journal)
        bars.append(case.commit(fact, first=number).bars)
        if ("state", SYMBOL) in [row[:2] for row in case.journal[known:]]:
            break
    assert len(bars) < minutes - 1
    assert all(bars)
    assert case.commit(*facts, first=minutes).bars == 0  # the state of the checkpoint has them


def test_history_and_what_was_missed_are_folded_again_from_the_log() -> None:
    """Bars, then a gap, then history that fills it, and bars again: in one batch, or restarted."""
    gap = bars_facts(SYMBOL, BEFORE + 6)[BEFORE:]
    filled = HistoryFact(SYMBOL, "1m", tuple(fact.bars[0] for fact in gap[1:4]), "live")
    stream = [encode(fact) for fact in (gap[0], filled, gap[4], filled, gap[5])]
    once, often = Case(SYMBOL), Case(SYMBOL)
    once.commit(*stream)
    for number, one in enumerate(stream):
        often.commit(one, first=number)
        often.restart()
    assert once.left() == often.left()
    assert [key[2] for key in once.log.bars() if key[1] == "1m"] == [
        fact.bars[0].open_time for fact in gap
    ]


def test_a_commit_that_is_too_large_for_an_item_is_several_entries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signalengine_aws.application.folding.MAX_ROWS", 3)
    parts, whole = Case(SYMBOL), Case(SYMBOL)
    facts = [encode(fact) for fact in bars_facts(SYMBOL, BEFORE + 9)[BEFORE:]]
    report = parts.commit(*facts)
    assert len(parts.log.items) > 2
    monkeypatch.undo()
    assert (report.failed, report.bars) == ({}, whole.commit(*facts).bars)
    assert parts.left() == whole.left()


EARLY = bars_facts(SYMBOL, 7)
"""Its first minutes; the history ends before the first of them."""
SHORT = next(one for one in history(SYMBOL) if one.interval == "1m")
SHORT = replace(SHORT, bars=SHORT.bars[-3:])


def streams() -> st.SearchStrategy[list[Fact]]:
    """A symbol's history comes after some of its bars, of which each may be sent again later."""
    late = st.sampled_from(EARLY[:5])
    return st.builds(
        lambda before, again, other: [
            *before, SHORT, other, *again, *EARLY[len(before) // 2 :],
        ],
        before=st.lists(late, min_size=1, max_size=4),
        again=st.lists(late, max_size=2),
        other=st.just(bars_facts(OTHER, BEFORE + 1)[BEFORE]),
    )  # fmt: skip


@dataclass(frozen=True)
class Run:
    """How one batch goes: its size, the records before it that come again, and what goes wrong."""

    size: int = 99
    again: int = 0
    other_fails: bool = False
    dies_at: int = -1


RUNS = st.lists(
    st.builds(Run, st.integers(1, 12), st.integers(0, 12), st.booleans(), st.integers(-1, 12)),
    max_size=6,
)


@given(streams(), RUNS, st.sampled_from([1, 16]))
@examples(80)
def test_what_was_refused_is_refused_in_whatever_batches_it_comes_again(
    stream: list[Fact], runs: list[Run], size: int
) -> None:
    """Whoever dies or fails anywhere: the tables are as after one run, and no letter is missing."""
    case, once = Case(OTHER, size=size), Case(OTHER, size=size)
    raw = [encode(fact) for fact in stream]
    once.commit(*raw)
    at = 0
    for run in (*runs, Run()):
        begin, end = max(0, at - run.again), at + run.size
        at = end if delivered(case, raw[begin:end], begin, run) else at
    assert case.left() == once.left()
    assert letters(case) == letters(once) != set()


def delivered(case: Case, batch: list[bytes], first: int, run: Run) -> bool:
    """Whether a batch is committed, after which it does not come again."""
    if run.other_fails:
        case.log.faults[case.groups.of([OTHER])[OTHER]] = TransientError("throttled")
    case.journal.at = run.dies_at
    try:
        return not case.commit(*batch, first=first).failed
    except Crash:
        case.restart()
        return False
    finally:
        case.log.faults.clear()
        case.journal.at = -1


def letters(case: Case) -> set[str]:
    return {one.record.sequence_number for one in case.letters}


def test_a_letter_is_sent_before_the_entry_that_has_passed_its_fact(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another symbol's failure hands the batch over again, when the fact is only ignored."""

    def broken(state: SymbolState, fact: Any, policy: Any) -> Any:
        if fact == NEXT[0]:
            raise ZeroDivisionError("a bug")
        return advance(state, fact, policy)

    monkeypatch.setattr("signalengine_aws.application.folding.advance", broken)
    case.log.faults[case.groups.of([OTHER])[OTHER]] = TransientError("throttled")
    other = bars_facts(OTHER, BEFORE + 1)[BEFORE]
    report = case.commit(*(encode(fact) for fact in (*NEXT, other)))
    assert (report.failed.keys(), report.letters) == ({OTHER}, 1)
    kinds = [row[0] for row in case.journal]
    assert kinds.index("letters") < kinds.index("entry")


def test_an_entry_waits_for_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_letters: object) -> int:
        raise TransientError("the queue is away")

    case = Case(OTHER)
    monkeypatch.setattr(case.use_case, "_send_letters", away)
    report = case.commit(*(encode(fact) for fact in (EARLY[0], *history(SYMBOL))))
    assert report.failed.keys() == {SYMBOL}
    assert case.log.items == {}


def test_a_second_different_bar_of_a_minute_is_counted_and_not_stored(case: Case) -> None:
    case.commit(encode(NEXT[0]))
    bar = replace(NEXT[0].bars[0], close=NEXT[0].bars[0].close + 0.01)
    report = case.commit(encode(replace(NEXT[0], bars=(bar, *NEXT[0].bars[1:]))))
    assert report.differences == 1
    assert case.log.bars()[SYMBOL, "1m", bar.open_time] == NEXT[0].bars[0]


def test_a_malformed_record_is_dead_lettered_with_its_reason_and_the_rest_is_read() -> None:
    good, bad = record(encode(NEXT[0])), record(b'{"v": 1, "kind": "bars"}', 1)
    foreign = record(encode(heartbeat(NEXT[0].close_time)), 2)
    groups, refused = read_facts([bad, good, foreign])
    assert [letter.record for letter in refused] == [bad]
    assert refused[0].reason
    assert [one for one, _ in groups[SYMBOL]] == [good]
    feed = MemoryFeed()
    advance_progress(feed, groups, 7)
    assert feed.stored == Progress(NEXT[0].close_time)
    advance_progress(feed, {}, 8)
    assert feed.stored == Progress(NEXT[0].close_time)


def test_a_progress_that_another_process_stored_meanwhile_is_read_again() -> None:
    """Neither its progress nor its note of late bars is lost."""
    groups, _ = read_facts([record(encode(NEXT[0]))])
    feed = MemoryFeed(races=[Progress(NEXT[1].close_time, 5)])
    advance_progress(feed, groups, 7)
    assert feed.stored == Progress(NEXT[1].close_time, 5)


def test_a_progress_that_always_changes_is_a_transient_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signalengine_aws.runtime.retries.random.uniform", lambda _a, _b: 0.0)
    groups, _ = read_facts([record(encode(NEXT[0]))])
    feed = MemoryFeed(races=[Progress(n) for n in range(1, TRIES + 2)])
    with pytest.raises(TransientError):
        advance_progress(feed, groups, 7)


def test_a_state_is_retained_after_history_and_then_once_in_four_hours() -> None:
    """With the first checkpoint of its time; before it, so that a crash leaves out neither."""
    case = Case()
    case.groups.symbols, case.states.items = [], {}
    facts = bars_facts(SYMBOL, 500)
    case.commit(*map(encode, history(SYMBOL)))
    assert [row[1:] for row in case.retained] == [(0, True)]
    for at in range(0, 500, 5):
        case.commit(*map(encode, facts[at : at + 5]), first=100 + at)
    (_, *later) = case.retained
    assert [by_history for _, _, by_history in later] == [False, False]
    for (_, minute, _), hours in zip(later, (4, 8), strict=True):
        start = hours * 60 - START // MINUTE_MS % 240
        assert start <= minute < start + CHECKPOINT_MINUTES + 5
    for number, _, _ in later:
        at = case.journal.index(("retained", number))
        assert case.journal[at + 1][0] == "state"


@pytest.mark.parametrize("death", range(8))
def test_what_history_has_made_is_retained_whenever_a_process_ends(death: int) -> None:
    """Also when it ends before it repeats its batch: whoever goes on has read the newest entry."""
    batch: list[Fact] = [*history(SYMBOL), *bars_facts(SYMBOL, 1)]
    whole = history_is_folded(batch, -1)
    assert len(whole.journal) < 8
    assert history_is_folded(batch, death).retained[:1] == whole.retained[:1]


def history_is_folded(batch: Sequence[Fact], death: int) -> Case:
    """Fold a batch; die before a write of it. Another process folds what comes later."""
    case = Case()
    case.groups.symbols, case.states.items, case.journal.at = [], {}, death
    with suppress(Crash):
        case.commit(*map(encode, batch))
    case.journal.at, after = -1, len(case.log.items)
    case.restart()
    if not after:
        case.commit(*map(encode, batch))
    later = bars_facts(SYMBOL, 3)[1:]
    case.commit(*map(encode, later), first=len(batch))
    return case


def test_nothing_of_a_past_that_is_not_known_is_retained() -> None:
    """History of hours alone has no close of a minute."""
    case = Case()
    case.groups.symbols, case.states.items = [], {}
    case.commit(encode(history(SYMBOL)[0]))
    assert case.retained == []
