"""A long table: only rows near the screen are in the document, and nothing else is different."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, PRICES, Plan, a_day, opened
from tests.browser.stand_in import StandIn

MANY = 400
WIDTHS = pytest.mark.parametrize("width", [1280, 820, 390])

CHANGED = """() => {
  window.changed = new Set();
  new MutationObserver((all) => all.forEach(({ target }) => {
    const element = target instanceof Element ? target : target.parentElement;
    if (element.closest(".left-over")) return;  // the time left, with the clock
    window.changed.add(element.closest(".row")?.dataset.id ?? element.outerHTML.slice(0, 80));
  })).observe(document.querySelector("#signals"),
    { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def long_table(stand_in: StandIn, open_page: OpenPage, width: int = 1280) -> Page:
    """Open the table with all of its rows loaded, at its top."""
    stand_in.store(*a_day(MANY))
    page = open_page(width=width)
    page.get_by_role("button", name="Show older signals").click()
    expect(page.get_by_role("button", name="Show older signals")).to_have_count(0)
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(MANY + 1))
    scroll_to(page, 0)
    return page


def indexes(page: Page) -> list[int]:
    """Return `aria-rowindex` of the rows in the document, in order."""
    found: list[str] = page.locator(".row").evaluate_all(
        "all => all.map(row => row.getAttribute('aria-rowindex'))"
    )
    return [int(index) for index in found]


def columns(page: Page) -> list[float]:
    widths: list[float] = page.locator("th").evaluate_all(
        "all => all.map(head => head.getBoundingClientRect().width)"
    )
    return widths


def scroll_to(page: Page, share: float) -> None:
    """Scroll to a share of the page's height, 0 to 1, and wait until rows there are drawn."""
    page.evaluate("share => scrollTo(0, share * document.body.scrollHeight)", share)
    page.wait_for_function("""() => {
      const middle = innerHeight / 2;
      const within = ({ top, bottom }) => top < middle && bottom + 30 > middle;
      const rows = [...document.querySelectorAll(".row")];
      return rows.some((row) => within(row.getBoundingClientRect()));
    }""")


@WIDTHS
def test_rows_near_the_screen_are_drawn_and_all_can_be_reached(
    stand_in: StandIn, open_page: OpenPage, width: int
) -> None:
    page = long_table(stand_in, open_page, width)
    height, widths = page.evaluate("document.body.scrollHeight"), columns(page)
    seen: set[int] = set()
    for step in range(0, 101, 4):
        scroll_to(page, min(step / 100, 0.97))
        shown = indexes(page)
        assert shown == list(range(shown[0], shown[-1] + 1))
        assert len(shown) < MANY / 2
        seen |= set(shown)
    assert seen == set(range(2, MANY + 2))
    assert columns(page) == widths
    assert page.evaluate("document.body.scrollHeight") == pytest.approx(height, rel=0.02)


def test_a_short_table_is_whole(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    page = open_page()
    expect(page.locator(".row")).to_have_count(12)
    assert page.get_by_role("table").get_attribute("aria-rowcount") is None
    assert page.locator("[aria-rowindex], .room, .widest").count() == 0


def test_keys_go_on_from_a_row_that_was_scrolled_away(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = long_table(stand_in, open_page)
    for _ in range(3):
        page.keyboard.press("j")
    expect(page.locator(".row[aria-rowindex='4'] a:not(.chart-link)")).to_be_focused()
    scroll_to(page, 0.9)
    expect(page.locator(".row[aria-rowindex='4']")).to_have_count(0)
    page.keyboard.press("j")
    fifth = page.locator(".row[aria-rowindex='5']")
    expect(fifth.locator("a:not(.chart-link)")).to_be_focused()
    expect(fifth).to_be_in_viewport()


def test_a_search_far_below_shows_what_it_found(stand_in: StandIn, open_page: OpenPage) -> None:
    page = long_table(stand_in, open_page)
    scroll_to(page, 0.9)
    page.get_by_label("Search signals").fill("BTCUSDT")
    expect(page.locator(".row").filter(has_not_text="BTCUSDT")).to_have_count(0)
    expect(page.locator(".row").first).to_be_in_viewport()


def test_a_page_is_printed_whole(stand_in: StandIn, open_page: OpenPage) -> None:
    page = long_table(stand_in, open_page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".row")).to_have_count(MANY)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(f".row[aria-rowindex='{MANY}']")).to_have_count(0)


def test_a_link_to_a_signal_whose_row_is_not_drawn_opens_it(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    day = a_day(MANY)
    stand_in.store(*day)
    page = open_page(at=f"signals/{day[150].signal_id}")
    expect(page.get_by_role("dialog", name=day[150].symbol)).to_be_visible()


def test_a_new_signal_comes_on_top_of_a_long_table(stand_in: StandIn, open_page: OpenPage) -> None:
    page = long_table(stand_in, open_page)
    last = page.locator(".row").nth(20).get_attribute("data-id")
    page.evaluate("id => { document.querySelector(`[data-id='${id}']`).marked = true }", last)
    stand_in.commit(opened(Plan("NEWUSDT", at=NOON + MINUTE_MS)))
    expect(page.locator(".row").first).to_contain_text("NEWUSDT")
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(MANY + 2))
    assert page.locator(f"[data-id='{last}']").evaluate("row => row.marked")


def test_a_tick_changes_the_rows_of_its_symbol_alone(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*(opened(Plan(symbol, seed=n)) for n, symbol in enumerate(PRICES)))
    page = open_page()
    stand_in.send_status(time=NOON, prices=PRICES)
    expect(page.locator(".row .unrealised")).to_have_count(len(PRICES))
    page.evaluate(CHANGED)
    before = page.locator(".row .unrealised").all_inner_texts()
    row = page.locator(".row").filter(has_text="ETHUSDT")
    was = row.locator(".unrealised").inner_text()
    prices = {"ETHUSDT": PRICES["ETHUSDT"] * 1.01}
    stand_in.send({"type": "prices", "data": {"time": NOON + 5_000, "prices": prices}})
    expect(row.locator(".unrealised")).not_to_have_text(was)
    assert page.evaluate("[...window.changed]") == [row.get_attribute("data-id")]
    after = page.locator(".row .unrealised").all_inner_texts()
    assert len([1 for a, b in zip(before, after, strict=True) if a != b]) == 1
