"""No layout shift: nothing in sight moves when answers come late, or with the feed."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from infra.build.dashboard import WEB
from tests.browser.conftest import OpenPage
from tests.browser.looks import loaded
from tests.browser.samples import MINUTE_MS, NOON, PRICES, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

PAGES: Final = (
    "", "signals", "symbols", "symbols/BTCUSDT", "performance", "strategies", "system", "chat",
    "reports", "how-it-works", "glossary", "settings",
)  # fmt: skip
"""Every page of the registry, and a symbol's own."""
SCREENS: Final = {"desktop": (1440, 900), "phone": (390, 844)}
MOST: Final = 0.01
"""Of the sum of all shifts; the limit of Core Web Vitals is 0.1."""

WATCH = """() => {
  window.shifts = [];
  const rect = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  const moved = ({ node, previousRect, currentRect }) =>
    `${node?.className || node?.nodeName}: ${rect(previousRect)} to ${rect(currentRect)}`;
  const observer = new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      window.shifts.push([value, ...sources.map(moved)]);
  });
  observer.observe({ type: "layout-shift", buffered: true });
}"""
DRAWN = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
"""Two frames, and what they report."""

on_every_page = pytest.mark.parametrize("path", PAGES)
on_each_screen = pytest.mark.parametrize("screen", SCREENS)


def test_the_pages_are_those_of_the_registry() -> None:
    registry = (WEB / "src" / "pages" / "registry.ts").read_text(encoding="utf-8")
    assert len(re.findall(r"\bcode: [bs]", registry)) == len({path.split("/")[0] for path in PAGES})


@on_each_screen
@on_every_page
def test_nothing_moves_when_the_answers_come_late(
    stand_in: StandIn, open_page: OpenPage, path: str, screen: str
) -> None:
    """The frame and the placeholders come first, then the feed's status, then the API's answers."""
    width, height = SCREENS[screen]
    stand_in.store(*a_day(40))
    stand_in.config = {**(stand_in.config or {}), "market": "simulated"}
    stand_in.holding = True
    page = open_page(at=path, width=width, height=height)
    page.evaluate(WATCH)
    page.evaluate(DRAWN)
    expect(page.locator(".banner.simulated")).to_be_visible()
    send_status(stand_in, NOON)
    expect(page.locator(".market-time")).to_contain_text("2025-05-19")
    stand_in.holding = False
    loaded(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(DRAWN)
    send_status(stand_in, NOON + MINUTE_MS)
    assert shifted(page) == []


@on_each_screen
def test_nothing_moves_when_the_feed_changes_numbers(
    stand_in: StandIn, open_page: OpenPage, screen: str
) -> None:
    """Prices, a closing and the age of the last message; an opening moves the rows below it."""
    width, height = SCREENS[screen]
    day = a_day(40)
    stand_in.store(*day)
    page = open_page(width=width, height=height)
    send_status(stand_in, NOON)
    expect(page.locator(".row .unrealised").first).to_be_visible()
    page.evaluate(DRAWN)
    page.evaluate(WATCH.replace(", buffered: true", ""))
    for n in range(1, 6):
        prices = {symbol: price * (1 + n / 500) for symbol, price in PRICES.items()}
        stand_in.send({"type": "prices", "data": {"time": NOON + n * 5_000, "prices": prices}})
    stand_in.commit(closed(day[-1], Outcome.TP_HIT))
    expect(page.locator(f"[data-id='{day[-1].signal_id}']")).to_contain_text("TP hit")
    send_status(stand_in, NOON + MINUTE_MS)
    assert shifted(page) == []


def test_the_market_of_the_configuration_is_shown_until_the_feed_says_otherwise(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """A replay is never shown as a live market, nor under the day of this machine's clock."""
    stand_in.config = {**(stand_in.config or {}), "market": "recording"}
    stand_in.holding = True
    page = open_page(at="")
    expect(page.locator(".banner.recording")).to_have_text(re.compile(r"Market time: –$"))
    expect(page.get_by_role("region", name="Today").locator(".aside")).to_have_text(
        "–, Europe/Berlin"
    )
    stand_in.send_status(market="live", time=NOON)
    expect(page.locator(".market.live")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(0)
    stand_in.holding = False
    page.wait_for_load_state("networkidle")


def test_a_new_signal_moves_no_card_of_the_overview(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(40))
    page = open_page(at="", width=1440, height=900)
    send_status(stand_in, NOON)
    loaded(page)
    page.wait_for_load_state("networkidle")
    cards = "all => all.map(card => card.getBoundingClientRect().top)"
    before = page.locator(".card").evaluate_all(cards)
    stand_in.commit(opened(Plan("NEWUSDT", at=NOON + MINUTE_MS)))
    expect(page.locator(".latest-signals")).to_contain_text("NEWUSDT")
    assert page.locator(".card").evaluate_all(cards) == before


def send_status(stand_in: StandIn, time: int) -> None:
    metrics = {"cpu_percent": 1}
    stand_in.send_status(time=time, prices=PRICES, threshold=0.5, metrics=metrics)


def shifted(page: Page) -> list[str]:
    """Return the shifts, the largest first, if their sum is too much."""
    page.evaluate(DRAWN)
    found: list[list[float | str]] = page.evaluate("window.shifts")
    found.sort(key=lambda one: -float(one[0]))
    if sum(float(one[0]) for one in found) < MOST:
        return []
    return [" | ".join(map(str, one)) for one in found]
