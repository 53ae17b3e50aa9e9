"""The page that explains one real signal with its own numbers."""

from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import Plan, closed, opened
from tests.browser.stand_in import StandIn


def test_the_newest_closed_signal_is_explained_step_by_step(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    ended = closed(opened(Plan("ETHUSDT", price=100.0)), Outcome.TP_HIT)
    stand_in.store(ended)
    page = open_page(at="how-it-works", zone="UTC")
    expect(page.get_by_role("heading", name="How a signal works")).to_be_visible()
    steps = page.locator(".walk > li")
    expect(steps).to_have_count(8)
    expect(steps.nth(0)).to_contain_text("the 1m bar of ETHUSDT closed at 100.00")
    expect(steps.nth(3)).to_contain_text("was enough")
    expect(steps.nth(4)).to_contain_text("Entry at the close, 100.00. Target (TP) at")
    expect(steps.nth(6)).to_contain_text("TP hit")
    expect(steps.nth(7)).to_contain_text("Net return")
    page.locator(".subject").get_by_role("link", name="ETHUSDT").click()
    expect(page.get_by_role("dialog", name="ETHUSDT")).to_be_visible()


def test_an_open_signal_can_be_read_by_its_address(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan("BTCUSDT", price=100.0))
    stand_in.store(signal)
    page = open_page(at=f"how-it-works/{signal.signal_id}")
    expect(page.locator(".walk > li").last).to_contain_text("still open")


def test_without_a_closed_signal_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page(at="how-it-works")
    expect(page.get_by_text("No signal has been opened yet.")).to_be_visible()
