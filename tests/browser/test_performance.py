"""The performance page."""

import re

import pytest
from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.answers import OTHER_POLICY
from tests.browser.conftest import OpenPage
from tests.browser.looks import HOUR_MS, card
from tests.browser.records import compared, comparison
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
    images = ("Equity over", "Histogram of net returns", "Mean net return by hour",
              "Mean net return by weekday", "Calendar of net sums", "Win rate by score",
              "Best against worst reach")  # fmt: skip
    for name in images:
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
    chart = page.get_by_role("img", name=re.compile("^Equity over 1 step:"))
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


def test_the_record_is_as_of_one_moment_and_of_one_side_on_request(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(25))
    page = open_page(at="performance", zone="UTC")
    expect(page.locator(".basis")).to_contain_text("As of 2025-05-19 12:00:00 UTC")
    page.get_by_label("Direction", exact=True).select_option("short")
    expect(page.locator(".basis")).not_to_contain_text("N = 20")
    assert "direction=short" in page.url
    page.reload()
    expect(page.get_by_label("Direction", exact=True)).to_have_value("short")
    sides = card(page, "By direction").locator("tbody tr")
    expect(sides.filter(has_text="long")).to_contain_text("0")


def test_the_calendar_has_its_days_in_spanish_too(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    page = open_page(at="performance", language="es")
    calendar = card(page, "Calendario (UTC)")
    expect(calendar.locator("rect.day title").last).to_contain_text("2025-05-19")


def test_periods_are_a_table_and_a_calendar_with_signs(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    days = [
        closed(opened(Plan(at=NOON - n * 24 * HOUR_MS, seed=n)), outcome, minutes=5)
        for n, outcome in enumerate((Outcome.TP_HIT, Outcome.SL_HIT, Outcome.SL_HIT) * 6)
    ]
    stand_in.store(*days)
    page = open_page(at="performance", zone="UTC")
    table = card(page, "By day, week and month")
    expect(table.locator("tbody tr")).to_have_count(14)
    table.get_by_role("button", name="Show 4 more").press("Enter")
    expect(table.locator("tbody tr")).to_have_count(18)
    expect(table.locator("tbody tr").first).to_contain_text("2025-05-19")
    table.get_by_label("Period").select_option("month")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table.locator("tbody tr")).to_contain_text("2025-05")
    calendar = card(page, "Calendar (UTC)")
    expect(calendar.locator("rect.day.gain")).to_have_count(6)
    expect(calendar.locator("rect.day.loss")).to_have_count(12)
    expect(calendar.locator(".sign")).to_have_count(18)
    expect(calendar.locator("rect.day title").last).to_contain_text("2025-05-19")


def test_calibration_says_what_it_shows_and_what_it_does_not(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(60))
    page = open_page(at="performance")
    scores = card(page, "Win rate by score")
    expect(scores.locator(".bucket circle").first).to_be_visible()
    expect(scores).to_contain_text("do not show that a higher score wins more often")
    expect(scores).to_contain_text("A score is not a probability")
    expect(scores).to_contain_text("score = win rate")
    reach = card(page, "Best and worst reach (MFE, MAE)")
    expect(reach.locator(".level")).to_have_count(2)
    expect(reach.locator("tbody tr")).to_have_count(4)
    assert reach.locator(".reach-won").count() + reach.locator(".reach-lost").count() == 55


def test_sets_are_side_by_side_with_their_mode(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    stand_in.comparison = comparison(compared("donchian@fast", "shadow", 9, 3, -0.2))
    page = open_page(at="performance")
    sets = card(page, "Strategies side by side")
    expect(sets).to_contain_text("All of them from 2025-05-17 to 2025-05-19")
    expect(sets).to_contain_text("donchian@fast began last")
    expect(sets.locator("tbody tr").nth(1)).to_contain_text("Shadow")
    expect(sets).to_contain_text("never published")
    expect(sets.get_by_role("img", name=re.compile("donchian@fast \\(Shadow\\)"))).to_be_visible()


def test_what_if_is_hindsight_and_counts_its_tries(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(25))
    page = open_page(at="performance?days=7")
    tried = card(page, "What if: past signals under other rules")
    expect(tried.locator(".hindsight")).to_have_text("Hindsight")
    tried.get_by_label("TP, in ATR").fill("3")
    tried.get_by_label("Score from (0 to 1)").fill("0.6")
    tried.get_by_label("Score from (0 to 1)").press("Enter")
    expect(tried).to_contain_text("1 try in this tab")
    expect(tried).to_contain_text("its bars have expired (35 days)")
    expect(tried).to_contain_text("below the score")
    rows = tried.locator("tbody tr")
    expect(rows.first.locator("td").first).to_have_text("19")
    asked = [path for path in stand_in.requests if path.startswith("/performance/what-if")]
    assert len(asked) == 3
    assert all("days=7" in path and "tp=3" in path and "threshold=0.6" in path for path in asked)
    expect(tried.get_by_role("img", name=re.compile("Other rules"))).to_be_visible()
    tried.get_by_role("button", name="Try").click()
    expect(tried).to_contain_text("2 tries in this tab")
    page.reload()
    expect(tried).to_contain_text("2 tries in this tab")


def test_a_what_if_that_fails_says_so_and_can_be_tried_again(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(12))
    page = open_page(at="performance")
    tried = card(page, "What if: past signals under other rules")
    expect(tried.get_by_role("button", name="Try")).to_be_visible()
    stand_in.failing = True
    tried.get_by_role("button", name="Try").click()
    expect(tried.get_by_role("alert")).to_contain_text("503")
    stand_in.failing = False
    tried.get_by_role("button", name="Try").click()
    expect(tried.locator("tbody tr")).to_have_count(2)
    tried.get_by_label("TP, in ATR").fill("999")
    tried.get_by_role("button", name="Try").click()
    assert page.locator("input:invalid").count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_no_wider_than_the_screen(
    stand_in: StandIn, open_page: OpenPage, width: int
) -> None:
    stand_in.store(*a_day(40))
    stand_in.comparison = comparison(compared("donchian@fast", "shadow", 9, 3, -0.2))
    page = open_page(at="performance", width=width)
    expect(page.get_by_role("img", name=re.compile("^Win rate by score"))).to_be_visible()
    expect(card(page, "Strategies side by side").locator("tbody tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
