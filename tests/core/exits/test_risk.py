"""Gains in R: laws, and the vectors that the dashboard and the command line share."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits.risk import result_of, reward_of
from signalengine.signals import RETURN_SCALE, Exits, Fill, Signal, Target, public, settled
from signalengine.text.languages import in_language
from signalengine.text.messages import closed_text, opened_text

from tests.examples import examples
from tests.telegram_samples import NOON, end, signal

CASES: Final[list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("risk_vectors.json").read_text("utf-8")
)


def of_case(case: dict[str, Any]) -> Signal:
    """Return the closed signal of a row of the vectors."""
    targets = tuple(Target(price, 1.0 / len(case["targets"])) for price in case["targets"])
    opened = signal(
        direction=case["direction"], entry_price=case["entry"], sl_price=case["stop"],
        tp_price=case["targets"][0], exits=Exits(targets) if len(targets) > 1 else None,
    )  # fmt: skip
    return settled(opened, end(gross_return=round(case["gross_pct"] / 100 * RETURN_SCALE)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["result"]))
@pytest.mark.parametrize("language", ["en", "es"])
def test_messages_write_what_the_other_faces_write(case: dict[str, Any], language: str) -> None:
    one = of_case(case)
    shown = (case["reward"], case["result"]) if language == "en" else case["spanish"]
    with in_language(language):
        opening, closing = opened_text(replace(one, settlement=None)), closed_text(one)
    reward, result = shown
    assert (f"R:R: <b>{reward}</b>\n" in opening) == (reward is not None)
    assert (f"({result})" in closing) == (result is not None)
    if reward is None:
        assert "R:R" not in opening
        assert " R)" not in closing


@examples(100)
@given(
    st.sampled_from([1, -1]),
    st.floats(1e-6, 1e6),
    st.floats(0.001, 0.2),
    st.lists(st.floats(-0.1, 0.2), min_size=1, max_size=4),
)
def test_a_result_in_r_is_the_mean_of_its_parts(
    side: int, entry: float, far: float, gains: list[float]
) -> None:
    direction = "long" if side > 0 else "short"
    one = signal(direction=direction, entry_price=entry, sl_price=entry * (1 - side * far))
    part = 1.0 / len(gains)
    fills = tuple(
        Fill(f"target{n}", NOON, entry * (1 + side * gain), part) for n, gain in enumerate(gains, 1)
    )
    gross = round(sum(part * gain for gain in gains) * RETURN_SCALE)
    closed = settled(one, end(gross_return=gross, fills=fills))
    parts = [(fill.fraction, one.in_r(fill.price)) for fill in fills]
    mean = sum(fraction * (gain or 0.0) for fraction, gain in parts)
    assert closed.result_r == pytest.approx(mean, abs=1e-7 / far)
    assert result_of(public(closed)) == pytest.approx(closed.result_r, abs=1e-9 / far)
    assert reward_of(public(one)) == pytest.approx(one.reward_r)


def test_an_open_signal_has_no_result() -> None:
    assert signal().result_r is None
    assert result_of(public(signal())) is None
