"""The policy of the environment: other numbers, another digest, and the same rules."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.policy import default_policy, load_policy

from infra.errors import CommandError
from infra.local.settings import policy as settings

NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "SIGNAL_SCORE_THRESHOLD": st.floats(0.01, 1.0),
        "SIGNAL_COOLDOWN_SECONDS": st.integers(0, 90_000),
        "SIGNAL_REARM_SECONDS": st.integers(0, 90_000),
        "SIGNAL_TP_MULTIPLIER": st.floats(0.1, 50.0),
        "SIGNAL_SL_MULTIPLIER": st.floats(0.1, 50.0),
        "SIGNAL_TTL_SECONDS": st.integers(1, 600).map(lambda minutes: minutes * 60),
    },
)
EXAMPLE = {
    "SIGNAL_SCORE_THRESHOLD": "0.50", "SIGNAL_COOLDOWN_SECONDS": "300",
    "SIGNAL_TP_MULTIPLIER": "2.0", "SIGNAL_SL_MULTIPLIER": "1.0", "SIGNAL_TTL_SECONDS": "3600",
}  # fmt: skip


@given(NUMBERS)
def test_each_variable_replaces_its_number_and_the_digest_follows(
    numbers: dict[str, float],
) -> None:
    environ = {name: str(number) for name, number in numbers.items()}
    found, usual = settings.policy_of_environment(environ), default_policy()
    assert found.threshold == numbers.get("SIGNAL_SCORE_THRESHOLD", usual.threshold)
    assert found.cooldown_ms == 1000 * numbers.get("SIGNAL_COOLDOWN_SECONDS", 300)
    assert found.rearm_ms == 1000 * numbers.get("SIGNAL_REARM_SECONDS", 3600)
    assert found.tp_atr == numbers.get("SIGNAL_TP_MULTIPLIER", usual.tp_atr)
    assert found.sl_atr == numbers.get("SIGNAL_SL_MULTIPLIER", usual.sl_atr)
    assert found.ttl_ms == 1000 * numbers.get("SIGNAL_TTL_SECONDS", 3600)
    assert (found.digest == usual.digest) == (found.numbers == usual.numbers)
    assert (settings.sentence(environ) is None) == (found.digest == usual.digest)


def test_the_example_of_version_3_is_the_default_policy(tmp_path: Path) -> None:
    assert settings.policy_of_environment(EXAMPLE) is default_policy()
    assert settings.policy_file(EXAMPLE, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_the_file_for_the_functions_is_the_policy_of_the_command(tmp_path: Path) -> None:
    environ = EXAMPLE | {"SIGNAL_SCORE_THRESHOLD": "0.6"}
    file = settings.policy_file(environ, tmp_path)
    assert file is not None
    assert load_policy(file.read_text()) == settings.policy_of_environment(environ)
    assert json.loads(file.read_text())["threshold"] == 0.6


def test_the_start_names_what_is_changed_and_both_digests() -> None:
    said = settings.sentence(EXAMPLE | {"SIGNAL_TTL_SECONDS": "7200"})
    assert said is not None
    assert "SIGNAL_TTL_SECONDS=7200 (default 3600)" in said
    assert default_policy().digest in said
    assert "COOLDOWN" not in said


@pytest.mark.parametrize(
    ("name", "given_", "words"),
    [
        ("SIGNAL_TTL_SECONDS", "61", "SIGNAL_TTL_SECONDS=61 must be whole minutes, to 30 days"),
        ("SIGNAL_SCORE_THRESHOLD", "1.5", r"SIGNAL_SCORE_THRESHOLD=1\.5 must be in \(0, 1\]"),
        ("SIGNAL_TP_MULTIPLIER", "-1", "SIGNAL_TP_MULTIPLIER=-1 must be positive"),
        ("SIGNAL_COOLDOWN_SECONDS", "soon", "SIGNAL_COOLDOWN_SECONDS=soon is not a number"),
    ],
)
def test_a_number_that_no_policy_may_have_is_named_by_its_variable(
    name: str, given_: str, words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        settings.policy_of_environment({name: given_})


def test_a_fixed_number_wins() -> None:
    environ = {"SIGNAL_SCORE_THRESHOLD": "0.6", "SIGNAL_TTL_SECONDS": "120"}
    found = settings.policy_of_environment(environ, threshold=0.7)
    assert (found.threshold, found.ttl_ms) == (0.7, 120_000)
