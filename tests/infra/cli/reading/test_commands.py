"""The reading commands against a stack that speaks the API: what they say, and how they end."""

import json
import re
from typing import Any

import jsonschema
import pytest
from signalengine_aws.api.openapi import document
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.costs.report import unknown

from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    EVIL,
    GAP,
    LOST,
    OPEN,
    SIGNALS,
    SYSTEM,
    WON,
    detail,
    everything,
    health,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket
OPENAPI = document(ROUTES, version="test")
COMMANDS: list[tuple[list[str], str]] = [
    (["symbols"], "/symbols"),
    (["top", "3"], "/top"),
    (["signals"], "/signals"),
    (["signals", "--stats"], "/signals/stats"),
    (["explain", WON.signal_id], "/signals/{signal_id}"),
    (["events"], "/events"),
    (["events", "--stats"], "/events/stats"),
    (["decisions"], "/decisions"),
    (["performance"], "/performance"),
    (["equity"], "/equity"),
    (["gaps"], "/gaps"),
    (["metrics"], "/system"),
    (["status"], "/health"),
]
"""Every reading command, and the endpoint whose form its JSON has (or holds)."""
WORDS = [" ".join(arguments[:2])[:20] for arguments, _ in COMMANDS]
HOLDING = {"/health": "health", "/system": "system"}


def schema(path: str) -> dict[str, Any]:
    """What the API's own document says of an endpoint's answer."""
    answer = OPENAPI["paths"][path]["get"]["responses"]["200"]
    found = answer["content"]["application/json"]["schema"]
    return {**found, "components": OPENAPI["components"]}


def test_the_stand_in_answers_as_the_api_does() -> None:
    for path, found in everything().items():
        known = re.sub(r"/signals/[0-9a-f]{24}", "/signals/{signal_id}", path)
        jsonschema.validate(found, schema(known))


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
def test_json_is_one_document_of_the_apis_form(
    arguments: list[str], path: str, cli: Cli, stack: Stack
) -> None:
    found = json.loads(run_ok(cli, stack, *arguments, "--json").out)
    jsonschema.validate(found[HOLDING[path]] if path in HOLDING else found, schema(path))


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_line_is_wider_than_the_terminal(
    arguments: list[str], path: str, width: int, cli: Cli, stack: Stack
) -> None:
    lines = run_ok(cli, stack, *arguments, width=width).out.splitlines()
    assert lines
    assert max(map(len, lines)) <= width, path


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
def test_nothing_foreign_reaches_the_terminal_as_it_is(
    arguments: list[str], path: str, cli: Cli, stack: Stack
) -> None:
    """Every text of every document is hostile: it is shown, and does nothing."""
    stack.documents = poisoned(stack.documents)
    for form in ([], ["--json"]):
        out = cli(*arguments, *form, "--url", stack.url).out
        assert out
        assert not {"\x1b", "\x07", "\u202e"} & set(out), path


def poisoned(found: Any, name: str = "") -> Any:
    """The same documents with an evil end on every text that no program reads."""
    read = ("status", "direction", "verdict", "outcome", "id", "symbol", "cursor", "key", "day")
    match found:
        case dict():
            return {key: poisoned(value, key) for key, value in found.items()}
        case list():
            return [poisoned(value, name) for value in found]
        case str() if name not in read:
            return found + EVIL
    return found


def test_markup_of_others_is_shown_and_not_obeyed(cli: Cli, stack: Stack) -> None:
    stack.documents["/decisions"]["decisions"][0]["reason"] = "[bold red]boo[/]"
    assert "[bold red]boo[/]" in run_ok(cli, stack, "decisions").out


def test_a_symbol_may_be_typed_in_lower_case(cli: Cli, stack: Stack) -> None:
    run_ok(
        cli, stack, "signals", "--symbol", "btcusdt", "--status", "closed", "--from", "2025-05-19"
    )
    _, query = stack.requests[-1]
    assert query == {
        "limit": "20", "symbol": "BTCUSDT", "status": "closed", "from": "2025-05-19",
    }  # fmt: skip


def test_more_than_a_page_is_asked_for_page_by_page(cli: Cli, stack: Stack) -> None:
    rows = SIGNALS * 150
    stack.documents["/signals"]["signals"] = rows
    found = json.loads(run_ok(cli, stack, "signals", "-n", "430", "--json").out)
    assert found["signals"] == rows[:430]
    assert (found["count"], found["cursor"]) == (430, "430")
    assert [query["limit"] for _, query in stack.requests] == ["200", "200", "30"]


