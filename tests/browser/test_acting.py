"""Acting on a signal: copying, sharing, links, the distance in R, the time left, position size."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from signalengine.exits.data import Exits, Target
from signalengine.signals import Outcome, Signal

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, Plan, closed, opened
from tests.browser.stand_in import StandIn

CLIPBOARD = ("clipboard-read", "clipboard-write")
READ = "navigator.clipboard.readText()"
BTC = replace(
    opened(Plan(tick=0.1, price=104_812.0)),
    tp_price=105_812.0,
    sl_price=104_312.0,
)
"""A long whose risk is 500, and whose target is 2 R away."""
BOXES = """dialog => [...dialog.querySelectorAll("*")]
  .filter(one => !one.closest(".slide, .candles, details > :not(summary), .pnl > span"))
  .map(one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const fixed = one.closest("dl.progress, .head .title") === null;
    return [x, y, fixed ? width : 0, height].map(Math.round).join(" ");
  })"""
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => window.shifts.push(...list.getEntries()
      .flatMap(one => one.sources.map(({ node }) => node?.parentElement))
      .filter(one => one?.closest(".pnl, .head .title") === null).map(one => one.outerHTML)))
    .observe({ type: "layout-shift" });
}"""


COUNT_TIMERS = """window.timers = new Set();
const [set, clear] = [setInterval, clearInterval];
window.setInterval = (run, ms, ...rest) => {
  const id = set(run, ms, ...rest);
  if (ms <= 1000) timers.add(id);
  return id;
};
window.clearInterval = id => { timers.delete(id); clear(id); };"""


def drawer(
    stand_in: StandIn, open_page: OpenPage, signal: Signal = BTC, **how: Any
) -> tuple[Page, Locator]:
    """Open a signal's page; returns it with its drawer."""
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}", **how)
    dialog = page.get_by_role("dialog", name=signal.symbol)
    expect(dialog.locator(".candles canvas").first).to_be_visible()
    return page, dialog


def send_prices(stand_in: StandIn, time: int, price: float, kind: str = "prices") -> None:
    stand_in.send({"type": kind, "data": {"time": time, "prices": {"BTCUSDT": price}}})


def fact(dialog: Locator, name: str) -> Locator:
    """Return the value beside a name."""
    named = f"dt:text-is('{name}'), dt > .term:text-is('{name}')"
    return dialog.locator(f"dl.facts div:has({named}) dd")


def test_each_level_is_copied_as_an_order_form_takes_it(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page, dialog = drawer(stand_in, open_page, grants=CLIPBOARD)
    for name, text in (("sl", "104312.0"), ("entry", "104812.0"), ("tp", "105812.0")):
        level = dialog.locator(f".ladder .{name} button")
        level.focus()
        page.keyboard.press("Enter")
        said = dialog.get_by_role("status").filter(has_text="Copied")
        expect(said).to_have_text(re.compile(f"Copied {name}, {text}", re.IGNORECASE))
        assert page.evaluate(READ) == text


def test_the_whole_signal_and_its_link_are_copied(stand_in: StandIn, open_page: OpenPage) -> None:
    page, dialog = drawer(stand_in, open_page, grants=CLIPBOARD)
    link = f"{stand_in.page_url}signals/{BTC.signal_id}"
    dialog.get_by_role("button", name="Copy link").click()
    said = dialog.locator(".said")
    expect(said).to_have_text("Copied the link")
    assert page.evaluate(READ) == link
    page.keyboard.press("c")
    expect(said).to_have_text("Copied the signal")
    assert page.evaluate(READ).splitlines() == [
        "LONG BTCUSDT",
        "SIMULATED market: invented prices, not a real signal",
        "Entry 104812.0",
        "TP 105812.0",
        "SL 104312.0",
        "Expires 2025-05-19 13:00:00 UTC",
        link,
    ]


def test_a_browser_without_a_clipboard_says_so(stand_in: StandIn, open_page: OpenPage) -> None:
    page, dialog = drawer(stand_in, open_page)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    dialog.get_by_role("button", name="Copy signal").click()
    expect(dialog.locator(".said")).to_contain_text("does not allow copying the signal")


@pytest.mark.parametrize(("market", "note"), [("live", ""), ("simulated", "Real market: ")])
def test_the_symbol_is_linked_elsewhere_and_the_real_market_is_named(
    stand_in: StandIn, open_page: OpenPage, market: str, note: str
) -> None:
    _, dialog = drawer(stand_in, open_page, replace(BTC, market=market))
    for site, address in (
        ("Binance", "https://www.binance.com/en/futures/BTCUSDT"),
        ("TradingView", "https://www.tradingview.com/chart/?symbol=BINANCE:BTCUSDT.P"),
    ):
        link = dialog.get_by_role("link", name=f"{note}{site}, BTCUSDT")
        expect(link).to_have_text(f"{note}{site}")
        expect(link).to_have_attribute("href", address)
        expect(link).to_have_attribute("rel", "noreferrer")
        expect(link).to_have_attribute("target", "_blank")


@pytest.mark.parametrize(("kind", "magic"), [("SVG", b"<svg "), ("PNG", b"\x89PNG\r\n")])
def test_the_picture_is_saved(
    stand_in: StandIn, open_page: OpenPage, kind: str, magic: bytes
) -> None:
    """PNG is drawn by the page itself, and twice as large; no other site is asked."""
    signal = closed(BTC, Outcome.TP_HIT)
    page, dialog = drawer(stand_in, open_page, signal)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name=f"Picture ({kind})").click()
    saved = Path(waiting.value.path()).read_bytes()
    assert saved.startswith(magic)
    assert waiting.value.suggested_filename == f"BTCUSDT-{signal.signal_id}.{kind.lower()}"
    if kind == "PNG":
        assert [int.from_bytes(saved[at : at + 4]) for at in (16, 20)] == [2_400, 1_260]
    expect(dialog.locator(".said")).to_contain_text("Saved the picture")
    ours = (stand_in.page_url, f"blob:{stand_in.page_url}")
    assert [url for url in asked if not url.startswith(ours)] == []
    stand_in.failing = True
    dialog.get_by_role("button", name=f"Picture ({kind})").click()
    expect(dialog.locator(".said")).to_contain_text("could not be made. The server answered HTTP 5")


