"""The frame: market, token, theme, zone, shortcuts, titles."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.looks import three
from tests.browser.samples import NOON, Plan, opened
from tests.browser.stand_in import StandIn


def test_every_shortcut_works(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page(at="")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search signals")).to_be_focused()
    page.keyboard.type("j?")  # a letter typed in a field is no shortcut
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".row")).to_have_count(3)
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.locator(".row a:not(.chart-link)").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="ETHUSDT")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("dialog", name="SOLUSDT")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(
        0
    )  # removed, not only closed: shortcuts work again
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(
        0
    )  # removed, not only closed: shortcuts work again
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("u")
    expect(page.locator("th").first).to_contain_text("UTC")
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Performance", exact=True)).to_be_visible()


def test_each_page_has_a_link_a_heading_a_title_and_a_key(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="chat")
    page.keyboard.press("?")
    listed = page.locator(".shortcuts > div")
    keys = {does: key for key, does in (row.split("\n", 1) for row in listed.all_inner_texts())}
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    links = page.get_by_role("navigation").get_by_role("link")
    for name in links.all_inner_texts():
        page.keyboard.press(keys[name])
        expect(page).to_have_title(f"{name} · SignalEngine")
        expect(page.locator("h1")).to_have_text(name)
        expect(links.filter(has_text=name)).to_have_attribute("aria-current", "page")


def test_shortcuts_can_be_switched_off(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Keyboard shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(
        0
    )  # removed, not only closed: shortcuts work again
    page.keyboard.press("3")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert re.search("/signals$", page.url)


def test_times_switch_between_local_and_utc_with_the_zone_named(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan(at=NOON)))
    page = open_page(zone="Asia/Tokyo")
    expect(page.locator(".row .minute")).to_have_text("21:00")
    expect(page.locator("th").first).to_contain_text("Asia/Tokyo")
    page.get_by_role("button", name="Show times in UTC").click()
    expect(page.locator(".row .minute")).to_have_text("12:00")
    expect(page.locator("th").first).to_contain_text("UTC")
    page.reload()
    expect(page.locator(".row .minute")).to_have_text("12:00")


def test_the_theme_follows_the_system_until_one_is_chosen(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(theme="light")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Use the dark theme").click()
    expect(root).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")


def test_a_simulated_market_is_marked(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page()
    expect(page.locator(".market")).to_have_text("Simulated")
    expect(page.locator(".banner")).to_contain_text("not real")


def test_a_live_market_has_no_banner_and_marks_signals_of_other_markets(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan(market="simulated")))
    page = open_page()
    stand_in.send_status(market="live")
    expect(page.locator(".market")).to_have_text("Live market")
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator(".row .foreign")).to_have_text("simulated")


def test_the_footer_names_the_threshold(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    footer = page.locator(".footer")
    expect(footer).to_contain_text("Signals are sent to Telegram automatically")
    stand_in.send_status(threshold=0.6)
    expect(footer).to_contain_text("Signals scoring ≥ 60% are sent to Telegram automatically")


def test_unreadable_frames_are_counted_and_skipped(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    for frame in ("", "{", "[]", '{"type":"signal","data":{"id":7}}', '{"type":"zap"}'):
        stand_in.send(frame)
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".footer")).to_contain_text("5 messages could not be read")


def test_a_page_without_its_configuration_names_the_fix(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.config = None
    page = open_page(live=False)
    expect(page.get_by_role("alert")).to_contain_text("HTTP 404")
    expect(page.locator("main")).to_contain_text("make up")


def test_nothing_is_fetched_from_elsewhere(
    stand_in: StandIn, open_page: OpenPage, site: Path
) -> None:
    page = open_page()
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert names
    assert all(name.startswith("http://127.0.0.1:") for name in names)
    assert "://" not in (site / "index.html").read_text()


def test_a_token_is_requested_stored_and_sent(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.token = "s3cret"
    stand_in.store(opened(Plan()))
    page = open_page(live=False)
    page.get_by_role("button", name="Enter token").click()
    page.locator("input[name=token]").fill("s3cret")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".row")).to_have_count(1)
    tokens = "[localStorage, sessionStorage].map(s => s.getItem('signalengine.token'))"
    assert page.evaluate(tokens) == [None, "s3cret"]
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Remember on this device").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".row")).to_have_count(1)
    assert page.evaluate(tokens) == ["s3cret", None]
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".banner.refused")).to_be_visible()
    assert page.evaluate(tokens) == [None, None]


def test_the_feed_sends_the_token_and_a_changed_one_is_requested(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.token = "s3cret"
    page = open_page(live=False)
    expect(page.locator(".banner.refused")).to_be_visible()
    expect(page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    assert (stand_in.connected, stand_in.resumes) == (0, [])
    page.get_by_role("button", name="Enter token").click()
    page.locator("input[name=token]").fill("s3cret")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".connection")).to_have_attribute("data-state", "live")
    expect(page.locator(".banner.refused")).to_have_count(0)
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row")).to_have_count(1)
    stand_in.token = "another"
    stand_in.send({"type": "refused", "data": {"message": "the token has changed"}})
    expect(page.locator(".banner.refused")).to_be_visible()
    expect(page.locator(".row")).to_have_count(1)  # what is there stays
