"""An edge is claimed only where all the evidence supports it."""

import json
from dataclasses import replace

import pytest

from research.statistics.conclusion import conclude
from research.statistics.errors import StatisticsError
from tests.research.statistics.made import at_random, made_run, policy_with, with_foresight


@pytest.fixture(scope="module")
def by_chance():
    return conclude([made_run(at_random(60), days=12)], draws=300)


@pytest.fixture(scope="module")
def by_foresight():
    return conclude([made_run(with_foresight(60), days=12)], draws=300)


def test_chance_shows_no_edge(by_chance):
    assert not by_chance.edge
    assert by_chance.statement.startswith("No edge shown.")
    assert "N = 60" in " ".join(by_chance.sentences)


def test_foresight_shows_one(by_foresight):
    assert by_foresight.edge
    assert by_foresight.statement.startswith("An edge is shown")
    assert by_foresight.shift.p_net < 0.01


def test_an_edge_found_by_trying_must_survive_deflation():
    """Ten days are too few for a deflated ratio: what was picked of 1,000 is not believed."""
    tried = conclude([made_run(with_foresight(60), days=12)], draws=300, trials=1000)
    assert not tried.edge
    assert (
        tried.statement
        == "No edge shown. The edge does not survive deflation for 1000 configurations tried."
    )
    assert "days" in tried.deflated.reason


def test_a_long_honest_edge_survives_deflation():
    run = made_run(with_foresight(300), days=40)
    assert conclude([run], draws=200, trials=50).edge


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "No signal has closed"), (1, "1 closed signal is too few"), (29, "30 are needed")],
)
def test_few_signals_show_nothing(count, words):
    found = conclude([made_run(with_foresight(count))], draws=50)
    assert not found.edge
    assert words in found.statement


def test_few_days_show_nothing():
    found = conclude([made_run(with_foresight(40), days=4)], draws=50)
    assert not found.edge
    assert "days are too few" in found.statement


def test_costs_alone_make_chance_lose():
    run = made_run(at_random(200), days=12, policy=policy_with(fee_bps=50.0, cost_gate=0.0))
    assert "the whole interval is below zero" in conclude([run], draws=50).statement


def test_a_simulated_market_is_named_in_the_conclusion():
    found = conclude([made_run(with_foresight(40), days=12, kind="simulated")], draws=50)
    assert "The market was simulated: the result does not apply to a real one." in found.sentences


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"kind": "simulated", "symbol": "ETHUSDT"}, "recording and simulated markets"),
        ({"policy": policy_with(threshold=0.7), "symbol": "ETHUSDT"}, "policies"),
        ({}, "2 runs"),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(other, words):
    runs = [made_run(at_random(0)), made_run(at_random(0), **other)]
    with pytest.raises(StatisticsError, match=words):
        conclude(runs)


def test_no_runs_are_an_error():
    with pytest.raises(StatisticsError, match="no runs"):
        conclude([])


def test_a_conclusion_is_plain_json_and_follows_from_the_seed(by_chance):
    again = conclude([made_run(at_random(60), days=12)], draws=300)
    assert json.dumps(again.to_dict(), allow_nan=False) == json.dumps(by_chance.to_dict())
    assert again.to_dict()["verdicts"] == {"emitted": 60, "below_threshold": 180}


def test_runs_on_bars_of_two_lengths_do_not_belong_together():
    fine = made_run(at_random(40), days=9)
    coarse = made_run(at_random(40), days=9, symbol="ETHUSDT", seed=2)
    coarse.feed = replace(coarse.feed, interval="1h")
    with pytest.raises(StatisticsError, match="runs on bars of 1m and 1h"):
        conclude([fine, coarse], draws=20)
    alone = conclude([coarse], draws=20)
    assert alone.coarse == alone.to_dict()["coarse"] == "1h"
    assert alone.sentences[1].startswith("Coarse: signals were settled by 1h bars")
    assert conclude([fine], draws=20).to_dict()["coarse"] is None
