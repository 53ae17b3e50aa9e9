"""The table with a live feed: openings, closings, repeats, and lost connections."""

import re

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage, finish_animations, pause_animations
from tests.browser.samples import MINUTE_MS, NOON, Plan, closed, opened
from tests.browser.stand_in import StandIn

NAME = ".symbol a:not(.chart-link)"
"""The symbol of a row, without its star."""


def expect_count(page: Page, tab: str, count: int) -> None:
    expect(page.locator(f"[data-tab={tab}] .count")).to_have_text(str(count))


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".connection")).to_have_attribute("data-state", state)


def reconnect_now(page: Page) -> None:
    """Press the button, unless the page has retried by itself and the button is gone."""
    page.evaluate("document.querySelector('.connection button')?.click()")


def test_an_opened_signal_appears_at_the_top_highlighted(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan("ETHUSDT")))
    page = open_page()
    expect(page.locator(".row")).to_have_count(1)
    pause_animations(page)
    stand_in.commit(opened(Plan("SOLUSDT", at=NOON + MINUTE_MS)))
    expect(page.locator(f".row.opened {NAME}")).to_have_text("SOLUSDT")
    first = page.locator(".row").first
    expect(first.locator(NAME)).to_have_text("SOLUSDT")
    expect(page.get_by_role("status").filter(has_text="New signal")).to_have_count(1)
    expect_count(page, "open", 2)
    expect(page).to_have_title("(2 open) Signals · SignalEngine")
    finish_animations(page)
    expect(first).not_to_have_class(re.compile(r"\bopened\b"))


def test_a_closing_changes_its_row_and_the_counts(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan())
    stand_in.store(signal, opened(Plan("ETHUSDT", at=NOON - MINUTE_MS)))
    page = open_page()
    expect_count(page, "open", 2)
    row = page.locator(f"[data-id='{signal.signal_id}']")
    row.evaluate("row => { row.marked = true }")
    stand_in.commit(closed(signal, Outcome.SL_HIT))
    expect(row.locator(".status")).to_contain_text("SL hit")
    expect(row.locator(".pnl")).to_contain_text("-")
    for tab, count in {"all": 2, "open": 1, "closed": 1, "sl_hit": 1, "tp_hit": 0}.items():
        expect_count(page, tab, count)
    assert row.evaluate("row => row.marked"), "the row was replaced instead of changed: it flickers"


