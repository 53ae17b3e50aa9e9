"""Every record of the stream is a fact or exactly one dead letter; the shard moves on."""

import json
from typing import Any

import pytest
from signalengine.facts.stream import Fact, encode

from functions.compute_features import handler as compute_features
from functions.track_signals import handler as track_signals
from tests.aws.folded import readable
from tests.aws.market import bars_facts, heartbeat, history, ticks
from tests.aws.world import Trouble, World, kinesis_event

from .test_compute_features import store_warm_states


def changed(**changes: Any) -> bytes:
    """A bars fact with something else in it."""
    return json.dumps(raw() | changes).encode()


def raw() -> dict[str, Any]:
    fact: dict[str, Any] = json.loads(encode(bars_facts("ETHUSDT", 1)[0]))
    return fact


def in_bar(**changes: Any) -> bytes:
    fact = raw()
    fact["bars"][0] |= changes
    return json.dumps(fact).encode()


def without(name: str) -> bytes:
    fact = raw()
    del fact[name]
    return json.dumps(fact).encode()


MALFORMED: dict[str, tuple[bytes, str, str]] = {
    "broken JSON": (b'{"v": 1, "kind": "bars", ', "track_signals", "not JSON"),
    "not text": (b"\xff\xfe\x00\x80", "track_signals", "not JSON"),
    "nothing": (b"", "track_signals", "not JSON"),
    "a list": (b"[1, 2]", "track_signals", "not a JSON object"),
    "unknown kind": (b'{"v": 1, "kind": "gossip"}', "track_signals", "unknown kind 'gossip'"),
    "no kind": (b'{"v": 1}', "track_signals", "unknown kind None"),
    "a list of kinds": (b'{"v": 1, "kind": ["bars"]}', "track_signals", "unknown kind"),
    "another version": (changed(v=2), "compute_features", "schema version 2"),
    "a negative price": (in_bar(low=-1.0), "compute_features", "not a price"),
    "NaN": (in_bar(close=float("nan")), "track_signals", "close: nan is"),
    "a text price": (in_bar(open="100"), "compute_features", "not a number"),
    "high below low": (in_bar(high=1.0), "compute_features", "outside low"),
    "missing field": (without("sent_at"), "compute_features", "sent_at"),
    "no bars": (changed(bars=[]), "compute_features", "the first bar must be the 1m bar"),
    "a strange symbol": (changed(symbol="../etc"), "compute_features", "is not a symbol"),
    "a key of the table": (changed(symbol="#lease"), "compute_features", "is not a symbol"),
    "markup": (changed(symbol="<B>USDT</B>"), "compute_features", "is not a symbol"),
    "an expression": (changed(symbol="=1+1"), "compute_features", "is not a symbol"),
    "unknown symbol": (changed(symbol="XRPUSDT"), "compute_features", "unknown symbol XRPUSDT"),
    "history out of order": (
        json.dumps(
            json.loads(encode(history("ETHUSDT")[0]))
            | {"bars": json.loads(encode(history("ETHUSDT")[0]))["bars"][:2][::-1]}
        ).encode(),
        "compute_features",
        "not in ascending order",
    ),
    "bad ticks": (
        b'{"v": 1, "kind": "ticks", "time": 1, "market": "live", "ticks": {"BTCUSDT": [1]}}',
        "track_signals",
        "ticks.BTCUSDT",
    ),
    "bad heartbeat": (b'{"v": 1, "kind": "heartbeat"}', "track_signals", "prices"),
    "900 KB of bars": (changed(padding="x" * 900_000), "compute_features", "is over"),
    "900 KB of nothing": (b"x" * 900_000, "track_signals", "is over"),
    "deep nesting": (b"[" * 100_000, "track_signals", "not JSON"),
}


def both_functions(world: World, context: object, *records: bytes) -> None:
    event = kinesis_event(*records)
    compute_features.handler(event, context)
    track_signals.handler(event, context)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_record_is_exactly_one_dead_letter_with_its_reason(
    world: World, context: object, name: str
) -> None:
    data, function, reason = MALFORMED[name]
    store_warm_states()
    both_functions(world, context, data)
    (letter,) = world.letters()
    assert letter["function"] == function
    assert reason in letter["reason"]
    assert letter["size"] == len(data)
    assert letter["sequence_number"] == "0" * 56
    assert letter["partition_key"] == "key"


def test_all_of_them_at_once_with_good_facts_between(world: World, context: object) -> None:
    store_warm_states()
    good = [encode(fact) for fact in bars_facts("ETHUSDT", 30)[28:]]
    good += [encode(heartbeat(1, "ETHUSDT")), encode(ticks(1, ETHUSDT=(1.0, 1.0, 1.0, 1.0)))]
    both_functions(world, context, *(data for data, _, _ in MALFORMED.values()), *good)
    assert len(world.letters()) == len(MALFORMED)
    minutes = [key for key in readable(world)["bars"] if key[:2] == ("ETHUSDT", "1m")]
    assert len(minutes) == 2


def test_valid_facts_are_not_dead_lettered(world: World, context: object) -> None:
    store_warm_states()
    facts: list[Fact] = [
        *history("ETHUSDT"), *bars_facts("ETHUSDT", 30)[28:],
        heartbeat(1, "ETHUSDT"), ticks(1, ETHUSDT=(1.0, 1.0, 1.0, 1.0)),
    ]  # fmt: skip
    both_functions(world, context, *(encode(fact) for fact in facts))
    assert world.letters() == []


def test_a_repeated_batch_sends_no_dead_letter_again(world: World, context: object) -> None:
    """A later symbol's trouble hands the batch over again, to the same process."""
    both_functions(world, context, MALFORMED["no kind"][0], MALFORMED["a negative price"][0])
    both_functions(world, context, MALFORMED["no kind"][0], MALFORMED["a negative price"][0])
    assert len(world.letters()) == 2


def test_dead_letters_are_sent_after_the_batch_is_committed(world: World, context: object) -> None:
    store_warm_states()
    event = kinesis_event(MALFORMED["a negative price"][0], *bars_facts("ETHUSDT", 30)[28:])
    world.trouble = Trouble(0, "throttled")
    with pytest.raises(Exception, match="Throttling"):
        compute_features.handler(event, context)
    assert world.letters() == []
    compute_features.handler(event, context)
    assert len(world.letters()) == 1
