"""The signals table: columns, formats, tabs, paging."""

import re

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.looks import rows_are, symbols, three
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def tab(page: Page, name: str) -> str:
    """Return a tab's text: its name and count."""
    return page.get_by_role("tab", name=re.compile(f"^{name}")).inner_text()


def test_loaded_signals_fill_their_columns_newest_first(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    early = closed(opened(Plan("ETHUSDT", "short", NOON - 30 * MINUTE_MS)), Outcome.TP_HIT)
    late = opened(Plan("BTCUSDT", "long", NOON, 0.6542, price=50_123.45))
    stand_in.store(early, late)
    page = open_page(zone="UTC")
    heads = page.locator("th .sort > span:first-child").all_inner_texts()
    assert heads == ["Time", "Symbol", "Direction", "Score", "Entry", "TP", "SL", "Status", "P&L"]
    assert symbols(page) == ["BTCUSDT", "ETHUSDT"]
    cells = page.locator(".row").first.locator("td").all_inner_texts()
    assert cells[0] == "2025-05-19 12:00"
    assert cells[2:5] == ["LONG", "65.4%", "50,123.45"]
    assert cells[7].split() == ["Open", "–", "left"]  # no time is known yet
    result = early.settlement.net_return / 1e6 if early.settlement else 0.0
    expect(page.locator(".row").nth(1).locator(".status")).to_have_text("TP hit")
    expect(page.locator(".row").nth(1).locator(".pnl")).to_contain_text(f"+{result:.2f}%")


def test_tiny_prices_never_show_as_zero(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan("1000PEPEUSDT", price=0.00001234)))
    page = open_page()
    for text in page.locator(".row .price").all_inner_texts():
        assert re.fullmatch(r"0\.0000\d{4,}", text), text


def test_tabs_filter_and_count(stand_in: StandIn, open_page: OpenPage) -> None:
    outcomes = [None, None, Outcome.TP_HIT, Outcome.SL_HIT, Outcome.SL_HIT, Outcome.EXPIRED]
    for n, outcome in enumerate(outcomes):
        signal = opened(Plan(at=NOON + n * MINUTE_MS))
        stand_in.store(signal if outcome is None else closed(signal, outcome))
    page = open_page()
    counts = {"All": 6, "Open": 2, "Closed": 4, "TP hit": 1, "SL hit": 2, "Expired": 1}
    for name, count in counts.items():
        assert tab(page, name).split() == [*name.split(), str(count)]
        page.get_by_role("tab", name=re.compile(f"^{name}")).click()
        expect(page.locator(".row")).to_have_count(count)
    assert page.url.endswith("/signals?tab=expired")


def test_an_empty_tab_has_a_message(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(at="signals?tab=sl_hit")
    expect(page.get_by_role("heading", name="No signals under “SL hit”")).to_be_visible()


def test_arrow_keys_move_between_tabs_and_enter_opens_a_signal(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(closed(opened(Plan()), Outcome.TP_HIT))
    page = open_page()
    page.get_by_role("tab", name=re.compile("^All")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name=re.compile("^Closed"))).to_be_focused()
    # The focus moves before the rows do: j would choose a row of the tab that is being left.
    expect(page.locator(".row a:not(.chart-link)")).to_have_attribute(
        "href", re.compile("tab=closed$")
    )
    page.keyboard.press("j")
    expect(page.locator(".row a:not(.chart-link)")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".row a:not(.chart-link)")).to_be_focused()
    assert page.url.endswith("/signals?tab=closed")


def test_an_empty_table_names_the_number_of_tracked_symbols(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    stand_in.send_status(symbols=6)
    expect(page.get_by_role("heading", name="No signals yet")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("6 symbols are being tracked")


def test_a_failed_load_can_be_tried_again(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.failing = True
    stand_in.store(opened(Plan()))
    page = open_page()
    expect(page.locator(".failed")).to_contain_text("HTTP 503")
    stand_in.failing = False
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".failed")).to_have_count(0)


def test_older_signals_are_loaded_on_demand(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.page_limit = 10
    stand_in.store(*a_day(15))
    page = open_page()
    expect(page.locator(".row")).to_have_count(10)
    page.get_by_role("button", name="Show older signals").click()
    expect(page.locator(".row")).to_have_count(15)
    expect(page.get_by_role("button", name="Show older signals")).to_have_count(0)


def test_columns_sort_both_ways_and_the_order_is_in_the_address(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    three(stand_in)
    page = open_page()
    rows_are(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")
    page.get_by_role("button", name="Score", exact=True).click()
    rows_are(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Score")
    page.get_by_role("button", name="Score", exact=True).click()
    rows_are(page, "BTCUSDT", "SOLUSDT", "ETHUSDT")
    assert page.url.endswith("/signals?sort=score")
    page.get_by_role("button", name="P&L", exact=True).click()
    rows_are(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")  # without a price an open one comes last
    page.reload()
    rows_are(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")


def test_a_sortable_head_is_explained_and_still_sorts(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    three(stand_in)
    page = open_page()
    rows_are(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")
    head = page.get_by_role("columnheader", name="Score")
    head.get_by_role("button", name="Score", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".explanation")).to_contain_text("the weighted mean of the components")
    rows_are(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")  # it was explained, and not sorted
    page.keyboard.press("Escape")
    expect(head.get_by_role("button", name="Explain: Score")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    rows_are(page, "ETHUSDT", "SOLUSDT", "BTCUSDT")
    expect(head).to_have_attribute("aria-sort", "descending")


def test_an_open_signals_result_follows_the_price_without_flicker(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan("BTCUSDT", "short", price=100.0)))
    page = open_page()
    result = page.locator(".row .pnl")
    expect(result).to_have_text("–")
    page.locator(".row").evaluate("row => { row.marked = true }")
    for price, text in ((99.0, "+1.00%"), (100.5, "-0.50%")):
        stand_in.send_status(prices={"BTCUSDT": price})
        expect(result).to_have_text(text)
    assert page.locator(".row").evaluate("row => row.marked")
    expect(page.locator(".row.opened, .row.closed")).to_have_count(0)


def test_hostile_text_is_shown_as_text(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    row = {"symbol": HOSTILE, "policy_digest": HOSTILE, "missing": [HOSTILE]}
    event = {"kind": HOSTILE, "interval": HOSTILE, "direction": "long", "strength": 1}
    stand_in.commit(opened(Plan()), **row, events=[event], components={HOSTILE: 0.7})
    expect(page.locator(".row .symbol a:not(.chart-link)")).to_have_text(HOSTILE)
    page.locator(".row").click()
    expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    assert page.evaluate("document.querySelectorAll('#app script, #app img[src=x]').length") == 0
    assert page.evaluate("window.hacked") is None
