"""The signals page: order, filters, search, live prices, and the account of one signal."""

import re
from dataclasses import replace

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

HOUR_MS = 60 * MINUTE_MS


def symbols(page: Page) -> list[str]:
    return page.locator(".row .symbol a").all_inner_texts()


def shown(page: Page, *names: str) -> None:
    """Wait until the rows are exactly these."""
    expect(page.locator(".row .symbol a")).to_have_text(list(names))


def three(stand_in: StandIn) -> None:
    """Store three signals, each ended otherwise, an hour apart."""
    stand_in.store(
        opened(Plan("BTCUSDT", "long", NOON, 0.55)),
        closed(opened(Plan("ETHUSDT", "short", NOON - HOUR_MS, 0.8)), Outcome.TP_HIT),
        closed(opened(Plan("SOLUSDT", "long", NOON - 30 * HOUR_MS, 0.6)), Outcome.SL_HIT),
    )


def test_columns_sort_both_ways_and_the_address_remembers(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    three(stand_in)
    page = open_page()
    shown(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")
    page.get_by_role("button", name="Score").click()
    shown(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Score")
    page.get_by_role("button", name="Score").click()
    shown(page, "BTCUSDT", "SOLUSDT", "ETHUSDT")
    assert page.url.endswith("#/signals?sort=score")
    page.get_by_role("button", name="P&L").click()
    shown(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")  # without a price an open one comes last
    page.reload()
    shown(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")


def test_search_and_filters_narrow_rows_and_counts(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page()
    page.get_by_label("Search signals").fill("eth")
    shown(page, "ETHUSDT")
    expect(page.locator("[data-tab=all] .count")).to_have_text("1")
    page.get_by_label("Search signals").fill("tp hit short")
    shown(page, "ETHUSDT")
    page.get_by_label("Search signals").press("Escape")
    page.get_by_label("Direction").select_option("long")
    shown(page, "BTCUSDT", "SOLUSDT")
    page.get_by_label("Period").select_option("24h")
    shown(page, "BTCUSDT")
    page.get_by_label("Symbol", exact=True).select_option("SOLUSDT")
    expect(page.get_by_role("heading", name="No signal matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    shown(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")
    assert page.url.endswith("#/signals")


def test_a_filter_asks_for_what_is_older_than_the_loaded_rows(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.page_limit, stand_in.counting = 10, False
    stand_in.store(*a_day(12), opened(Plan("OLDUSDT", at=NOON - 40 * HOUR_MS)))
    page = open_page(at="#/signals?symbol=OLDUSDT")
    shown(page, "OLDUSDT")
    assert any(
        asked.startswith("/signals?") and "symbol=OLDUSDT" in asked for asked in stand_in.asked
    )
    expect(page.locator("[data-tab=all] .count")).to_have_text("1")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".row")).to_have_count(10)  # and not the old one, with a hole before it
    expect(page.locator("[data-tab=all] .count")).to_have_text("10+")


def test_the_tabs_count_all_signals_not_only_the_loaded_ones(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.page_limit = 10
    day = a_day(15)
    stand_in.store(*day)
    page = open_page()
    expect(page.locator("[data-tab=all] .count")).to_have_text("15")
    hits = sum(signal.status == "tp_hit" for signal in day)
    expect(page.locator("[data-tab=tp_hit] .count")).to_have_text(str(hits))
    expect(page.locator(".row")).to_have_count(10)
    page.get_by_label("Direction").select_option("long")  # nobody counts these
    longs = sum(signal.direction == "long" for signal in day)
    expect(page.locator("[data-tab=all] .count")).to_have_text(str(longs))  # now they are loaded


def test_totals_of_another_policy_are_not_shown(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.page_limit = 10
    stand_in.store(*(replace(signal, policy_digest="another") for signal in a_day(12)))
    page = open_page()
    expect(page.locator(".row")).to_have_count(10)
    stand_in.wait(lambda: "/signals/stats" in stand_in.asked)
    expect(page.locator("[data-tab=all] .count")).to_have_text("10+")


def test_an_open_signals_result_follows_the_price_without_flicker(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan("BTCUSDT", "short", price=100.0)))
    page = open_page()
    result = page.locator(".row .pnl")
    expect(result).to_have_text("–")
    page.locator(".row").evaluate("row => { row.kept = true }")
    for price, text in ((99.0, "+1.00%"), (100.5, "−0.50%")):
        stand_in.say_status(prices={"BTCUSDT": price})
        expect(result).to_have_text(text)
    assert page.locator(".row").evaluate("row => row.kept")
    expect(page.locator(".row.opened, .row.closed")).to_have_count(0)


def test_the_detail_tells_the_whole_story(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = closed(opened(Plan("ETHUSDT")), Outcome.TP_HIT)
    stand_in.store(signal)
    page = open_page(at=f"#/signals/{signal.signal_id}")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    expect(dialog.locator(".candles canvas").first).to_be_visible()
    expect(dialog.get_by_role("img", name="Candles of ETHUSDT")).to_be_visible()
    expect(dialog.locator(".bars .tick")).to_have_count(6)
    expect(dialog.locator(".legend")).to_contain_text("what a short got")
    expect(dialog.locator(".neighbours li")).to_have_count(2)
    expect(dialog.locator(".neighbours")).to_contain_text("Cooling down")
    expect(dialog.locator(".receipts")).to_contain_text("412 ms after the commit, 2 attempts")
    dialog.get_by_text("Features at the close").click()
    expect(dialog.locator(".features tbody tr").first).to_contain_text("61.2")
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any("/assets/candles-" in name for name in names)


def test_a_chart_of_longer_bars_is_chosen_with_the_keyboard_and_remembered(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """The entry at 12:03 and the end at 12:14 are marked in the bars in which they lie."""
    signal = closed(opened(Plan("ETHUSDT", at=NOON + 3 * MINUTE_MS)), Outcome.TP_HIT, minutes=11)
    stand_in.store(signal)
    page = open_page(at=f"#/signals/{signal.signal_id}", zone="UTC")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    chart = dialog.get_by_role("img", name="Candles of ETHUSDT")
    expect(chart).to_have_attribute("aria-label", re.compile("1m each.*entry in the bar of 12:02"))
    expect(dialog.locator(".candles canvas").first).to_be_visible()
    dialog.get_by_role("radio", name="1m", exact=True).focus()
    marks = {
        "5m": "entry in the bar of 12:00, TP hit in the bar of 12:10",
        "15m": "entry in the bar of 12:00, TP hit in the bar of 12:00",
        "1h": "entry in the bar of 12:00, TP hit in the bar of 12:00",
    }
    for interval, marked in marks.items():
        page.keyboard.press("ArrowRight")
        expect(dialog.get_by_role("radio", name=interval, exact=True)).to_be_checked()
        label = re.compile(f"ETHUSDT, {interval} each.*{marked}")
        expect(chart).to_have_attribute("aria-label", label)
    expect(dialog.locator("figcaption")).to_contain_text("1h bars, the last still forming")
    assert any("/bars?symbol=ETHUSDT&interval=15m" in asked for asked in stand_in.asked)
    page.reload()
    expect(dialog.get_by_role("radio", name="1h")).to_be_checked()
    expect(chart).to_have_attribute("aria-label", re.compile("ETHUSDT, 1h each"))


def test_the_charting_library_waits_until_a_signal_is_opened(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(3))
    page = open_page()
    expect(page.locator(".row")).to_have_count(3)
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in names if "candles" in name]


def test_without_its_account_a_signal_still_explains_itself(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan("ETHUSDT")))
    page = open_page()
    expect(page.locator(".row")).to_have_count(1)
    stand_in.failing = True
    page.locator(".row").click()
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    expect(dialog.get_by_role("alert")).to_contain_text("HTTP 503")
    expect(dialog.locator(".bars li")).to_have_count(7)


def test_keys_reach_everything(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page(at="#/")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search signals")).to_be_focused()
    page.keyboard.type("j?")  # letters are letters while someone types
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.locator(".row a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="ETHUSDT")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("dialog", name="SOLUSDT")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)  # gone, not only closed: keys work again
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)  # gone, not only closed: keys work again
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("u")
    expect(page.locator("th").first).to_contain_text("UTC")
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Performance", exact=True)).to_be_visible()


def test_shortcuts_can_be_switched_off(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Keyboard shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)  # gone, not only closed: keys work again
    page.keyboard.press("3")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert re.search("#/signals$", page.url)
