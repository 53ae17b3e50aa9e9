"""Charts of symbols: live without a signal, back in time, with what the engine knew."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from signalengine.signals import Outcome

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.looks import card
from tests.browser.samples import MINUTE_MS, NOON, PRICES, Plan, closed, opened
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations


def chart_of(page: Page, symbol: str = "BTCUSDT") -> Locator:
    """Return the chart of a symbol, once it is drawn."""
    found = page.get_by_role("img", name=re.compile(f"Candles of {symbol}"))
    expect(found).to_have_attribute("data-drawn", "")
    return found


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Bar")


def asked(stand_in: StandIn) -> list[dict[str, str]]:
    """The queries of all requests for charts."""
    paths = [urlsplit(one) for one in stand_in.requests]
    found = [parse_qs(one.query, keep_blank_values=True) for one in paths if one.path == "/chart"]
    return [{name: values[0] for name, values in query.items()} for query in found]


def test_a_symbol_without_a_signal_has_a_live_chart(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="symbols/BTCUSDT", zone="UTC")
    chart_of(page)
    expect(slider(page)).to_have_attribute("max", "299")
    readout = page.locator(".candles > .readout")
    expect(readout).to_contain_text("05-19 11:59")
    expect(page.locator(".symbol-head h1")).to_have_text("BTCUSDT")
    stand_in.send_status(time=NOON + 10_000, prices=PRICES)
    expect(page.locator(".symbol-head .last")).to_have_text("104,812.40")
    expect(slider(page)).to_have_attribute("max", "300")
    expect(readout).to_contain_text("05-19 12:00")
    expect(readout).to_contain_text("C 104,812.40")
    expect(page.locator("figcaption")).to_contain_text("1m bars, the last still forming")
    stand_in.send_status(time=NOON + 20_000, prices=PRICES | {"BTCUSDT": 104_900.0})
    expect(readout).to_contain_text("C 104,900.00")
    expect(readout).to_contain_text("H 104,900.00")
    expect(page.locator(".known")).to_contain_text(re.compile(r"EMA 9 [\d,.]+"))


def test_a_bar_that_closes_is_asked_for_with_few_others(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols/BTCUSDT", zone="UTC")
    stand_in.send_status(time=NOON + 10_000, prices=PRICES)
    expect(slider(page)).to_have_attribute("max", "300")
    stand_in.grown = 1
    stand_in.send_status(time=NOON + 70_000, prices=PRICES)
    expect(slider(page)).to_have_attribute("max", "301")
    assert int(asked(stand_in)[-1]["limit"]) < 10


def test_older_bars_come_on_scroll_and_nothing_in_view_moves(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols/BTCUSDT")
    chart = chart_of(page)
    expect(slider(page)).to_have_attribute("max", "299")
    held: list[Route] = []
    page.route("**/chart?*cursor=*", lambda route: held.append(route))
    box = chart.bounding_box()
    assert box is not None
    middle = box["y"] + 100
    while not held:
        page.mouse.move(box["x"] + 100, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 700, middle, steps=4)
        page.mouse.up()
    expect(page.locator("figcaption")).to_contain_text("Loading older bars")
    settled(page)
    before = chart.get_attribute("data-from")
    held[0].continue_()
    expect(slider(page)).to_have_attribute("max", "599")
    settled(page)
    assert chart.get_attribute("data-from") == before
    assert asked(stand_in)[-1].keys() >= {"cursor", "limit", "overlays"}


def settled(page: Page) -> None:
    """Wait until the chart has drawn what it was given."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def test_a_bar_is_read_out_by_keyboard_pointer_and_tap(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols/BTCUSDT", zone="UTC")
    chart = chart_of(page)
    readout = page.locator(".candles > .readout")
    expect(readout).to_contain_text(re.compile(r"11:59.*O [\d,.]+H .*L .*C .*%V [\d.]+"))
    slider(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("11:58")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("^05-19 11:58, O .*V "))
    page.keyboard.press("Home")
    expect(readout).to_contain_text("07:00")
    expect(page.locator(".known")).to_contain_text("EMA 9")
    chart.hover(position={"x": 120, "y": 120})
    expect(readout).not_to_contain_text("07:00")
    at = readout.inner_text()
    chart.click(position={"x": 260, "y": 120})
    expect(readout).not_to_have_text(at, use_inner_text=True)


