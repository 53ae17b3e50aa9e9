"""The glossary and the explanations of words: by pointer, touch and keyboard, without any shift."""

import re

from playwright.sync_api import expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import Plan, closed, opened
from tests.browser.stand_in import StandIn


def test_each_word_has_an_address(open_page: OpenPage) -> None:
    page = open_page(at="glossary/win-rate")
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()
    chosen = page.locator("#term-win-rate")
    expect(chosen).to_contain_text("closed signals with a net gain")
    expect(chosen).to_be_in_viewport()
    page.locator("#term-score").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/glossary/score$"))
    expect(page.locator("#term-score")).to_have_class("chosen")


def test_a_word_is_explained_by_keyboard_and_moves_nothing(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    signal = closed(opened(Plan("BTCUSDT", price=100.0)), Outcome.TP_HIT)
    stand_in.store(signal)
    page = open_page(at=f"signals/{signal.signal_id}")
    drawer = page.get_by_role("dialog", name="BTCUSDT")
    word = drawer.get_by_role("button", name="Net return")
    word.focus()
    before = word.bounding_box()
    page.keyboard.press("Enter")
    shown = page.locator(".explanation")
    expect(shown).to_contain_text("after fees, slippage and funding")
    expect(word).to_have_attribute("aria-expanded", "true")
    assert word.bounding_box() == before
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(drawer).to_be_visible()  # Esc closed the explanation alone
    expect(word).to_be_focused()


def test_an_explanation_leads_to_the_glossary(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(closed(opened(Plan("BTCUSDT", price=100.0)), Outcome.TP_HIT))
    page = open_page(at="", width=390)
    page.get_by_role("button", name="Net result").click()
    shown = page.locator(".explanation")
    expect(shown).to_be_in_viewport(ratio=1)
    shown.get_by_role("link", name="In the glossary").click()
    expect(page.locator("#term-net-return")).to_be_in_viewport()
