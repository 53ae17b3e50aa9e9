"""Costs, as `cost` prints them."""

import json
import re

import jsonschema
import pytest
from signalengine_aws.api.openapi import document
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.costs.report import unknown

from infra.assets import ROOT
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    SYSTEM,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


OPENAPI = document(ROUTES, version="test")


def test_the_cost_is_printed_by_service_and_month(cli: Cli, stack: Stack) -> None:
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


def test_an_unknown_cost_has_a_reason(cli: Cli, stack: Stack) -> None:
    stack.documents["/system"] = SYSTEM | {"cost": unknown("nobody \x1b[31m counted")}
    out = run_ok(cli, stack, "cost").out
    assert out == "Not known: nobody ?[31m counted.\n"


def test_a_plan_needs_no_stack_and_more_symbols_cost_more(cli: Cli) -> None:
    few, many = (
        json.loads(cli("cost", "--plan", n, "--json").out)["months"][0] for n in ("20", "500")
    )
    assert few["usd"] < many["usd"]
    assert few["by_service"]["Fargate"] == many["by_service"]["Fargate"] > 0
    result = cli("cost", "--plan", "20").out
    assert re.search(r"service +20 symbols, a month", result)
    assert "730 hours" in result
    assert cli("cost", "--plan", "0").code == 2


def test_a_plan_has_an_audience(cli: Cli) -> None:
    def monthly(*words: str) -> float:
        return float(json.loads(cli("cost", *words, "--json").out)["months"][0]["usd"])

    alone = monthly("--plan", "20")
    assert (
        alone
        < monthly("--plan", "20", "--clients", "1")
        < monthly("--plan", "20", "--clients", "9")
    )
    assert alone < monthly("--plan", "20", "--chats", "100")
    text = " ".join(cli("cost", "--plan", "20", "--clients", "2", "--chats", "100").out.split())
    assert "100 Telegram chats, 2 connected clients" in text
    for words in (["--clients", "2"], ["--chats", "2"]):
        assert cli("cost", *words).code == 2, "without --plan"


def test_what_visitors_can_cost_is_shown_by_what_they_call(cli: Cli) -> None:
    document = json.loads(cli("cost", "--public", "--json").out)
    assert document["symbols"] == 20
    shown = cli("cost", "--public").out
    for name in document["by_part"]:
        assert name in shown
    assert f"${document['usd_a_day']:.2f}" in shown
    more = json.loads(cli("cost", "--public", "--plan", "500", "--json").out)
    assert document["usd_a_day"] < more["usd_a_day"]
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert f"**{document['usd_a_day']:.2f}** (at 500 symbols {more['usd_a_day']:.2f})" in page
