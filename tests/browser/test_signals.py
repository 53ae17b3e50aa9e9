"""The signals page: filters, search, counts."""

from dataclasses import replace

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.looks import rows_are, three
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, opened
from tests.browser.stand_in import StandIn

HOUR_MS = 60 * MINUTE_MS


def test_search_and_filters_narrow_rows_and_counts(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page()
    page.get_by_label("Search signals").fill("eth")
    rows_are(page, "ETHUSDT")
    expect(page.locator("[data-tab=all] .count")).to_have_text("1")
    page.get_by_label("Search signals").fill("tp hit short")
    rows_are(page, "ETHUSDT")
    page.get_by_label("Search signals").press("Escape")
    page.get_by_label("Direction").select_option("long")
    rows_are(page, "BTCUSDT", "SOLUSDT")
    page.get_by_label("Period").select_option("24h")
    rows_are(page, "BTCUSDT")
    page.get_by_label("Symbol", exact=True).select_option("SOLUSDT")
    expect(page.get_by_role("heading", name="No signal matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    rows_are(page, "BTCUSDT", "ETHUSDT", "SOLUSDT")
    assert page.url.endswith("/signals")


def test_a_symbol_is_read_in_other_tools_spellings(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page(at="signals?symbol=eth/usdt")
    rows_are(page, "ETHUSDT")
    expect(page.get_by_label("Symbol", exact=True)).to_have_value("ETHUSDT")
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Search signals").fill("BINANCE:SOLUSDT.P")
    rows_are(page, "SOLUSDT")
    page.get_by_label("Search signals").fill("ETHH/USDT")
    expect(page.get_by_text("ETHH/USDT is not followed. Did you mean")).to_be_visible()
    page.get_by_role("link", name="ETHUSDT", exact=True).click()
    rows_are(page, "ETHUSDT")


def test_a_filter_loads_rows_older_than_the_loaded_ones(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.page_limit, stand_in.counting = 10, False
    stand_in.store(*a_day(12), opened(Plan("OLDUSDT", at=NOON - 40 * HOUR_MS)))
    page = open_page(at="signals?symbol=OLDUSDT")
    rows_are(page, "OLDUSDT")
    assert any(
        path.startswith("/signals?") and "symbol=OLDUSDT" in path for path in stand_in.requests
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
    stand_in.wait(lambda: "/signals/stats" in stand_in.requests)
    expect(page.locator("[data-tab=all] .count")).to_have_text("10+")


def test_two_changes_at_once_are_both_applied(stand_in: StandIn, open_page: OpenPage) -> None:
    """The second comes before the page is drawn with the first."""
    three(stand_in)
    page = open_page()
    page.get_by_label("Search signals").fill("eth")
    rows_are(page, "ETHUSDT")
    page.evaluate(
        """() => {
          const search = document.querySelector("input[type=search]");
          const key = { key: "Escape", bubbles: true, cancelable: true };
          search.dispatchEvent(new KeyboardEvent("keydown", key));
          const direction = [...document.querySelectorAll("select")].find((one) =>
            [...one.options].some((option) => option.value === "long"));
          direction.value = "long";
          direction.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    rows_are(page, "BTCUSDT", "SOLUSDT")