def test_an_empty_page_in_the_middle_is_not_the_end(cli: Cli, stack: Stack) -> None:
    """A filter may leave a page empty though more comes."""
    answers = [{"signals": [], "count": 0, "cursor": "x"}, {"signals": SIGNALS, "cursor": None}]
    stack._page = lambda path, request: answers.pop(0)  # type: ignore[method-assign]
    assert json.loads(run_ok(cli, stack, "signals", "--json").out)["count"] == len(SIGNALS)


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


def test_times_are_utc_and_local_when_asked(
    cli: Cli, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    import time

    time.tzset()
    try:
        utc, local = (run_ok(cli, stack, "status", *more).out for more in ([], ["--local"]))
    finally:
        monkeypatch.undo()
        time.tzset()
    hour = re.compile(r"market time +\S+ (\d\d):\S+ (\w+)")
    (first, zone), (second, other) = hour.findall(utc)[0], hour.findall(local)[0]
    assert (zone, other) == ("UTC", "JST")
    assert (int(second) - int(first)) % 24 == 9


def test_why_not_counts_the_reasons_and_leaves_out_what_was_emitted(cli: Cli, stack: Stack) -> None:
    found = json.loads(run_ok(cli, stack, "decisions", "--why-not", "--json").out)
    assert found["by_verdict"] == {"below_threshold": 2, "cooldown": 1, "insufficient_data": 1}
    assert found["count"] == len(found["decisions"]) == 4
    out = run_ok(cli, stack, "decisions", "--why-not").out
    assert "cooling down for 120 s more" in out
    assert "emitted" not in out


def test_explain_tells_why_in_words_and_bars(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "2 events" not in out  # one supported it, the other did not
    assert "1 event supported long" in out
    assert "ema cross on 5m bars, 50.0 % (spread 1, atr 2)" in out
    assert "- vwap reclaim on 1m bars" in out
    assert "Long scored 65.0 %, short 20.0 %; 85 % of the weights had data." in out
    assert re.search(r"trend +█+ +50 +20 % +20", out)  # bar, value, weight, the other side
    assert "no data for oi" in out
    assert re.search(r"take profit +102.00 +\+2.00%", out)
    assert re.search(r"stop loss +99.00 +-1.00%", out)
    assert "after 1m" in out
    assert re.search(r"┈.* TP 102.00", out)
    assert "▲" in out
    assert "telegram:424242" in out
    assert "cooling down for 120 s more" in out  # a neighbour


def test_explain_an_open_signal_says_that_it_is_open(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "explain", OPEN.signal_id).out
    assert "still open" in out
    assert re.search(r"take profit +98.00 +\+2.00%", out)  # a short's gain is below


def test_explain_says_what_is_forgotten(cli: Cli, stack: Stack) -> None:
    gone = {"decision": None, "bars": [], "receipts": [], "neighbours": [], "events": []}
    stack.documents[f"/signals/{WON.signal_id}"] = detail(**gone)
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "no longer stored" in out
    assert "no delivery is recorded" in out


def test_performance_names_what_it_does_not_count(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "performance").out
    assert "2 closed signals in 30 days" in out
    assert "50.0 % (95 % interval 9.5 to 90.5)" in out
    assert "fewer than 30 signals prove nothing" in out
    assert "not compounded" in out
    assert "0123456789ab on simulated (n = 7)" in out
    assert re.search(r"ETHUSDT +1 +0 %", out)


def test_equity_ends_where_it_stands(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "equity").out
    assert "-0.80% net after 2 days" in out
    assert re.search(r"2025-05-19 +3 +-2.00% +-0.80% +-2.00%", out)


def test_metrics_tell_what_is_unknown_as_unknown(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "metrics").out
    assert re.search(r"commit to telegram +850 ms +12.4 s +14", out)
    assert re.search(r"threads +unknown", out)
    assert run_ok(cli, stack, "metrics", "--prometheus").out == stack.texts["/metrics"]


def test_the_cost_is_told_by_service_and_by_the_month(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "cost").out
    assert "about $0.43 since 2025-05-19" in out
    assert re.search(r"service +so far +3 symbols, a month +500 symbols, a month", out)
    assert re.search(r"SNS +< \$0.01 +\$21.20 +\$1,000.00", out)
    assert re.search(r"all +\$0.43 +\$35.50 +\$1,144.00", out)
    assert "Counted: 12.0 h. Assumed: more." in out
    assert re.search(r"usd +0.43", run_ok(cli, stack, "metrics").out)
    form = {"$ref": "#/components/schemas/Cost", "components": OPENAPI["components"]}
    jsonschema.validate(json.loads(run_ok(cli, stack, "cost", "--json").out), form)
    narrow = run_ok(cli, stack, "cost", width=40).out
    assert max(map(len, narrow.splitlines())) <= 40
    assert "too narrow for: 500 symbols" in re.sub(r"\s+", " ", narrow)


def test_a_cost_that_is_not_known_says_why(cli: Cli, stack: Stack) -> None:
    stack.documents["/system"] = SYSTEM | {"cost": unknown("nobody \x1b[31m counted")}
    out = run_ok(cli, stack, "cost").out
    assert out == "Not known: nobody ?[31m counted.\n"


def test_a_plan_asks_no_stack_and_more_symbols_cost_more(cli: Cli) -> None:
    few, many = (
        json.loads(cli("cost", "--plan", n, "--json").out)["months"][0] for n in ("20", "500")
    )
    assert few["usd"] < many["usd"]
    assert few["by_service"]["Fargate"] == many["by_service"]["Fargate"] > 0
    result = cli("cost", "--plan", "20").out
    assert re.search(r"service +20 symbols, a month", result)
    assert "730 hours" in result
    assert cli("cost", "--plan", "0").code == 2


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
def test_an_empty_list_says_why_it_may_be_empty(
    arguments: list[str], path: str, empty: Any, words: str, cli: Cli, stack: Stack
) -> None:
    stack.documents[path] = empty
    assert words in run_ok(cli, stack, *arguments).out


def test_a_degraded_stack_ends_with_1_and_says_what_is_wrong(cli: Cli, stack: Stack) -> None:
    components = {"database": "ok", "feed": "silent", "streams": "silent: kline"}
    stack.documents["/health"] = health(status="degraded", components=components)
    result = cli("status", "--url", stack.url)
    assert result.code == 1
    assert "degraded" in result.out
    assert "silent: kline" in result.out


def test_a_stack_that_never_had_a_feed_is_told_so(cli: Cli, stack: Stack) -> None:
    components = {"database": "ok", "feed": "never seen"}
    stack.documents["/health"] = {
        "status": "degraded", "uptime_seconds": 0, "components": components,
    }  # fmt: skip
    result = cli("status", "--url", stack.url)
    assert (result.code, "never seen" in result.out) == (1, True)


@pytest.mark.parametrize(("outcome", "code"), [("repaired", 0), ("open", 1), ("lost", 1)])
def test_an_open_gap_is_a_problem_and_a_repaired_one_is_not(
    outcome: str, code: int, cli: Cli, stack: Stack
) -> None:
    end = None if outcome == "open" else GAP["end"]
    row = GAP | {"outcome": outcome, "bars_repaired": 0, "end": end}
    stack.documents["/gaps"] = {"gaps": [row], "day": "2025-05-19"}
    result = cli("gaps", "--url", stack.url)
    assert result.code == code
    assert outcome in result.out


def test_a_loss_is_signed_without_colour(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "signals").out
    (lost,) = [line for line in out.splitlines() if LOST.signal_id[:10] in line]
    assert "-1.12%" in lost
    assert "\x1b" not in out


def test_explain_tells_what_a_model_said(cli: Cli, stack: Stack) -> None:
    found = detail()
    opinion = {"model": "lgbm-0123456789abcdef", "mode": "gate", "long": 0.71, "short": 0.1}
    found["decision"]["opinion"] = opinion
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "The model lgbm-0123456 (gate) gave long 71.0 %, short 10.0 %." in out


def test_explain_tells_every_doubt(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"] |= {"quality": {"gap_s": 60.0, "stream_age_ms": 9_000}, "ambiguous": True}
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "60 s of this market are missing" in out
    assert "silent for 9000 ms" in out
    assert "counted as the stop" in out


def test_weights_of_another_policy_are_not_made_up(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"]["policy_digest"] = "0" * 12
    stack.documents[f"/signals/{WON.signal_id}"] = found
    assert re.search(r"trend +█+ +50 +– +20", run_ok(cli, stack, "explain", WON.signal_id).out)


def test_nothing_closed_is_no_statistics(cli: Cli, stack: Stack) -> None:
    stack.documents["/signals/stats"] |= {"n": 0, "open_signals": 4, "win_rate": None}
    assert "no closed signals yet; open: 4" in run_ok(cli, stack, "signals", "--stats").out
    stack.documents["/performance"] |= {"n": 0}
    out = run_ok(cli, stack, "performance").out
    assert "no closed signals in this window" in out
    assert "0123456789ab on simulated" in out  # but there are of another policy


def test_a_track_record_that_was_cut_says_so(cli: Cli, stack: Stack) -> None:
    stack.documents["/performance"] |= {"truncated": True}
    assert "only the newest 5,000" in run_ok(cli, stack, "performance").out
