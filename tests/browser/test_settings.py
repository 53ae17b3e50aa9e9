"""The operator's page and the form of a set: read-only without the token, changes with it."""

import re

from playwright.sync_api import Locator, Page, expect

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.looks import card, loaded
from tests.browser.operated import FIELDS, ID, TOKEN
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations
from tests.browser.test_strategies import FAST, with_sets


def enter(page: Page, token: str = TOKEN) -> None:
    page.get_by_label("Operator's token").fill(token)
    page.get_by_role("button", name="Use", exact=True).click()


def editor(page: Page, stand_in: StandIn, name: str = FAST) -> Locator:
    """Open the form of a set with the operator's token."""
    page.goto(f"{stand_in.page_url}settings")
    enter(page)
    page.goto(f"{stand_in.page_url}strategies/{name.replace('@', '%40')}")
    return page.get_by_role("dialog", name=name)


def test_every_number_of_a_set_is_shown_and_what_differs_is_marked(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    with_sets(stand_in)
    page = open_page(at="strategies")
    rows = card(page, "Parameter sets").locator("tbody tr")
    rows.nth(1).get_by_role("link", name="Numbers and history").click()
    dialog = page.get_by_role("dialog", name=FAST)
    fields = dialog.locator(".set-fields tbody tr")
    expect(fields).to_have_count(2)
    expect(fields.nth(0)).to_have_class("differs")
    expect(fields.nth(0)).to_contain_text("length of the channel, days")
    expect(fields.nth(0)).to_contain_text("5 to 60")
    expect(fields.nth(1)).not_to_have_class("differs")
    expect(dialog).to_contain_text("1 number differs from its default.")
    expect(dialog.locator(".set-history li")).to_contain_text("reacts sooner")
    expect(dialog).to_contain_text("Read-only without the operator's token.")
    expect(dialog.locator("input")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/strategies$"))


def test_a_set_whose_code_is_gone_has_no_editor(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.operated.forms[FAST] = {"editable": False}
    page = open_page(at="settings")
    dialog = editor(page, stand_in)
    expect(dialog).to_contain_text("The policy is changed by deployment only.")
    expect(dialog.locator("input")).to_have_count(0)


def test_other_numbers_of_the_policy_are_previewed_and_nothing_else(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    fields = [{**FIELDS[1], "kind": "policy", "name": "threshold", "value": 0.5},
              {**FIELDS[1], "kind": "policy", "name": "ai.mode", "value": "off"}]  # fmt: skip
    stand_in.operated.forms["classic"] = {"editable": False, "status": "live", "fields": fields}
    page = open_page(at="settings")
    dialog = editor(page, stand_in, "classic")
    dialog.get_by_text("1 number of the policy").click()
    expect(dialog.get_by_role("spinbutton")).to_have_count(1)
    dialog.get_by_role("spinbutton", name="threshold").fill("0.4")
    dialog.get_by_label("Symbols").fill("ethusdt")
    dialog.get_by_role("button", name="Preview the last week").click()
    expect(dialog.get_by_role("region", name="The last seven days")).to_be_visible()
    expect(dialog.get_by_role("button", name="Run in shadow")).to_have_count(0)
    expect(dialog.get_by_label("Why")).to_have_count(0)
    chosen = {"name": "classic", "parameters": {"threshold": 0.4}, "symbols": ["ETHUSDT"]}
    assert stand_in.operated.previews == [chosen]


def test_a_preview_goes_symbol_by_symbol_and_names_the_difference(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="settings", zone="UTC")
    dialog = editor(page, stand_in)
    dialog.get_by_role("button", name="Preview the last week").click()
    week = dialog.get_by_role("region", name="The last seven days")
    expect(week.locator("caption")).to_contain_text("The last seven days of 2 symbols")
    expect(week.locator("caption .hindsight")).to_be_visible()
    rows = week.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("40")  # of both symbols
    expect(rows.nth(0)).to_contain_text("2 open")
    expect(rows.nth(0)).to_contain_text("40.0%26.3% to 55.4%")
    expect(rows.nth(0)).to_contain_text("+0.30%")
    expect(rows.nth(0)).to_contain_text("0.30 R")
    expect(rows.nth(1)).to_contain_text("20.0%9.5% to 37.3%")
    expect(rows.nth(2)).to_contain_text("classic, live, the same way")
    said = dialog.locator("[data-difference]")
    expect(said).to_contain_text("Difference: +10 closed signals.")
    expect(said).to_contain_text("differs by +0.50%")
    expect(dialog).to_contain_text("Nothing is stored of SOLUSDT.")
    dialog.get_by_text("2 signals with these parameters").click()
    listed = dialog.get_by_role("region", name="Signals with these parameters").locator("tr")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("1.25 R")
    asked = [one["symbols"] for one in stand_in.operated.previews]
    assert asked == [[], ["ETHUSDT", "SOLUSDT"], ["SOLUSDT"]]
    expect(dialog.locator("progress")).to_have_count(0)


def test_a_preview_shows_how_far_it_is_and_is_stopped(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.operated.hold_previews = True
    page = open_page(at="settings")
    dialog = editor(page, stand_in)
    dialog.get_by_role("button", name="Preview the last week").click()
    expect(dialog.get_by_text("1 of 3 symbols")).to_be_visible()
    expect(dialog.locator("progress")).to_have_attribute("value", "1")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog).to_contain_text("Stopped after 1 of 3 symbols.")
    expect(dialog.locator("progress")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Preview the last week")).to_be_enabled()


def test_other_parameters_are_previewed_and_become_a_set_in_shadow(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="settings")
    dialog = editor(page, stand_in)
    dialog.get_by_label("Set", exact=True).fill("donchian@slow")
    days = dialog.get_by_role("spinbutton", name="days")
    days.fill("40")
    dialog.get_by_role("button", name="Preview the last week").click()
    week = dialog.get_by_role("region", name="The last seven days")
    expect(week.locator("tbody tr")).to_have_count(3)
    expect(week.locator("tbody tr").first).to_contain_text("With these parameters (hindsight)")
    expect(dialog).to_contain_text("chosen after the week was known")
    make = dialog.get_by_role("button", name="Run in shadow")
    expect(make).to_be_disabled()
    dialog.get_by_label("Your name").fill("ann")
    dialog.get_by_label("Why").fill("slower")
    days.fill("90")
    make.click()
    expect(dialog).to_contain_text("parameter days = 90 must be from 5 to 60")
    days.fill("40")
    make.click()
    expect(dialog).to_contain_text("donchian@slow is shadow now.")
    expect(dialog.locator("code")).to_have_text(
        "signalengine strategy promote donchian@slow --evidence FILE"
    )
    expected = {"action": "shadow", "name": "donchian@slow", "who": "ann", "why": "slower"}
    assert stand_in.operated.changes == [{**expected, "parameters": {"days": 40}}]
    assert TOKEN not in "".join(stand_in.requests)


def test_a_set_in_shadow_is_paused_with_a_reason(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="settings")
    dialog = editor(page, stand_in)
    pause = dialog.get_by_role("button", name="Pause")
    expect(pause).to_be_disabled()
    dialog.get_by_label("Your name").fill("ann")
    dialog.get_by_label("Why").fill("too many signals")
    pause.click()
    expect(dialog).to_contain_text(f"{FAST} is parked now.")
    assert stand_in.operated.changes[0]["action"] == "pause"
    expect(dialog.get_by_role("button", name="Remove")).to_be_visible()


def test_subscribers_are_listed_by_ids_and_removed(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="settings", zone="UTC")
    expect(card(page, "Subscribers")).to_have_count(0)
    enter(page)
    row = card(page, "Subscribers").locator("tbody tr")
    expect(row).to_contain_text("BTCUSDT, from 60.0%, closings off")
    expect(row).to_contain_text("22 to 7 h, UTC")
    expect(row).to_contain_text("the bot was blocked")
    row.get_by_role("button", name="Remove").click()
    row.get_by_role("button", name="Really remove").click()
    expect(row).to_contain_text("receives nothing")
    expect(row.get_by_role("button")).to_have_count(0)
    assert stand_in.operated.changes == [{"id": ID}]


def test_a_wrong_token_shows_nothing_and_is_forgotten_with_the_tab(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="settings")
    enter(page, "a guess")
    expect(card(page, "Subscribers")).to_contain_text("this is not the operator's token")
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    assert page.evaluate("JSON.stringify(localStorage)").count("guess") == 0
    assert page.evaluate(stored).count("guess") == 1
    page.get_by_role("button", name="Forget the token").click()
    expect(card(page, "Subscribers")).to_have_count(0)
    assert page.evaluate(stored).count("guess") == 0


def test_alarms_say_since_when_and_what_to_do(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="settings")
    enter(page)
    alarms = card(page, "Alarms")
    expect(alarms).to_contain_text("from CloudWatch")
    expect(alarms.locator("tbody tr")).to_contain_text("above 60 in 5 of 5 × 1 min")
    alarms.get_by_role("button", name="Runbook: FeedSilent").click()
    runbook = page.get_by_role("dialog", name="FeedSilent")
    expect(runbook).to_contain_text("Meaning: for five minutes a stream")
    expect(runbook.locator("pre").first).to_contain_text("aws logs tail")
    page.keyboard.press("Escape")
    expect(runbook).to_have_count(0)
    stand_in.operated.source = "none"
    page.reload()
    expect(alarms).to_contain_text("from this system's health")
    expect(card(page, "Health")).to_be_visible()


def test_the_operators_page_and_a_form_are_accessible_and_fit_a_phone(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="settings", width=390, height=844, reduced_motion=True)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    enter(page)
    expect(card(page, "Alarms").locator("tbody tr")).to_have_count(1)
    loaded(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []
    page.goto(f"{stand_in.page_url}strategies/donchian%40fast")
    dialog = page.get_by_role("dialog", name=FAST)
    expect(dialog.get_by_role("button", name="Run in shadow")).to_be_visible()
    over = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))"
    assert page.evaluate(over) == 0
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert violations(page) == [], theme
