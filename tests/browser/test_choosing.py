"""Stars, saved filters, ranges, columns and sounds: what a person chooses in one browser."""

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.looks import loaded, rows_are, three
from tests.browser.samples import NOON, PRICES, Plan, closed, opened
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import close_dialog

COUNT_TONES = """() => {
  const root = document.documentElement;
  root.dataset.tones = "0";
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    root.dataset.tones = String(Number(root.dataset.tones) + 1);
    return start.apply(this, given);
  };
}"""


def dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Filters and columns").click()
    return page.get_by_role("dialog", name="Filters and columns")


def test_stars_stay_and_filter(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page()
    star = page.get_by_role("button", name="Star this signal of ETHUSDT")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/signals")  # the row is not opened
    page.locator(".row").nth(2).click()
    page.get_by_role("dialog").get_by_role("button", name="Star the symbol SOLUSDT").click()
    close_dialog(page)
    expect(page).to_have_url(re.compile("/signals$"))
    page.reload()
    expect(page.locator(".row .starred-symbol")).to_have_count(1)
    dialog(page).get_by_label("Only starred signals").check()
    page.keyboard.press("Escape")
    rows_are(page, "ETHUSDT", "SOLUSDT")
    assert page.url.endswith("/signals?starred=1")
    page.get_by_role("button", name="Star this signal of ETHUSDT").click()
    rows_are(page, "SOLUSDT")


def test_ranges_of_score_and_reward_are_in_the_address(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    three(stand_in)
    page = open_page()
    sheet = dialog(page)
    sheet.get_by_label("Score, at least").fill("58")
    sheet.get_by_label("Score, at most").fill("70")
    rows_are(page, "SOLUSDT")
    sheet.get_by_label("Reward to risk, at least").fill("2.5")
    expect(page.locator(".row")).to_have_count(0)
    page.keyboard.press("Escape")
    assert page.url.endswith("/signals?score=0.58%7E0.7&reward=2.5%7E")
    page.reload()
    expect(page.get_by_text("No signal matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".row")).to_have_count(3)


def test_a_saved_filter_is_a_name_and_a_link(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page(at="signals?direction=long", grants=("clipboard-write", "clipboard-read"))
    sheet = dialog(page)
    sheet.get_by_label("Name of the filters").fill("My longs")
    sheet.get_by_role("button", name="Save").click()
    sheet.get_by_role("button", name="Copy the link to My longs").click()
    expect(sheet).to_contain_text("The link to “My longs” is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{stand_in.page_url}signals?direction=long&name=My+longs"
    page.keyboard.press("Escape")
    chosen = page.get_by_label("Saved filter")
    expect(chosen).to_have_value("My longs")
    page.get_by_label("Direction", exact=True).select_option("short")
    expect(chosen).to_have_value("")
    chosen.select_option("My longs")
    rows_are(page, "BTCUSDT", "SOLUSDT")
    dialog(page).get_by_role("button", name="Remove My longs").click()
    page.keyboard.press("Escape")
    expect(chosen.locator("option:checked")).to_have_text("My longs (not saved)")


def test_columns_are_chosen_and_ordered(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page()
    sheet = dialog(page)
    sheet.get_by_label("Entry", exact=True).uncheck()
    sheet.get_by_label("Reward to risk", exact=True).check()
    sheet.get_by_role("button", name="Move Score up").click()
    expect(sheet.get_by_label("Symbol", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    heads = page.locator("th .sort > span:first-child")
    order = ["Time", "Symbol", "Score", "Direction", "TP", "SL", "Status", "P&L", "Reward to risk"]
    expect(heads).to_have_text(order)
    expect(page.locator(".row .reward").first).to_have_text("1 : 2.00")
    page.reload()
    expect(heads).to_have_text(order)
    page.get_by_role("button", name="Reward to risk", exact=True).click()
    assert page.url.endswith("/signals?sort=-reward")
    dialog(page).get_by_role("button", name="Usual columns").click()
    expect(heads).to_have_count(9)
    expect(page.locator("th .entry, .row .entry")).to_have_count(3)


def test_sounds_are_of_chosen_signals_and_need_a_click(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    page.evaluate(COUNT_TONES)
    root = page.locator("html")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Sound of signals that end").check()
    page.get_by_label("Sounds from this score on").fill("60")
    page.keyboard.press("Escape")
    expect(root).to_have_attribute("data-tones", "2")  # the sample
    low, high = opened(Plan("BTCUSDT", score=0.55)), opened(Plan("ETHUSDT", score=0.7))
    for one in (low, high):
        stand_in.commit(one)
    expect(page.locator(".row.open")).to_have_count(2)
    expect(root).to_have_attribute("data-tones", "2")  # new signals are off
    for one in (low, high):
        stand_in.commit(closed(one, Outcome.TP_HIT))
    expect(page.locator(".row.tp_hit")).to_have_count(2)
    expect(root).to_have_attribute("data-tones", "4")
    tab = page.context.new_page()  # one that nobody has clicked on
    tab.goto(stand_in.page_url + "signals")
    notice = tab.get_by_text("Sounds are on, and the browser plays them after a click")
    expect(notice).to_be_visible()
    tab.mouse.click(5, 5)
    expect(notice).to_have_count(0)


def test_what_is_chosen_moves_to_another_browser_as_a_file(
    stand_in: StandIn, open_page: OpenPage, tmp_path: Path
) -> None:
    three(stand_in)
    page = open_page()
    page.evaluate("sessionStorage.setItem('signalengine.token', 'secret')")
    page.get_by_role("button", name="Star this signal of BTCUSDT").click()
    page.get_by_role("button", name="Settings").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / saving.value.suggested_filename
    saving.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert len(json.loads(text)["starredSignals"]) == 1
    assert "secret" not in text

    other = open_page()
    other.get_by_role("button", name="Settings").click()
    field = other.get_by_label("Import")
    field.set_input_files({"name": "x.json", "mimeType": "text/plain", "buffer": b"[]"})
    expect(other.get_by_text("This file has no preferences")).to_be_visible()
    field.set_input_files(file)
    expect(other.get_by_text("Taken from the file: 1 settings.")).to_be_visible()
    other.keyboard.press("Escape")
    star = other.get_by_role("button", name="Star this signal of BTCUSDT")
    expect(star).to_have_attribute("aria-pressed", "true")


def test_the_choices_fit_a_phone(stand_in: StandIn, open_page: OpenPage) -> None:
    three(stand_in)
    page = open_page(width=390, height=844)
    stand_in.send_status(time=NOON, prices=PRICES)
    loaded(page)
    sheet = dialog(page)
    expect(sheet).to_be_visible()
    over = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))"
    assert page.evaluate(over) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
