"""One signal in full: chart, score, events, outcome, delivery."""

import re

from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn


def test_a_click_on_a_row_shows_why_and_how_it_ended(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    signal = closed(opened(Plan()), Outcome.SL_HIT)
    stand_in.store(signal)
    page = open_page()
    page.locator(".row .price").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".bars li")).to_have_count(7)
    expect(dialog.locator(".bars .missing")).to_contain_text("no data")
    expect(dialog).to_contain_text("Long, because this bar closed with:")
    expect(dialog).to_contain_text("Net return")
    expect(dialog).to_contain_text("by a tick")
    expect(dialog).to_contain_text(signal.signal_id)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_an_address_with_an_id_opens_that_signal(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = opened(Plan("ETHUSDT"))
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}")
    expect(page.get_by_role("dialog", name="ETHUSDT")).to_be_visible()


def test_the_detail_shows_chart_score_neighbours_receipts_and_features(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    signal = closed(opened(Plan("ETHUSDT")), Outcome.TP_HIT)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    expect(dialog.locator(".candles canvas").first).to_be_visible()
    expect(dialog.get_by_role("img", name="Candles of ETHUSDT")).to_be_visible()
    expect(dialog.locator(".bars .tick")).to_have_count(6)
    expect(dialog.locator(".legend")).to_contain_text("score of a short")
    expect(dialog.locator(".neighbours li")).to_have_count(2)
    expect(dialog.locator(".neighbours")).to_contain_text("Cooldown")
    expect(dialog.locator(".receipts")).to_contain_text("412 ms after the commit, 2 attempts")
    dialog.get_by_text("Features at the close").click()
    expect(dialog.locator(".features tbody tr").first).to_contain_text("61.2")
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any("/assets/candles-" in name for name in names)


def test_an_interval_is_chosen_with_the_keyboard_and_stored(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """The entry at 12:03 and the end at 12:14 are marked in the bars that contain them."""
    signal = closed(opened(Plan("ETHUSDT", at=NOON + 3 * MINUTE_MS)), Outcome.TP_HIT, minutes=11)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}", zone="UTC")
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
    assert any("/bars?symbol=ETHUSDT&interval=15m" in path for path in stand_in.requests)
    page.reload()
    expect(dialog.get_by_role("radio", name="1h")).to_be_checked()
    expect(chart).to_have_attribute("aria-label", re.compile("ETHUSDT, 1h each"))


def test_the_charting_library_is_loaded_when_a_signal_is_opened(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(3))
    page = open_page()
    expect(page.locator(".row")).to_have_count(3)
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in names if "candles" in name]


def test_a_signal_is_explained_even_when_its_details_fail_to_load(
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


def test_prices_are_on_the_tick_of_their_symbol_on_every_part(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    """As the exchange writes them: 104,812.0 where the tick is 0.1."""
    stand_in.store(opened(Plan(price=104_812.0, tick=0.1)))
    page = open_page()
    on_tick = re.compile(r"^[\d,]+\.\d$")
    expect(page.locator(".row .entry")).to_have_text("104,812.0")
    expect(page.locator(".row .tp")).to_have_text(on_tick)
    page.locator(".row").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".ladder .entry dd")).to_have_text("104,812.0")
    expect(dialog.locator(".ladder .sl dd").first).to_have_text(on_tick)


def test_the_chart_reads_out_the_bar_under_the_pointer(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(closed(opened(Plan("ETHUSDT", tick=0.01)), Outcome.TP_HIT))
    page = open_page(at="signals")
    page.locator(".row").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".candles canvas").first).to_be_visible()
    readout = dialog.locator(".candles > .readout")
    expect(readout).to_contain_text(re.compile(r"O [\d,]+\.\d\dH [\d,]+\.\d\dL .*C .*%"))
    latest = readout.inner_text()
    dialog.locator(".candles .canvas").hover(position={"x": 60, "y": 120})
    expect(readout).not_to_have_text(latest, use_inner_text=True)


def test_features_are_named_and_ordered_by_interval(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = closed(opened(Plan("ETHUSDT", tick=0.01)), Outcome.TP_HIT)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    dialog.get_by_text("Features at the close").click()
    heads = dialog.locator(".features thead th.numeric")
    expect(heads).to_have_text(["1m", "5m", "15m", "1h"])
    expect(dialog.locator(".features")).not_to_contain_text("_")