def test_a_price_moves_the_marker_and_nothing_else(stand_in: StandIn, open_page: OpenPage) -> None:
    page, dialog = drawer(stand_in, open_page)
    expect(dialog.locator(".size")).to_contain_text("Enter the size")  # all is loaded
    send_prices(stand_in, NOON, 104_812.0, "status")
    marker, text = dialog.locator(".ladder .slide"), fact(dialog, "To TP")
    expect(text).to_have_text("2.00 R")
    expect(marker).to_have_attribute("style", re.compile(r"translateX\(33\.3"))
    page.evaluate("document.fonts.ready")
    boxes = dialog.evaluate(BOXES)
    page.evaluate(SHIFTS)
    send_prices(stand_in, NOON + 5_000, 105_062.0)
    expect(text).to_have_text("1.50 R")
    expect(fact(dialog, "To SL")).to_have_text("1.50 R")
    expect(fact(dialog, "Result so far, before costs")).to_have_text("0.50 R")
    expect(fact(dialog, "Risk to reward")).to_have_text("1 : 2.00")
    expect(marker).to_have_attribute("style", re.compile(r"translateX\(50%\)"))
    assert dialog.evaluate(BOXES) == boxes
    assert page.evaluate("window.shifts") == []


def test_a_price_moves_a_rows_marker_and_nothing_else(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(BTC, closed(opened(Plan("ETHUSDT", at=NOON - MINUTE_MS)), Outcome.SL_HIT))
    page = open_page()
    send_prices(stand_in, NOON, 104_812.0, "status")
    row = page.locator(f"[data-id='{BTC.signal_id}']")
    marker = row.locator(".so-far .slide")
    expect(marker).to_have_attribute("style", re.compile(r"translateX\(33\.3"))
    expect(page.locator(".so-far")).to_have_count(1)
    page.evaluate("document.fonts.ready")
    boxes = page.locator("#signals").evaluate(BOXES)
    page.evaluate(SHIFTS)
    send_prices(stand_in, NOON + 5_000, 105_562.0)
    expect(marker).to_have_attribute("style", re.compile(r"translateX\(83\.3"))
    expect(row.locator(".pnl")).to_contain_text("+0.72%")
    send_prices(stand_in, NOON + 10_000, 92_812.0)
    expect(row.locator(".pnl")).to_contain_text("-11.45%")
    expect(marker).to_have_attribute("style", re.compile(r"translateX\(0%\)"))
    assert page.locator("#signals").evaluate(BOXES) == boxes
    assert page.evaluate("window.shifts") == []


def test_the_time_left_counts_down_by_the_markets_clock(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """A replay at 60 times: a minute of the market passes in each second."""
    stand_in.store(BTC)
    page = open_page(live=False)
    page.clock.set_fixed_time(NOON / 1000)
    page.reload()
    expect(page.locator(".connection")).to_have_attribute("data-state", "live")
    begin = NOON / 1000 + 300  # s, by the wall clock, which stands still between the steps
    left = page.locator(".so-far .left-over")
    expect(left).to_have_text("– left")
    page.clock.set_fixed_time(begin)
    send_prices(stand_in, NOON, 104_812.0, "status")
    expect(left).to_have_text("1 h left")
    page.clock.set_fixed_time(begin + 10)
    send_prices(stand_in, NOON + 10 * MINUTE_MS, 104_812.0, "status")
    expect(left).to_have_text("50 min left")
    page.clock.set_fixed_time(begin + 15.5)
    expect(left).to_have_text("45 min left")
    page.locator(".row").click()
    time_left = fact(page.get_by_role("dialog"), "Time left")
    expect(time_left).to_have_text("44 min 30 s")
    send_prices(stand_in, NOON + 61 * MINUTE_MS, 104_812.0, "status")
    expect(time_left).to_have_text("0 s")


def test_one_timer_moves_every_countdown(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*(opened(Plan(at=NOON + n * MINUTE_MS)) for n in range(20)))
    page = open_page()
    page.add_init_script(COUNT_TIMERS)
    page.reload()
    expect(page.locator(".so-far")).to_have_count(20)
    send_prices(stand_in, NOON + 30 * MINUTE_MS, 104_812.0, "status")
    expect(page.locator(".so-far .left-over").first).to_have_text("49 min left")
    page.wait_for_function("timers.size > 0")
    assert page.evaluate("timers.size") == 1


def test_parts_and_moves_of_the_stop_are_shown_as_they_come(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    targets = (Target(105_312.0, 0.5), Target(106_312.0, 0.5))
    signal = replace(BTC, exits=Exits(targets, break_even=True))
    page, dialog = drawer(stand_in, open_page, signal, grants=CLIPBOARD)
    expect(fact(dialog, "Risk to reward")).to_have_text("1 : 3.00")
    send_prices(stand_in, NOON, 105_312.0, "status")
    expect(fact(dialog, "To SL")).to_have_text("2.00 R")
    at = NOON + MINUTE_MS
    hit = {
        "name": "target1",
        "touched_at": at,
        "closed_at": at,
        "price": 105_312.0,
        "fraction": 0.5,
    }
    moved = {"name": "stop1", "at": at, "price": 104_812.0}
    stand_in.commit(signal, progress=[hit, moved])
    expect(dialog.locator(".steps")).to_contain_text("50% closed at TP1")
    expect(dialog.locator(".steps")).to_contain_text("Stop moved")
    expect(fact(dialog, "To SL")).to_have_text("1.00 R")
    expect(fact(dialog, "Result so far, before costs")).to_have_text("1.00 R")
    send_prices(stand_in, NOON + 2 * MINUTE_MS, 104_812.0, "status")
    expect(fact(dialog, "Result so far, before costs")).to_have_text("0.50 R")
    expect(dialog.locator(".size .warning")).to_contain_text("The stop has moved to 104,812.0")
    dialog.locator(".ladder .between").get_by_role("button").last.click()
    expect(dialog.locator(".said")).to_have_text("Copied the stop, 104812.0")
    assert page.evaluate(READ) == "104812.0"


def test_a_position_size_loses_what_is_risked_at_the_stop(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page, dialog = drawer(stand_in, open_page, grants=CLIPBOARD)
    size = dialog.locator(".size")
    expect(size).to_contain_text("Enter the size of your account.")
    expect(size).to_contain_text("Arithmetic, not advice")
    size.get_by_label("Account,").fill("10,000")
    expect(fact(dialog, "Quantity")).to_have_text("0.159")
    expect(fact(dialog, "Loss at the stop, with costs")).to_have_text(
        re.compile(r"^\$99\.\d\d, (0\.99|1\.00)% of the account$")
    )
    expect(fact(dialog, "Leverage at most")).to_have_text(re.compile(r"^\d+x$"))
    size.locator(".copy").click()
    expect(dialog.locator(".said")).to_have_text("Copied the quantity, 0.159")
    assert page.evaluate(READ) == "0.159"
    size.get_by_label("Leverage").fill("125")
    expect(size.locator(".warning")).to_contain_text("liquidation may come before the stop")
    size.get_by_label("Leverage").fill("")
    size.get_by_label("Risk").fill("0.001")
    expect(size.locator(".warning")).to_contain_text("Nothing: the smallest lot, 0.001,")
    size.get_by_label("Account,").fill("ten")
    expect(size.locator(".warning")).to_contain_text("The account is not a number")
    page.reload()
    expect(dialog.get_by_label("Account,")).to_have_value("ten")
    assert not [path for path in stand_in.requests if "ten" in path]


def test_a_closed_signal_has_no_position_size(stand_in: StandIn, open_page: OpenPage) -> None:
    _, dialog = drawer(stand_in, open_page, closed(BTC, Outcome.TP_HIT))
    expect(fact(dialog, "Risk to reward")).to_have_text("1 : 2.00")
    expect(dialog.locator(".size")).to_have_count(0)
    expect(fact(dialog, "Time left")).to_have_count(0)