def test_overlays_are_toggled_and_remembered(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="symbols/BTCUSDT")
    known = page.locator(".known")
    expect(known).to_contain_text("EMA 50")
    expect(known).not_to_contain_text("VWAP")
    page.get_by_role("checkbox", name="VWAP").check(force=True)
    expect(known).to_contain_text("VWAP")
    page.get_by_role("checkbox", name="EMA").uncheck(force=True)
    expect(known).not_to_contain_text("EMA")
    page.get_by_role("checkbox", name="Strategies").check(force=True)
    expect(known).to_contain_text("donchian Highest")
    assert asked(stand_in)[-1]["overlays"] == "vwap,events,strategies,scores"
    page.reload()
    expect(known).to_contain_text("VWAP")
    expect(page.get_by_role("checkbox", name="EMA")).not_to_be_checked()


def test_an_interval_is_in_the_address(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="symbols/BTCUSDT?interval=4h")
    chart_of(page)
    expect(page.get_by_role("radio", name="4h")).to_be_checked()
    assert {query["interval"] for query in asked(stand_in)} == {"4h"}
    page.get_by_role("radio", name="1d").check(force=True)
    expect(page).to_have_url(re.compile(r"symbols/BTCUSDT\?interval=1d$"))
    expect(page.get_by_role("img", name=re.compile("BTCUSDT, 1d each"))).to_be_visible()
    expect(page.locator("figcaption")).to_contain_text("Scores at closes with events")


def test_what_was_not_warm_is_said_and_not_drawn(stand_in: StandIn, open_page: OpenPage) -> None:
    """The stand-in knows nothing of the first hundred of 900 bars; two pages back they begin."""
    page = open_page(at="symbols/BTCUSDT", zone="UTC")
    chart_of(page)
    slider(page).focus()
    for bars in (599, 899):
        page.keyboard.press("Home")
        expect(slider(page)).to_have_attribute("max", str(bars))
    page.keyboard.press("Home")
    expect(page.locator(".known")).to_contain_text("EMA 9 –")
    expect(page.locator("figcaption")).to_contain_text("Indicators are known from 05-18 22:40 on")


def test_scores_are_shown_by_side_or_by_component(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="symbols/BTCUSDT")
    known = page.locator(".known")
    expect(known).to_contain_text(re.compile(r"Long \d+.*Short \d+"))
    page.get_by_role("radio", name="short, by component").check(force=True)
    expect(known).to_contain_text(re.compile(r"Trend \d+"))
    expect(known).not_to_contain_text("Long")


