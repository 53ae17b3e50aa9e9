"""Price alerts on the page: set at a symbol and at a signal's levels, reached, ended."""

import json
import re

from playwright.sync_api import Locator, Page, expect

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.looks import card
from tests.browser.samples import MINUTE_MS, NOON, PRICES, Plan, opened
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations
from tests.browser.test_app import controlled
from tests.browser.test_push import SERVICE, Worker

LAST = PRICES["BTCUSDT"]


def alerts(page: Page) -> Locator:
    return card(page, "Price alerts")


def symbol_page(stand_in: StandIn, open_page: OpenPage, width: int = 1280) -> Page:
    page = open_page(at="symbols/BTCUSDT", zone="UTC", width=width)
    stand_in.send_status(time=NOON + 10_000, prices=PRICES)
    expect(page.locator(".symbol-head .last")).to_have_text("104,812.40")
    return page


def ask(of: Locator, price: float) -> None:
    of.get_by_label("Alert me at").fill(str(price))
    of.get_by_role("button", name="Set", exact=True).click()


def test_without_push_the_page_waits_for_a_stored_minute(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = symbol_page(stand_in, open_page)
    ask(alerts(page), LAST + 100)
    rows = alerts(page).get_by_role("listitem")
    expect(rows).to_contain_text("104,912.40")
    expect(rows).to_contain_text("while this page is open")
    expect(alerts(page)).to_contain_text("While this page is open only.")
    stand_in.send_status(time=NOON + 50_000, prices=PRICES | {"BTCUSDT": LAST + 200})
    expect(page.locator(".symbol-head .last")).to_have_text("105,012.40")
    expect(rows).to_have_count(1)  # a price between closes reaches nothing
    page.reload()
    expect(rows).to_have_count(1)
    minute = NOON + MINUTE_MS
    stand_in.alerts.minutes = [[minute, LAST, LAST + 150, LAST, LAST, 1.0]]
    stand_in.send_status(time=minute + MINUTE_MS + 1_000, prices=PRICES)
    reached = page.get_by_role("alert").filter(has_text="BTCUSDT 104,912.40")
    expect(reached).to_contain_text("It rose to 104,912.40.")
    expect(rows).to_have_count(0)
    assert page.evaluate("localStorage.getItem('signalengine.price-alerts')") is None
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    assert violations(page) == []
    reached.get_by_role("button", name="Close").click()
    expect(reached).to_have_count(0)


def test_an_alert_that_cannot_be_says_why_and_one_is_ended(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = symbol_page(stand_in, open_page, width=390)
    of = alerts(page)
    ask(of, LAST)
    expect(of.get_by_role("status")).to_have_text("104,812.40 is the price now.")
    ask(of, 1)
    expect(of.get_by_role("status")).to_contain_text("is too far from the price now")
    ask(of, LAST - 100)
    row = of.get_by_role("listitem")
    expect(row).to_contain_text("↓ 104,712.40")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    row.get_by_role("button", name="End").click()
    expect(row).to_have_count(0)


def test_with_push_the_stack_waits_for_it(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.push_key = "BCVx"
    page = open_page(worker=True, grants=("notifications",))
    controlled(stand_in, page)
    page.add_init_script(SERVICE + "found = {endpoint: 'https://push.example/wpush/1', options: {},"
                         " toJSON: () => ({keys: {}})};")  # fmt: skip
    page.evaluate("localStorage.setItem('signalengine.push', '{}')")
    page.goto(f"{stand_in.page_url}symbols/BTCUSDT")
    controlled(stand_in, page)
    of = alerts(page)
    expect(of).to_contain_text("also while this page is closed")
    ask(of, 1)
    expect(of.get_by_role("status")).to_contain_text(re.compile("too far|HTTP 400"))
    ask(of, 110_000)
    row = of.get_by_role("listitem")
    expect(row).to_contain_text("↑ 110,000.0")
    expect(row).not_to_contain_text("while this page is open")
    (stored,) = stand_in.alerts.rows
    assert (stored["symbol"], stored["price"]) == ("BTCUSDT", 110_000)
    page.reload()
    row.get_by_role("button", name="End").click()
    expect(row).to_have_count(0)
    assert stand_in.alerts.rows == []


def test_an_alert_by_push_is_shown_on_the_open_page_too(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(worker=True, grants=("notifications",))
    controlled(stand_in, page)
    worker = Worker(stand_in, page)
    message = {"title": "🎯 BTCUSDT $110,000.0", "body": "It rose to 110,000.0.", "tag": "a",
               "url": "symbols/BTCUSDT", "silent": False, "at": NOON}  # fmt: skip
    worker.push(json.dumps(message))
    worker.shown()
    expect(page.locator(".banner.reached")).to_have_count(0)  # any other message
    worker.push(json.dumps({**message, "alert": True}))
    reached = page.get_by_role("alert").filter(has_text="BTCUSDT $110,000.0")
    expect(reached).to_contain_text("It rose to 110,000.0.")
    reached.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/symbols/BTCUSDT$"))


def test_alerts_at_the_levels_of_an_open_signal(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan())
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}")
    last = round(signal.entry_price * 1.0001, 4)
    stand_in.send_status(time=NOON + 10_000, prices={"BTCUSDT": last})
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Alert me at")).to_have_attribute("placeholder", str(last))
    for name in ("TP", "SL", "entry"):
        dialog.get_by_role("button", name=f"At {name}, ").click()
    rows = dialog.get_by_role("list", name="Prices of BTCUSDT that are waited for")
    expect(rows.get_by_role("listitem")).to_have_count(3)
    expect(rows.get_by_role("listitem").first).to_contain_text("↑")
