"""The layout on narrow screens: in the page's own font, in a fallback, and in a wide font."""

import pytest
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from signalengine.signals import Outcome

from tests.browser.conftest import FONTS, Font, OpenPage
from tests.browser.looks import follow, loaded, page_links
from tests.browser.samples import NOON, PRICES, Plan, a_day, closed, opened
from tests.browser.stand_in import StandIn

WIDTHS = (320, 360, 390, 820, 1057, 1280)
in_each_font = pytest.mark.parametrize("font", FONTS)


@in_each_font
def test_no_page_scrolls_sideways(stand_in: StandIn, open_page: OpenPage, font: Font) -> None:
    stand_in.store(*a_day(12))
    page = open_page(width=1280, at="", font=font)
    stand_in.send_status(time=NOON, prices=PRICES, metrics={"cpu_percent": 1})
    for link in page_links(page):
        follow(page, link)
        loaded(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert fits(page, width), f"{link} at {width} px"


@in_each_font
def test_the_rows_of_the_table_have_no_overlaps(
    stand_in: StandIn, open_page: OpenPage, font: Font
) -> None:
    stand_in.store(*a_day(12))
    page = open_page(width=390, font=font)
    stand_in.commit(opened(Plan()), symbol="X" * 60)
    expect(page.locator(".row")).to_have_count(13)
    for width in (*WIDTHS, 768):
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page, width), f"at {width} px"
        assert overlaps(page) == [], f"at {width} px"


@in_each_font
@pytest.mark.parametrize("width", [320, 390])
def test_the_detail_fits_a_phone(
    stand_in: StandIn, open_page: OpenPage, width: int, font: Font
) -> None:
    page = open_page(width=width, font=font)
    stand_in.commit(closed(opened(Plan()), Outcome.TP_HIT), symbol="X" * 60)
    page.locator(".row").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".candles canvas").first).to_be_visible()
    over = page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))")
    assert over == 0


@in_each_font
def test_on_a_phone_the_strongest_symbols_need_no_scrolling(
    stand_in: StandIn, open_page: OpenPage, font: Font
) -> None:
    page = open_page(width=390, at="", font=font)
    table = page.get_by_role("region", name="Strongest now, scrollable")
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    for width in (320, 360, 390, 820):
        page.set_viewport_size({"width": width, "height": 800})
        assert table.evaluate("it => it.scrollWidth - it.clientWidth") <= 0, f"at {width} px"


@in_each_font
def test_on_a_phone_the_connection_has_room_before_the_first_status(
    stand_in: StandIn, open_page: OpenPage, font: Font
) -> None:
    stand_in.failing = True  # no signal and no status: the market is unknown
    page = open_page(width=390, at="", font=font)
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        box = page.locator(".connection").bounding_box()
        assert box
        assert box["width"] > 150
        assert box["height"] < 50
        assert fits(page, width), f"at {width} px"


def test_on_a_phone_the_navigation_is_at_the_bottom(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(width=320, at="")
    bar = page.get_by_role("navigation", name="Pages").bounding_box()
    assert bar
    assert bar["y"] + bar["height"] == 860


def test_text_is_in_the_page_s_own_font(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="")
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("document.fonts.check('600 16px \"Inter Variable\"')")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Inter Var')


def test_a_font_that_arrives_late_changes_no_text(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="")
    loaded(page)
    own = heading_widths(page)
    held: list[Route] = []
    page.route("**/*.woff2", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")
    loaded(page)
    fallback = heading_widths(page)
    assert fallback != own
    with page.expect_event("requestfinished", lambda request: request.url.endswith(".woff2")):
        for route in held:
            route.continue_()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(200)
    assert heading_widths(page) == fallback


def heading_widths(page: Page) -> list[float]:
    widths: list[float] = page.locator(".card h2").evaluate_all(
        "all => all.map((heading) => heading.getBoundingClientRect().width)"
    )
    return widths


def fits(page: Page, width: int) -> bool:
    """Return whether the page is no wider than the screen, once its charts have been redrawn."""
    narrow = "width => document.documentElement.scrollWidth <= width"
    try:
        page.wait_for_function(narrow, arg=width, timeout=5_000)
    except PlaywrightTimeoutError:
        return False
    return True


def overlaps(page: Page) -> list[str]:
    """Return the pairs of cells of one row that overlap."""
    found: list[str] = page.evaluate("""() => {
      const out = [];
      for (const row of document.querySelectorAll(".row")) {
        const cells = [...row.children].map((c) => [c.className, c.getBoundingClientRect()]);
        for (const [a, p] of cells) for (const [b, q] of cells)
          if (a < b && p.left < q.right - 1 && q.left < p.right - 1
              && p.top < q.bottom - 1 && q.top < p.bottom - 1) out.push(`${a} ${b}`);
      }
      return out;
    }""")
    return found
