"""The overview page."""

import re

from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.looks import card, loaded
from tests.browser.samples import NOON, PRICES, Plan, closed, opened
from tests.browser.stand_in import StandIn


def test_the_overview_shows_the_current_state(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan("BTCUSDT", price=100.0))
    ended = closed(opened(Plan("ETHUSDT", at=NOON - 600_000)), Outcome.TP_HIT)
    stand_in.store(signal, ended)
    page = open_page(at="", zone="UTC")
    stand_in.send_status(time=NOON, prices={"BTCUSDT": 101.0})
    today = card(page, "Today")
    expect(today).to_contain_text("2025-05-19, UTC")
    expect(today.locator(".tile").nth(0)).to_contain_text("2")
    expect(today.locator(".tile").nth(1)).to_contain_text("avg +1.00%")
    expect(card(page, "Health").locator(".status")).to_have_text("OK")
    expect(card(page, "Strongest now").locator("tbody tr")).to_have_count(len(PRICES))
    expect(card(page, "Latest events").locator("li")).to_have_count(len(PRICES))
    expect(
        card(page, "Equity").get_by_role("img", name=re.compile("^Equity over 1 step:"))
    ).to_be_visible()
    stand_in.commit(closed(signal, Outcome.SL_HIT))
    expect(card(page, "Latest signals").locator("li").first).to_contain_text("SL hit")
    expect(today.locator(".tile").nth(3)).to_contain_text("1")
    card(page, "Latest signals").get_by_role("link", name="BTCUSDT", exact=True).click()
    expect(page.get_by_role("dialog", name="BTCUSDT")).to_be_visible()


def test_both_columns_end_at_the_same_height(open_page: OpenPage) -> None:
    page = open_page(at="")
    loaded(page)
    ends = page.evaluate(
        "[...document.querySelectorAll('.column')]"
        ".map(one => Math.round(one.lastElementChild.getBoundingClientRect().bottom))"
    )
    assert len(ends) == 2
    assert len(set(ends)) == 1


def test_a_degraded_component_is_named(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.health = "degraded"
    page = open_page(at="")
    expect(card(page, "Health").locator(".status")).to_have_text("degraded")
    expect(card(page, "Health").locator(".warn")).to_contain_text("silent: kline")


def test_each_card_reports_its_own_failure(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.failing = True
    page = open_page(at="")
    expect(card(page, "Today").locator(".big").first).to_have_text("–")  # unknown is not zero
    expect(card(page, "Latest signals")).to_contain_text("HTTP 503")
    expect(card(page, "Health").get_by_role("alert")).to_contain_text("HTTP 503: no")
    stand_in.failing = False
    card(page, "Health").get_by_role("button", name="Try again").click()
    expect(card(page, "Health").locator(".status")).to_have_text("OK")


def test_a_server_that_is_starting_is_no_failure(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.starting = True
    page = open_page(at="", live=False)
    for title in ("Health", "Strongest now", "Latest signals"):
        expect(card(page, title)).to_contain_text("The server is starting…")
    expect(page.get_by_role("alert")).to_have_count(0)
    stand_in.starting = False
    expect(card(page, "Health").locator(".status")).to_have_text("OK")
    expect(page.get_by_text("The server is starting…")).to_have_count(0)


def test_outdated_numbers_are_marked_with_their_age(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="", live=False)
    page.clock.install()
    page.reload()
    expect(card(page, "Health").locator(".status")).to_have_text("OK")
    stand_in.failing = True
    page.clock.run_for(31_000)
    expect(card(page, "Health").get_by_role("alert")).to_contain_text(
        re.compile(r"As of \d+ s ago")
    )
    expect(card(page, "Health")).to_contain_text("Engine lag")


def test_a_closing_reloads_the_equity_so_that_both_count_it(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """Not at the next full minute only: the tiles would count one more than the curve."""
    signal = opened(Plan("BTCUSDT"))
    stand_in.store(signal, closed(opened(Plan("ETHUSDT", at=NOON - 600_000)), Outcome.TP_HIT))
    page = open_page(at="")
    expect(card(page, "Equity")).to_contain_text("N = 1, the last of")
    stand_in.commit(closed(signal, Outcome.SL_HIT))
    expect(card(page, "Today")).to_contain_text("sum of 2 closed")
    expect(card(page, "Equity")).to_contain_text("N = 2, the last of")
    expect(card(page, "Equity")).to_contain_text(re.compile(r"as of \d\d:\d\d:\d\d, "))
