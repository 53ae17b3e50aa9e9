"""The inputs of a model: every name can be read, and means the same on both sides."""

import math

import pytest
from signalengine import rules
from signalengine.errors import ModelError
from signalengine.models.inputs import ALIASES, PRICES, find, names, of_close, read
from signalengine.snapshot import NAMES, SIZE, flat

from ..samples import evaluation


def test_every_input_can_be_read_on_both_sides() -> None:
    e = evaluation(atr=0.5, features={"1m": {"rsi": 61.0}})
    f, out = flat(e.features, e.context), [float(k) for k in range(rules.OUT_SIZE)]
    for name in names():
        one = find(name)
        long, short = read(one, f, 1.0, out), read(one, f, -1.0, out)
        if of_close(name):
            assert long == short or (math.isnan(long) and math.isnan(short))
            along = find(f"along_{name}")
            assert read(along, f, -1.0, out) == -long or math.isnan(long)


def test_distances_and_shares_are_of_the_close() -> None:
    e = evaluation(price=200.0, atr=0.5, features={"1m": {"vwap": 190.0, "rsi": 61.0}})
    f, out = flat(e.features, e.context), [0.0] * rules.OUT_SIZE
    known = {"vwap_dist": 0.05, "15m_atr_share": 0.0025, "1m_rsi_mid": 11.0, "rsi": 61.0}
    assert {name: read(find(name), f, 1.0, out) for name in known} == known
    assert read(find("along_vwap_dist"), f, -1.0, out) == -0.05


def test_scores_are_those_of_the_side() -> None:
    out = [0.0] * rules.OUT_SIZE
    out[rules.LONG_SCORE], out[rules.SHORT_SCORE], out[rules.SHORT_PARTS] = 0.6, 0.2, 0.4
    f = [math.nan] * SIZE
    assert read(find("score"), f, 1.0, out) == read(find("rival_score"), f, -1.0, out) == 0.6
    assert read(find("trend"), f, -1.0, out) == 0.4
    assert read(find("side"), f, -1.0, out) == -1.0


@pytest.mark.parametrize("name", ["", "2m_rsi", "along_score", "along_side", "1m_rsi_dist", "pnl"])
def test_an_unknown_input_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="input"):
        find(name)


def test_short_names_are_names() -> None:
    assert {find(name).long for name in ALIASES} == {find(full).long for full in ALIASES.values()}


def test_every_price_level_has_a_distance() -> None:
    assert set(PRICES) < set(NAMES)
    assert {f"1h_{name}_dist" for name in PRICES} <= set(names())
