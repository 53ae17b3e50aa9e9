"""Past signals under other rules, as `what-if` prints them."""

import re

import pytest
from signalengine.stats.what_if import LEFT_OUT

from infra.cli.views.what_if import REASONS, rules
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import what_if
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


def test_both_outcomes_are_beside_each_other_and_marked_as_hindsight(
    cli: Cli, stack: Stack
) -> None:
    out = run_ok(cli, stack, "what-if", "--tp", "3", "--ttl", "30").out
    assert "hindsight  TP 3 ATR, expiry 30 min  policy default (5dd6a6097a63)" in out
    assert re.search(r"as published +2 +50.0% +9.5% to 90.5% +\+0.25% +\+0.50%", out)
    assert re.search(r"what if +2 +50.0% +9.5% to 90.5% +-0.15% +-0.30%", out)
    assert "1 left out: bars expired (35 days), or not deciding" in out
    assert "fewer than 30 signals prove nothing" in out
    assert "looking often proves nothing" in out


def test_nothing_settled_is_no_table(cli: Cli, stack: Stack) -> None:
    none = dict.fromkeys(what_if()["published"], 0)
    stack.documents["/performance/what-if"] |= {"published": none, "what_if": none}
    assert "no signal was settled again" in run_ok(cli, stack, "what-if").out


def test_every_reason_has_its_words_and_no_rules_are_the_published_ones() -> None:
    assert set(REASONS) == set(LEFT_OUT)
    assert rules(dict.fromkeys(what_if()["rules"])) == "the published rules"
