"""The performance page."""

import re

import pytest
from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.answers import OTHER_POLICY
from tests.browser.conftest import OpenPage
from tests.browser.looks import HOUR_MS, card
from tests.browser.samples import NOON, POLICY, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn


def test_performance_shows_n_and_withholds_ratios_of_few_signals(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(25))
    page = open_page(at="performance")
    expect(page.locator(".basis")).to_contain_text("N = 20 closed signals")
    expect(page.locator(".basis")).to_contain_text(f"policy default ({POLICY})")
    sharpe = page.locator(".tile").filter(has_text="Sharpe")
    expect(sharpe.locator(".big")).to_have_text("–")
    expect(sharpe).to_contain_text("needs 30 signals, has 20")
    expect(page.locator(".tile").filter(has_text="Win rate")).to_contain_text("95%:")
    for name in ("Equity over", "Histogram of net returns", "Mean net return by hour"):
        expect(page.get_by_role("img", name=re.compile(f"^{name}"))).to_be_visible()
    expect(card(page, "By symbol").locator("tbody tr").first.locator(".whisker")).to_be_visible()
    page.get_by_label("Policy and market").select_option(f"{OTHER_POLICY} simulated")
    expect(page.locator(".basis")).to_contain_text(f"policy {OTHER_POLICY}")
    assert f"policy={OTHER_POLICY}" in page.url
    page.get_by_label("Window").select_option("7")
    stand_in.wait(lambda: any("days=7" in path for path in stand_in.requests))


def test_performance_without_signals_has_a_message(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="performance?days=7")
    expect(page.get_by_role("heading", name="No closed signals in this window")).to_be_visible()


def test_the_equity_shows_the_step_under_the_pointer(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(20))
    page = open_page(at="performance")
    chart = page.get_by_role("img", name=re.compile("^Equity over"))
    box = chart.bounding_box()
    assert box is not None
    readout = page.locator(".readout")
    latest = readout.inner_text()
    chart.hover(position={"x": 60, "y": box["height"] / 2})
    expect(readout).not_to_have_text(latest)
    expect(readout).to_contain_text("drawdown")
    expect(page.locator(".chart .pointer line")).to_have_count(1)
    above = readout.bounding_box()
    assert above is not None
    assert above["y"] + above["height"] <= box["y"], "it covers no part of the curve"
    page.locator("h1").hover()
    expect(readout).to_have_text(latest)


def test_the_equity_is_a_staircase_up_to_now_with_losses_apart(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """One closing is a step with a width; what is below zero has the colour of a loss."""
    stand_in.store(closed(opened(Plan(at=NOON - HOUR_MS)), Outcome.SL_HIT, minutes=5))
    page = open_page(at="performance", zone="UTC")
    stand_in.send_status(time=NOON)
    chart = page.get_by_role("img", name=re.compile("^Equity over 1 steps"))
    expect(chart.locator(".mark").filter(has_text="11:30")).to_have_count(1)
    line = chart.locator(".line").get_attribute("d") or ""
    reached, until = (float(x) for x in re.findall(r"H([\d.]+)", line))
    box = chart.bounding_box()
    assert box is not None
    assert until - reached > box["width"] / 2
    assert until == pytest.approx(box["width"] - 10, abs=1)
    expect(chart.locator(".area.gain")).to_have_attribute("d", "")
    expect(chart.locator(".area.loss").last).to_have_attribute("d", re.compile("^M.*Z$"))
    times = [text for text in chart.locator(".mark").all_text_contents() if ":" in text]
    assert all(text.endswith(("0", "5")) for text in times), times