def test_prices_move_an_open_signals_row_without_a_request(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """Nothing but the feed has prices here: also before the first status; late ones are dropped."""
    signal = opened(Plan())
    stand_in.store(signal)
    page = open_page()
    row = page.locator(f"[data-id='{signal.signal_id}']")
    expect(row).to_have_count(1)

    def send(kind: str, time: int, factor: float) -> None:
        prices = {signal.symbol: signal.entry_price * factor}
        stand_in.send({"type": kind, "data": {"time": time, "prices": prices}})

    for kind, time, factor, shown in (
        ("prices", NOON + 5_000, 1.01, "+1.00%"),
        ("status", NOON + 10_000, 0.98, "-2.00%"),
        ("prices", NOON + 15_000, 1.02, "+2.00%"),
    ):
        send(kind, time, factor)
        expect(row.locator(".pnl")).to_contain_text(shown)
    send("prices", NOON + 12_000, 1.5)
    send("prices", NOON + 20_000, 1.03)
    expect(row.locator(".pnl")).to_contain_text("+3.00%")


def test_a_closing_leaves_the_open_tab_at_once(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan())
    stand_in.store(signal)
    page = open_page(at="signals?tab=open")
    expect(page.locator(".row")).to_have_count(1)
    stand_in.commit(closed(signal, Outcome.TP_HIT))
    expect(page.locator(".row")).to_have_count(0)


def test_repeated_events_are_dropped(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    signal = opened(Plan())
    opening = stand_in.commit(signal)
    closing = stand_in.commit(closed(signal, Outcome.TP_HIT))
    for message in (opening, closing, opening, closing):
        stand_in.send(message)
    stand_in.commit(opened(Plan("ETHUSDT", at=NOON + MINUTE_MS)))
    expect(page.locator(".row")).to_have_count(2)
    expect_count(page, "all", 2)
    expect_count(page, "tp_hit", 1)


def test_a_closing_before_its_opening_stays_closed(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    signal = opened(Plan())
    stand_in.commit(closed(signal, Outcome.EXPIRED))
    expect(page.locator(".row .status")).to_contain_text("Expired")
    stand_in.commit(signal)
    stand_in.commit(opened(Plan("ETHUSDT", at=NOON + MINUTE_MS)))
    expect(page.locator(".row")).to_have_count(2)
    expect_count(page, "expired", 1)
    expect_count(page, "open", 1)


def test_after_a_lost_connection_the_page_resumes_at_its_cursor(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    first = opened(Plan())
    cursor = stand_in.commit(first)["cursor"]
    expect(page.locator(".row")).to_have_count(1)
    stand_in.refusing = True
    stand_in.drop()
    expect_state(page, "reconnecting")
    expect(page.locator(".connection")).to_contain_text(re.compile(r"Reconnecting in \d+ s"))
    stand_in.commit(closed(first, Outcome.TP_HIT))
    stand_in.commit(opened(Plan("SOLUSDT", at=NOON + MINUTE_MS)))
    stand_in.refusing = False
    reconnect_now(page)
    expect_state(page, "live")
    assert stand_in.resumes == [None, cursor]
    expect(page.locator(".row")).to_have_count(2)
    expect_count(page, "tp_hit", 1)
    expect_count(page, "open", 1)


def test_a_page_that_missed_too_much_reloads(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan())
    stand_in.store(signal)
    page = open_page()
    expect_count(page, "open", 1)
    stand_in.store(closed(signal, Outcome.TP_HIT), opened(Plan("SOLUSDT", at=NOON + MINUTE_MS)))
    stand_in.complete = False
    stand_in.drop()
    expect_count(page, "tp_hit", 1)
    expect_count(page, "open", 1)


def test_a_lost_connection_is_restored(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    stand_in.drop()
    stand_in.wait(lambda: len(stand_in.resumes) == 2)
    expect_state(page, "live")
    assert stand_in.connected == 1


def test_a_signal_committed_between_load_and_connection_is_not_missed(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.refusing = True
    page = open_page(live=False)
    expect(page.locator(".empty")).to_be_visible()
    stand_in.store(opened(Plan()))
    stand_in.refusing = False
    expect_state(page, "live")
    expect(page.locator(".row")).to_have_count(1)


def test_the_state_is_connecting_until_the_server_confirms(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.greet = False
    page = open_page(live=False)
    stand_in.wait(lambda: stand_in.resumes == [None])
    expect_state(page, "connecting")
    expect(page.locator(".connection")).to_contain_text("Connecting")


def test_the_page_shows_the_age_of_the_last_message(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(zone="UTC")
    expect(page.locator(".connection .age")).to_have_text("waiting for data")
    stand_in.send_status(time=NOON)
    expect(page.locator(".connection .age")).to_have_text(re.compile(r"updated \d s ago"))
    expect(page.locator(".market-time")).to_have_text("Market time: 2025-05-19 12:00 UTC")


def test_a_silent_feed_is_marked(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(live=False)
    page.clock.install()
    page.reload()
    expect_state(page, "live")
    stand_in.send_status()
    page.clock.run_for(1_000)
    for _ in range(3):
        page.clock.run_for(60_000)
        stand_in.send({"type": "keepalive"})
    expect(page.locator(".connection .age")).to_have_text(re.compile("no update for 3 min"))


def test_without_a_network_the_page_is_offline(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    page.context.set_offline(True)
    stand_in.drop()
    expect_state(page, "offline")
    page.context.set_offline(False)
    expect_state(page, "live")


def test_a_burst_is_shown_whole_and_in_order(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    for n in range(60):
        stand_in.commit(opened(Plan(at=NOON + n * MINUTE_MS, symbol=f"S{n:02d}USDT")))
    expect(page.locator(".row")).to_have_count(60)
    shown = page.locator(".row .symbol a:not(.chart-link)").all_inner_texts()
    assert shown == [f"S{n:02d}USDT" for n in reversed(range(60))]
