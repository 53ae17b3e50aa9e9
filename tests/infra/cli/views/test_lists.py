"""Lists, as the commands print them."""

import json
import re
from typing import Any

import pytest

from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    LOST,
    WON,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


def test_foreign_markup_is_shown_and_not_interpreted(cli: Cli, stack: Stack) -> None:
    stack.documents["/decisions"]["decisions"][0]["reason"] = "[bold red]boo[/]"
    assert "[bold red]boo[/]" in run_ok(cli, stack, "decisions").out


def test_signals_show_direction_outcome_and_costs(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "signals").out
    (won,) = [line for line in out.splitlines() if WON.signal_id[:10] in line]
    assert "long" in won
    assert "tp hit" in won
    assert "+1.88%" in won  # net of costs
    assert "+2.00%" in won  # gross
    (still,) = [line for line in out.splitlines() if "SOLUSDT" in line]
    assert "short" in still
    assert "open" in still


def test_why_not_counts_the_reasons_and_leaves_out_emitted_signals(cli: Cli, stack: Stack) -> None:
    found = json.loads(run_ok(cli, stack, "decisions", "--why-not", "--json").out)
    assert found["by_verdict"] == {"below_threshold": 2, "cooldown": 1, "insufficient_data": 1}
    assert found["count"] == len(found["decisions"]) == 4
    out = run_ok(cli, stack, "decisions", "--why-not").out
    assert "cooling down for another 2 min" in out
    assert "emitted" not in out


@pytest.mark.parametrize(
    ("arguments", "path", "empty", "words"),
    [
        (["signals"], "/signals", {"signals": []}, "none has opened"),
        (["events"], "/events", {"events": []}, "none has occurred"),
        (["decisions"], "/decisions", {"decisions": []}, "no close had an event"),
        (["top"], "/top", {"top": [], "time": None}, "no symbol has a score yet"),
        (["gaps"], "/gaps", {"gaps": [], "day": "2025-05-19"}, "on 2025-05-19"),
        (["equity"], "/equity", {"equity": [], "market": None, "policy_digest": "x"}, "no closed"),
        (["symbols"], "/symbols", {"symbols": [], "prices": {}, "time": None}, "no heartbeat"),
    ],
)
def test_an_empty_list_has_a_reason(
    arguments: list[str], path: str, empty: Any, words: str, cli: Cli, stack: Stack
) -> None:
    stack.documents[path] = empty
    assert words in run_ok(cli, stack, *arguments).out


def test_a_loss_is_signed_without_colour(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "signals").out
    (lost,) = [line for line in out.splitlines() if LOST.signal_id[:10] in line]
    assert "-1.12%" in lost
    assert "\x1b" not in out


LEVELS = ("104,276.2", "106,361.7", "103,233.4")


@pytest.mark.parametrize(
    ("width", "shown", "hidden"),
    [
        (60, ("symbol", "side", "entry", "TP", "SL"), ("id", "market", "score")),
        (80, ("symbol", "side", "entry", "TP", "SL", "state", "net"), ("id", "market")),
        (100, ("closed bar UTC", "score", "entry", "TP", "SL", "state", "net"), ("id",)),
        (140, ("closed bar UTC", "score", "entry", "TP", "SL", "net", "market", "id"), ()),
    ],
)
def test_levels_are_shown_at_every_width_and_ids_leave_first(
    width: int, shown: tuple[str, ...], hidden: tuple[str, ...], cli: Cli, stack: Stack
) -> None:
    for row in stack.documents["/signals"]["signals"]:
        names = ("entry_price", "tp_price", "sl_price")
        row |= dict(zip(names, (104_276.2, 106_361.7, 103_233.4), strict=True))
        row |= {"tick_size": 0.1}
    lines = run_ok(cli, stack, "signals", width=width).out.splitlines()
    head, note = lines[0], " ".join(lines).partition("too narrow for: ")[2]
    assert all(re.search(rf"(^|  ?){name}( |$)", head) for name in shown)
    assert all(name in note and not head.endswith(name) for name in hidden)
    assert all(level in line for level in LEVELS for line in lines if "USDT" in line)
    assert max(map(len, lines)) <= width
