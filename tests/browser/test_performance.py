"""The performance page."""

import re

from playwright.sync_api import expect

from tests.browser.answers import OTHER_POLICY
from tests.browser.conftest import OpenPage
from tests.browser.looks import card
from tests.browser.samples import POLICY, a_day
from tests.browser.stand_in import StandIn


def test_performance_shows_n_and_withholds_ratios_of_few_signals(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(25))
    page = open_page(at="performance")
    expect(page.locator(".basis")).to_contain_text("N = 20 closed signals")
    expect(page.locator(".basis")).to_contain_text(f"policy {POLICY}")
    sharpe = page.locator(".tile").filter(has_text="Sharpe")
    expect(sharpe.locator(".big")).to_have_text("–")
    expect(sharpe).to_contain_text("needs 30 signals, has 20")
    expect(page.locator(".tile").filter(has_text="Win rate")).to_contain_text("95 %:")
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
    page.get_by_role("img", name=re.compile("^Equity")).hover()
    expect(page.locator(".tip")).to_contain_text("drawdown")
