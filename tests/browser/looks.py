"""Helpers of several tests: cards, rows, links of the pages, and three sample signals."""

from playwright.sync_api import Locator, Page, expect
from signalengine.signals import Outcome

from tests.browser.samples import MINUTE_MS, NOON, Plan, closed, opened
from tests.browser.stand_in import StandIn

HOUR_MS = 60 * MINUTE_MS


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def page_links(page: Page) -> list[str]:
    """Return the address of every page, from the navigation."""
    links: list[str] = page.locator("nav a").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    return links


def follow(page: Page, link: str) -> None:
    """Follow a link of the navigation or the footer, at any width."""
    found = page.locator(f"nav a[href='{link}'], footer a[href='{link}']")
    found.first.evaluate("link => link.click()")


def loaded(page: Page) -> None:
    """Wait until the page has all of its data."""
    expect(page.locator("main")).to_be_visible()
    expect(page.locator(".bone")).to_have_count(0)


def symbols(page: Page) -> list[str]:
    """Return the symbols of the rows, in order."""
    return page.locator(".row .symbol a:not(.chart-link)").all_inner_texts()


def rows_are(page: Page, *names: str) -> None:
    """Wait until the rows have exactly these symbols, in order."""
    expect(page.locator(".row .symbol a:not(.chart-link)")).to_have_text(list(names))


def three(stand_in: StandIn) -> None:
    """Store an open signal, one that hit TP an hour before, and one that hit SL a day before."""
    stand_in.store(
        opened(Plan("BTCUSDT", "long", NOON, 0.55)),
        closed(opened(Plan("ETHUSDT", "short", NOON - HOUR_MS, 0.8)), Outcome.TP_HIT),
        closed(opened(Plan("SOLUSDT", "long", NOON - 30 * HOUR_MS, 0.6)), Outcome.SL_HIT),
    )
