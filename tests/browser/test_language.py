"""The page in Spanish: chosen by a person, remembered, accessible, and with room for its words."""

import re

import pytest
from playwright.sync_api import Page, expect

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.looks import follow, loaded, page_links
from tests.browser.samples import NOON, PRICES, a_day
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import fits

TOO_WIDE = """[...document.querySelectorAll('.nav a')].filter(link => {
  const words = [...link.querySelectorAll('span')].find(one => one.offsetWidth > 0);
  return words.offsetWidth > link.clientWidth;
}).map(link => link.textContent)"""
"""The links whose words are wider than they are."""
UNLISTED = ("./how-it-works", "./glossary")
"""Pages that the navigation does not link to."""


def test_a_person_chooses_a_language_and_the_page_remembers_it(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(4))
    page = open_page(at="signals")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("combobox", name="Language").select_option("es")
    expect(page.get_by_role("dialog", name="Ajustes")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tab", name="Todas")).to_be_visible()
    expect(page).to_have_title("(4 abiertas) Señales · SignalEngine")
    page.reload()
    expect(page.get_by_role("tab", name="Todas")).to_be_visible()
    expect(page.locator(".row .direction").first).to_have_text(re.compile("LARGO|CORTO"))


def test_the_browsers_language_is_the_default(open_page: OpenPage) -> None:
    page = open_page(at="system", language="es-MX")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", name="Retraso por paso")).to_be_visible()
    other = open_page(at="system", language="de-DE")
    expect(other.locator("html")).to_have_attribute("lang", "en")


def test_numbers_are_written_as_the_language_writes_them(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="", language="es", zone="UTC")
    stand_in.send_status(time=NOON, prices=PRICES)
    expect(page.get_by_role("region", name="Hoy")).to_contain_text("19/05/2025")
    expect(page.locator(".top .score-cell").first).to_contain_text(",")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_spanish(stand_in: StandIn, open_page: OpenPage, theme: str) -> None:
    page = spanish(stand_in, open_page, theme=theme)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    for link in (*page_links(page), *UNLISTED):
        follow(page, link)
        loaded(page)
        assert violations(page) == [], f"{link} {theme}"


def test_no_page_scrolls_sideways_in_spanish(stand_in: StandIn, open_page: OpenPage) -> None:
    page = spanish(stand_in, open_page)
    for link in (*page_links(page), *UNLISTED):
        follow(page, link)
        loaded(page)
        for width in (320, 390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert fits(page, width), f"{link} at {width} px"


def test_names_in_the_navigation_of_a_phone_do_not_touch_in_spanish(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = spanish(stand_in, open_page)
    page.evaluate("document.fonts.ready")
    for width in (360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) == [], f"at {width} px"


def test_the_header_is_one_row_in_spanish(stand_in: StandIn, open_page: OpenPage) -> None:
    page = spanish(stand_in, open_page)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".connection .age")).to_contain_text("actualizado")
    tops = page.evaluate(
        "[...document.querySelectorAll('.nav, .connection, .switches')]"
        ".map(one => one.getBoundingClientRect()).map(box => Math.round(box.y + box.height / 2))"
    )
    assert len(set(tops)) == 1, tops


def test_states_of_the_api_are_in_spanish(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="strategies/donchian%40fast", language="es")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Estado en sombra")
    expect(dialog).to_contain_text("sin registrar → en sombra")


def spanish(stand_in: StandIn, open_page: OpenPage, theme: str = "dark") -> Page:
    """Return the page in Spanish, with a day of signals."""
    stand_in.store(*a_day(12))
    page = open_page(at="", language="es", reduced_motion=True, theme=theme)
    stand_in.send_status(time=NOON, prices=PRICES, metrics={"cpu_percent": 1})
    return page
