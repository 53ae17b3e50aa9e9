"""Accessibility: axe against WCAG 2.1 AA on every page, in both themes."""

from playwright.sync_api import Page, expect

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.looks import follow, loaded, page_links
from tests.browser.samples import NOON, PRICES, a_day
from tests.browser.stand_in import StandIn

RUN = """axe.run({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
  rules: {'label-content-name-mismatch': {enabled: true}},
  resultTypes: ['violations'],
})"""
"""Of WCAG 2.1 AA, with the rule that names contain what is visible, which is off by default."""


def test_axe_finds_nothing_against_wcag_aa_on_any_page(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(*a_day(12))
    axe = (MODULES / "axe-core" / "axe.min.js").read_text()
    page = open_page(at="", reduced_motion=True)
    page.evaluate(axe)
    stand_in.send_status(time=NOON, prices=PRICES, metrics={"cpu_percent": 1})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        for link in page_links(page):
            follow(page, link)
            loaded(page)
            assert violations(page) == [], f"{link} {theme}"
        check_dialogs(page, theme)


def check_dialogs(page: Page, theme: str) -> None:
    """Check the dialogs of a page: a signal, the settings, the help."""
    follow(page, "./signals")
    page.locator(".row").nth(7).click()
    expect(page.locator(".candles canvas").first).to_be_visible()
    assert violations(page) == [], f"detail {theme}"
    close_dialog(page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    assert violations(page) == [], f"settings {theme}"
    close_dialog(page)
    page.get_by_role("button", name="Filters and columns").click()
    expect(page.get_by_role("dialog", name="Filters and columns")).to_be_visible()
    assert violations(page) == [], f"filters {theme}"
    close_dialog(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert violations(page) == [], f"help {theme}"
    close_dialog(page)


def close_dialog(page: Page) -> None:
    """Close the open dialog and wait until it is gone: a key pressed before is lost."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def violations(page: Page) -> list[str]:
    """Return the violations that axe finds, one line per rule and element."""
    found = page.evaluate(RUN)
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
