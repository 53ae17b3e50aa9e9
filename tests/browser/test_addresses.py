"""The addresses of the pages: real paths, which can be reloaded, bookmarked and sent."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.looks import loaded, page_links, three
from tests.browser.samples import Plan, opened
from tests.browser.stand_in import StandIn


def test_every_page_has_a_path_that_can_be_reloaded(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="")
    for link in page_links(page):
        page.locator(f"nav a[href='{link}']").click()
        loaded(page)
        title, url = page.locator("h1").inner_text(), page.url
        assert url == stand_in.page_url + link.removeprefix("./")
        page.reload()
        expect(page.locator("h1")).to_have_text(title)
        assert page.url == url


def test_a_bookmark_of_a_signal_opens_it_in_its_view(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    three(stand_in)
    signal = opened(Plan("XRPUSDT"))
    stand_in.store(signal)
    at = f"signals/{signal.signal_id}?tab=open"
    page = open_page(at=at)
    expect(page.get_by_role("dialog")).to_contain_text("XRPUSDT")
    page.reload()
    expect(page.get_by_role("dialog")).to_contain_text("XRPUSDT")
    assert page.url == stand_in.page_url + at
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.url.endswith("/signals?tab=open")


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ("#/", "", "Overview"),
        ("#/signals?tab=closed", "signals?tab=closed", "Signals"),
        ("index.html#/performance?days=7", "performance?days=7", "Performance"),
        ("#/dashboard", "dashboard", "System"),
    ],
)
def test_an_old_link_opens_its_page_at_the_real_path(
    stand_in: StandIn, open_page: OpenPage, old: str, new: str, title: str
) -> None:
    page = open_page(at=old)
    expect(page.locator("h1")).to_have_text(title)
    assert page.url == stand_in.page_url + new


def test_an_address_of_no_page_is_told(open_page: OpenPage) -> None:
    page = open_page(at="#/nonsense")
    notice = page.get_by_text("There is no page “nonsense”: this is the overview.")
    expect(notice).to_be_visible()
    expect(page.locator("h1")).to_have_text("Overview")
    page.get_by_role("navigation").get_by_role("link", name="Signals").click()
    expect(notice).to_have_count(0)


def test_an_old_link_is_followed_on_an_open_page(open_page: OpenPage) -> None:
    page = open_page(at="chat")
    page.evaluate("location.hash = '#/system'")
    expect(page.locator("h1")).to_have_text("System")
    expect(page).to_have_url(re.compile("/system$"))


def test_each_step_is_one_step_of_the_browsers_history(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(at="")
    page.get_by_role("navigation").get_by_role("link", name="Signals").click()
    page.locator(".row .symbol a:not(.chart-link)").click()  # the row follows the link too
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("Signals")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Overview")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Signals")


def test_a_file_of_the_site_is_no_page(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="signals")
    page.keyboard.press("?")
    page.get_by_role("link", name="Third-party licences").click()
    expect(page).to_have_url(f"{stand_in.page_url}third_party.txt")
