"""The page requests nothing but the site and its API."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.looks import follow, loaded, page_links
from tests.browser.samples import a_day
from tests.browser.stand_in import StandIn


def test_no_page_requests_anything_elsewhere(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(*a_day(12))
    page = open_page(at="", reduced_motion=True)
    requested: list[str] = []
    page.context.on("request", lambda request: requested.append(request.url))
    page.on("websocket", lambda socket: requested.append(socket.url))
    page.reload()
    expect(page.locator(".connection")).to_have_attribute("data-state", "live")
    for link in page_links(page):
        follow(page, link)
        loaded(page)
    follow(page, "./signals")
    page.locator(".row").nth(7).click()
    expect(page.locator(".candles canvas").first).to_be_visible()
    hosts = {urlsplit(one).hostname for one in requested if not one.startswith(("data:", "blob:"))}
    assert len(requested) > 10
    assert hosts == {urlsplit(stand_in.page_url).hostname}
