"""The page of reports: a file is drawn by the page's own charts, and nothing of it is run."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from signalengine.signals import public

from infra.build.dashboard import MODULES
from tests.browser import answers
from tests.browser.conftest import OpenPage
from tests.browser.looks import card, loaded
from tests.browser.samples import a_day
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations

HOSTILE = "<img src=x onerror='window.stolen=1'><script>window.stolen=1</script>"
ADDRESS = "javascript:window.stolen=1"


def backtest(**changes: Any) -> dict[str, Any]:
    """The data of a backtest's report with twenty closed signals."""
    rows = [public(one) for one in a_day(25)]
    return {
        "format": "signalengine-backtest",
        "version": 1,
        "title": "Backtest of BTCUSDT",
        "conclusion": {"statement": "No edge is shown.", "sentences": ["Costs eat it."],
                       "tried": 3},
        "record": answers.performance(rows, {}),
    } | changes  # fmt: skip


EVIDENCE = {
    "verdict": "inconclusive", "statement": "Nothing is shown.", "strategy": "donchian",
    "hypothesis": "Breakouts pay.", "valid": True, "tried": 4, "remarks": [], "power": "Weak.",
    "shown": [{"text": "p is below 0.05", "holds": False}], "suggestive": [],
    "spans": {"final": {"start": 1747612800000, "end": 1747656000000, "p": 0.31, "summary": {
        "n": 41, "win_rate": {"value": 0.4, "low": 0.3, "high": 0.5, "n": 41},
        "mean_net": {"value": -0.001, "low": -0.004, "high": 0.002, "n": 41}}}},
}  # fmt: skip


def choose(page: Page, body: str | bytes, name: str = "out.report.json") -> None:
    """Choose a file as a person does."""
    buffer = body if isinstance(body, bytes) else body.encode()
    file = {"name": name, "mimeType": "application/json", "buffer": buffer}
    page.locator("input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]


def test_a_backtest_is_drawn_as_a_track_record(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="reports")
    choose(page, json.dumps(backtest()))
    expect(page.get_by_role("heading", name="Backtest of BTCUSDT")).to_be_visible()
    expect(page.locator(".statement")).to_have_text("No edge is shown.")
    expect(page.locator("main")).to_contain_text("3 configurations tried")
    expect(page.get_by_role("img", name=re.compile("^Equity over 20 steps"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Calendar of net sums"))).to_be_visible()


def test_evidence_has_its_verdict_and_spans(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="reports")
    choose(page, json.dumps({"evidence": EVIDENCE, "digest": "d"}))
    expect(page.locator(".statement")).to_have_text("inconclusive")
    expect(page.locator("main")).to_contain_text("No: p is below 0.05")
    row = card(page, "Spans").locator("tbody tr")
    expect(row).to_contain_text("2025-05-19")
    expect(row).to_contain_text("40.0%")


def test_nothing_of_a_hostile_report_is_run(stand_in: StandIn, open_page: OpenPage) -> None:
    """Each text of a report is script: they are shown as text, also in titles and addresses."""

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poisoned(one) for key, one in value.items()}
        if isinstance(value, list):
            return [poisoned(one) for one in value]
        kept = value in ("signalengine-backtest", "long", "short")
        return value if kept or not isinstance(value, str) else HOSTILE + ADDRESS

    page = open_page(at="reports")
    for report in (poisoned(backtest()), poisoned(EVIDENCE)):
        choose(page, json.dumps(report))
        expect(page.locator(".statement")).to_contain_text("onerror")
        assert page.locator("main script, main img, main iframe").count() == 0
        links = page.locator("main a").evaluate_all("all => all.map(a => a.href)")
        assert not [link for link in links if link.startswith("javascript:")]
    choose(page, f"<html><body>{HOSTILE}</body></html>", "page.html")
    expect(page.get_by_role("alert")).to_contain_text("It is not the data of")
    assert page.evaluate("window.stolen") is None


def test_what_is_no_report_says_so_and_the_next_one_opens(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="reports")
    choose(page, b"\xff\x00 no json", "odd.json")
    expect(page.get_by_role("alert")).to_contain_text("odd.json could not be opened")
    choose(page, json.dumps(EVIDENCE))
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".statement")).to_be_visible()
    choose(page, json.dumps(backtest(record={"n": 0})))
    expect(page.locator("main")).to_contain_text("has no closed signal")


def test_after_a_report_that_cannot_be_drawn_the_next_one_opens(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="reports")
    record = backtest()["record"]
    huge = {"edges": list(range(200_001)), "counts": [1] * 200_000}
    choose(page, json.dumps(backtest(record=record | {"histogram": huge})))
    expect(page.get_by_role("alert")).to_contain_text("more than 5,000 elements")
    page.evaluate(
        "() => { window.kept = Number.prototype.toFixed;"
        " Number.prototype.toFixed = () => { throw new Error('cannot be drawn'); }; }"
    )
    choose(page, json.dumps(EVIDENCE))
    expect(page.get_by_role("alert")).to_contain_text("It could not be drawn.")
    page.evaluate("() => { Number.prototype.toFixed = window.kept; }")
    choose(page, json.dumps(EVIDENCE))
    expect(page.locator(".statement")).to_have_text("inconclusive")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_reports_of_this_machine_are_listed_and_opened(
    stand_in: StandIn, open_page: OpenPage, tmp_path: Path
) -> None:
    assert stand_in.config is not None
    stand_in.config = {**stand_in.config, "reportsUrl": "/report-files/"}
    stand_in.reports = {"a.report.json": json.dumps(backtest()), "b.json": "{}"}
    page = open_page(at="performance")
    page.get_by_role("link", name="Reports").click()
    folder = card(page, "Reports on this machine")
    expect(folder.locator("li")).to_have_count(2)
    folder.get_by_role("button", name="a.report.json").press("Enter")
    expect(page.get_by_role("heading", name="Backtest of BTCUSDT")).to_be_visible()
    folder.get_by_role("button", name="b.json").click()
    expect(page.get_by_role("alert")).to_contain_text("b.json could not be opened")
    stand_in.reports = {}
    folder.get_by_role("button", name="Reload").click()
    expect(folder).to_contain_text("No JSON file in the folder")


def test_a_dropped_file_is_opened(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="reports", width=390)
    dropped = page.evaluate_handle(
        "body => { const data = new DataTransfer();"
        " data.items.add(new File([body], 'out.json')); return data; }",
        json.dumps(EVIDENCE),
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    expect(page.locator(".statement")).to_have_text("inconclusive")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_axe_finds_nothing_in_an_opened_report(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="reports", reduced_motion=True)
    loaded(page)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    for report in (backtest(), EVIDENCE):
        choose(page, json.dumps(report))
        expect(page.locator(".statement")).to_be_visible()
        assert violations(page) == []
