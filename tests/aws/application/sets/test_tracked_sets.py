"""Signals of sets: those in shadow are looked for once a set is registered, by its own grace."""

import json
from dataclasses import replace

from signalengine_aws.application.sets.running_sets import REGISTRY_MS
from signalengine_aws.application.sets.tracked_sets import TrackedSets
from signalengine_aws.stores.signals import StoredSignal

from tests.aws.sets import MemoryRegistry, registered
from tests.core.strategy.texts import runner_set
from tests.telegram_samples import signal

ONE = runner_set("a")
SHADOW = StoredSignal(
    replace(signal(), strategy=ONE.key, shadow=True, policy_digest=ONE.digest), 1, frozenset()
)


def test_open_signals_in_shadow_are_read_once_a_set_was_registered() -> None:
    now, reads, registry = [0], list[int](), MemoryRegistry()

    def shadows() -> list[StoredSignal]:
        reads.append(now[0])
        return [SHADOW]

    sets = TrackedSets(registry, shadows, lambda: now[0])
    assert sets.open_shadows() == ()
    registry.items[ONE.key] = registered(ONE)
    assert sets.open_shadows() == ()
    now[0] = REGISTRY_MS
    assert sets.open_shadows() == [SHADOW]
    registry.act(ONE.key, "retire")
    now[0] = 2 * REGISTRY_MS
    assert sets.open_shadows() == [SHADOW]
    assert reads == [REGISTRY_MS, 2 * REGISTRY_MS]


def test_the_grace_is_the_set_s_while_its_rules_are_those_that_opened_the_signal() -> None:
    raw = json.loads(registered(ONE).text) | {"rules": {"grace_s": 7}}
    known = replace(registered(ONE), text=json.dumps(raw))
    registry = MemoryRegistry({ONE.key: known})
    sets = TrackedSets(registry, list, lambda: 0)
    assert sets.grace_ms(SHADOW.signal, 120_000) == 7_000
    assert sets.grace_ms(replace(SHADOW.signal, policy_digest="other"), 120_000) == 120_000
    assert sets.grace_ms(replace(SHADOW.signal, strategy="gone"), 120_000) == 120_000
    for text in (registered(ONE).text, "{", "[]"):
        registry.items[ONE.key] = replace(known, text=text)
        found = TrackedSets(registry, list, lambda: 0).grace_ms(SHADOW.signal, 120_000)
        assert found == 120_000