def test_its_signals_are_marked_and_listed(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(
        closed(opened(Plan(at=NOON - 100 * MINUTE_MS)), Outcome.TP_HIT, minutes=20),
        opened(Plan(at=NOON - 20 * MINUTE_MS, direction="short")),
        opened(Plan("ETHUSDT")),
    )
    page = open_page(at="symbols/BTCUSDT")
    mine = card(page, "Signals of BTCUSDT")
    expect(mine.locator("li")).to_have_count(2)
    expect(mine.locator("li").first).to_contain_text("SHORT")
    mine.locator("li a").first.click()
    expect(page.get_by_role("dialog", name="BTCUSDT")).to_be_visible()


def test_a_star_puts_a_symbol_first_and_its_chart_on_the_wall(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols/XRPUSDT")
    page.get_by_role("button", name="Star XRPUSDT").click()
    page.get_by_role("link", name="All symbols").click()
    rows = page.locator(".watchlist tbody tr")
    expect(rows).to_have_count(len(PRICES))
    expect(rows.first).to_contain_text("XRPUSDT")
    page.reload()
    expect(rows.first.get_by_role("button", name="Star XRPUSDT")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Star SOLUSDT").click()
    page.get_by_role("radio", name="Charts").check(force=True)
    expect(page.locator(".wall .candles [data-drawn]")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"symbols\?view=charts$"))
    page.get_by_role("radio", name="List").check(force=True)
    page.get_by_role("button", name="Star XRPUSDT").click()
    expect(rows.first).to_contain_text("SOLUSDT")


def test_the_list_has_price_change_scores_and_a_line(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols")
    row = page.locator(".watchlist tbody tr", has_text="ETHUSDT")
    expect(row).to_contain_text(re.compile(r"2,486.31.*%.*24 h.*%.*%"))
    expect(
        row.get_by_role("img", name=re.compile("ETHUSDT: closes of the last day, .*%"))
    ).to_have_count(1)
    expect(page.locator(".watchlist tbody tr", has_text="LINKUSDT")).to_contain_text("warming up")
    stand_in.send_status(time=NOON + 10_000, prices=PRICES | {"ETHUSDT": 2_600.0})
    expect(row).to_contain_text("2,600.00")


def test_a_symbol_is_found_in_other_spellings_or_the_nearest_are_named(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="symbols/btc")
    chart_of(page)
    page.goto(stand_in.page_url + "symbols/BTXUSDT")
    expect(page.get_by_role("alert")).to_contain_text("BTXUSDT is not followed.")
    page.get_by_role("link", name="BTCUSDT").click()
    chart_of(page)


@pytest.mark.parametrize(
    ("at", "of"),
    [("", ".top"), ("", ".latest .pair"), ("signals", ".row .symbol"), ("symbols", ".watchlist")],
)
def test_each_symbol_leads_to_its_chart(
    stand_in: StandIn, open_page: OpenPage, at: str, of: str
) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(at=at)
    link = page.locator(f"{of} a[href='./symbols/BTCUSDT']").first
    link.click()
    chart_of(page)
    page.go_back()
    expect(link).to_be_visible()


def test_a_signal_is_shown_as_of_then(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = closed(opened(Plan("ETHUSDT", at=NOON)), Outcome.TP_HIT, minutes=11)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}", zone="UTC")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    chart = chart_of(page, "ETHUSDT")
    expect(chart).to_have_attribute("aria-label", re.compile("TP hit in the bar of 12:10"))
    expect(dialog.locator(".as-of")).to_contain_text("the bars after its entry were not known then")
    dialog.get_by_role("radio", name="As of then").check(force=True)
    expect(chart_of(page, "ETHUSDT")).not_to_have_attribute("aria-label", re.compile("TP hit"))
    expect(dialog.locator(".as-of")).to_contain_text("Only what was known")
    expect(dialog.locator(".candles > .readout")).to_contain_text("11:59")
    dialog.get_by_role("radio", name="15m").check(force=True)
    expect(dialog.locator(".candles > .readout")).to_contain_text("11:45")
    dialog.get_by_role("radio", name="Until now").check(force=True)
    expect(dialog.locator(".candles > .readout")).to_contain_text("12:15")


def test_a_signals_chart_has_the_overlays_too(stand_in: StandIn, open_page: OpenPage) -> None:
    signal = closed(opened(Plan("ETHUSDT", at=NOON - 40 * MINUTE_MS)), Outcome.TP_HIT)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}", zone="UTC")
    dialog = page.get_by_role("dialog", name="ETHUSDT")
    expect(dialog.locator(".known")).to_contain_text(re.compile(r"EMA 9 [\d–]"))
    dialog.get_by_role("checkbox", name="Swings").check(force=True)
    expect(dialog.locator(".known")).to_contain_text("Swing low")


def test_live_prices_shift_nothing(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="symbols/BTCUSDT")
    chart_of(page)
    stand_in.send_status(time=NOON + 10_000, prices=PRICES)
    expect(page.locator(".symbol-head .last")).to_have_text("104,812.40")
    page.evaluate(
        """() => { window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(
          entry => { window.shifts += entry.value })).observe({type: "layout-shift"}) }"""
    )
    for n, price in enumerate((104_900.0, 98_765.4, 123_456.7)):
        stand_in.send_status(time=NOON + 20_000 + n * 5_000, prices=PRICES | {"BTCUSDT": price})
        expect(page.locator(".symbol-head .last")).to_have_text(f"{price:,.2f}")
    settled(page)
    assert page.evaluate("window.shifts") < 0.01


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_chart_and_on_the_wall(
    stand_in: StandIn, open_page: OpenPage, theme: str
) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(at="symbols/BTCUSDT", theme=theme, reduced_motion=True)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    chart_of(page)
    assert violations(page) == []
    page.get_by_role("button", name="Star BTCUSDT").click()
    page.get_by_role("link", name="All symbols").click()
    page.get_by_role("radio", name="Charts").check(force=True)
    expect(page.locator(".wall [data-drawn]")).to_have_count(1)
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390, 820])
def test_a_chart_fits_a_narrow_screen(stand_in: StandIn, open_page: OpenPage, width: int) -> None:
    page = open_page(at="symbols/BTCUSDT", width=width)
    chart_of(page)
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert over == 0
