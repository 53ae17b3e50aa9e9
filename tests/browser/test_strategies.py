"""The strategies page, and strategies on the other pages."""

import re
from dataclasses import replace

from playwright.sync_api import expect
from signalengine.signals import Exits, Fill, Outcome, StopMove, Target

from tests.browser import answers
from tests.browser.conftest import OpenPage
from tests.browser.looks import card, rows_are
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

FAST = "donchian@fast"
OVERRIDDEN = "promoted without evidence: a month on paper"


def with_sets(stand_in: StandIn) -> None:
    """Three sets beside `classic`: one in shadow with results, one parked, one that is off."""
    stand_in.strategies = answers.strategies(
        answers.strategy(
            FAST, "shadow", open=2, closed=12, wins=5, win_rate=0.417, win_rate_low=0.193,
            win_rate_high=0.68, total_return=4.1, avg_return=0.34, last_signal=NOON,
        ),
        answers.strategy("my_idea", "parked", reason="my_idea.py, line 7: ZeroDivisionError"),
        answers.strategy("keltner", "off", evidence=OVERRIDDEN),
    )  # fmt: skip


def test_sets_stand_side_by_side_with_their_results(stand_in: StandIn, open_page: OpenPage) -> None:
    with_sets(stand_in)
    stand_in.store(*a_day(12))
    page = open_page(at="strategies")
    rows = card(page, "Parameter sets").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("classic")
    expect(rows.nth(0)).to_contain_text("-0.42% to +0.26%")
    expect(rows.nth(1)).to_contain_text("Shadow")
    expect(rows.nth(1)).to_contain_text("days 10")
    expect(rows.nth(1)).to_have_class("faint")
    expect(rows.nth(2)).to_contain_text("my_idea.py, line 7: ZeroDivisionError")
    expect(rows.nth(3).locator(".evidence")).to_have_text(OVERRIDDEN)
    expect(rows.nth(1).locator(".evidence")).to_have_count(0)
    chart = card(page, "Equity of each").get_by_role("img")
    expect(chart).to_have_attribute("aria-label", re.compile("classic .*%, donchian@fast"))
    assert "/equity?strategy=donchian%40fast" in stand_in.requests
    rows.nth(1).get_by_role("link", name=FAST).click()
    assert page.url.endswith("/signals?strategy=donchian%40fast")


def test_classic_alone_says_how_to_try_another(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="strategies")
    expect(page.get_by_text("signalengine strategy shadow NAME")).to_be_visible()
    page.goto(stand_in.page_url + "signals")
    expect(page.get_by_label("Period")).to_be_visible()
    stand_in.wait(lambda: "/strategies" in stand_in.requests)
    expect(page.get_by_label("Strategy", exact=True)).to_have_count(0)


def test_signals_in_shadow_are_listed_with_their_set_only(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    with_sets(stand_in)
    shadow = replace(opened(Plan("ETHUSDT")), strategy=FAST, shadow=True)
    stand_in.store(opened(Plan()), shadow, replace(opened(Plan("SOLUSDT")), strategy="keltner"))
    page = open_page()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".row .set")).to_have_text(["keltner"])
    page.get_by_label("Strategy", exact=True).select_option(FAST)
    rows_are(page, "ETHUSDT")
    expect(page.locator(".row .set")).to_have_text([f"{FAST} · shadow"])
    page.locator(".row").click()
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    expect(dialog).to_contain_text(f"{FAST}, in shadow: not published")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".row")).to_have_count(2)


def test_performance_is_of_the_chosen_set(stand_in: StandIn, open_page: OpenPage) -> None:
    with_sets(stand_in)
    stand_in.store(*a_day(12))
    page = open_page(at="performance")
    page.get_by_label("Strategy", exact=True).select_option(FAST)
    stand_in.wait(lambda: any("strategy=donchian%40fast" in one for one in stand_in.requests))
    assert page.url.endswith("/performance?strategy=donchian%40fast")


def test_a_position_shows_its_parts_and_where_its_stop_is(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """The steps arrive while the signal is open on the page."""
    plain = opened(Plan(price=100.0))
    exits = Exits((Target(102.0, 0.5), Target(104.0, 0.5)), break_even=True)
    one = replace(plain, tp_price=102.0, sl_price=99.0, exits=exits)
    stand_in.store(one)
    page = open_page(at=f"signals/{one.signal_id}", zone="UTC")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Planned: TP1 102.00 for 50%; TP2 104.00 for 50%")
    expect(dialog.locator(".rail .target")).to_have_count(1)
    at = NOON + 9 * MINUTE_MS
    steps = (Fill("target1", at, 102.0, 0.5, at - 500), StopMove("stop1", at, 100.0))
    stand_in.commit(replace(one, progress=steps))
    expect(dialog).to_contain_text("50% closed at TP1")
    expect(dialog).to_contain_text("Stop now 100.00")
    expect(dialog.locator(".rail .stop")).to_have_count(1)


def test_what_a_strategy_closed_has_a_tab(stand_in: StandIn, open_page: OpenPage) -> None:
    ended = closed(opened(Plan()), Outcome.EXPIRED)
    assert ended.settlement is not None
    left = replace(ended, settlement=replace(ended.settlement, outcome=Outcome.LEFT))
    stand_in.store(left, closed(opened(Plan("ETHUSDT")), Outcome.TP_HIT))
    page = open_page()
    page.locator("[data-tab=left]").click()
    rows_are(page, "BTCUSDT")
