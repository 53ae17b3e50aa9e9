"""The page as an app: installed, offline, and with notifications of new signals."""

import json
import re
import struct
from pathlib import Path

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage, pause_animations
from tests.browser.samples import MINUTE_MS, NOON, Plan, closed, opened
from tests.browser.stand_in import StandIn

NOTIFIED = "navigator.serviceWorker.ready.then(worker => worker.getNotifications())"
CACHED = """async () => {
  const caught = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) caught.push(request.url);
  return caught;
}"""


def test_the_icons_have_the_sizes_of_the_manifest(site: Path) -> None:
    manifest = json.loads((site / "manifest.webmanifest").read_text())
    assert manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        path = site / icon["src"]
        assert path.is_file()
        if path.suffix == ".png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert icon["sizes"] == f"{width}x{height}"
    assert not [url for url in _urls(manifest) if url.startswith(("/", "http"))]


def _urls(manifest: dict[str, object]) -> list[str]:
    return [str(manifest[name]) for name in ("id", "start_url", "scope")]


def test_offline_the_page_opens_without_rows(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(worker=True)
    expect(page.locator(".row")).to_have_count(1)
    controlled(stand_in, page)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".failed")).to_contain_text("The server cannot be reached")
    expect(page.locator(".connection")).to_have_attribute("data-state", "offline")
    expect(page.locator(".row")).to_have_count(0)  # an outdated table would look like a live one
    cached = page.evaluate(CACHED)
    assert any(url.endswith("/index.html") for url in cached)
    assert not [url for url in cached if url.endswith("/signals")]  # a page is cached once
    assert not [url for url in cached if "/api/" in url]
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".row")).to_have_count(1)


def test_offline_every_page_opens(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.missing = "page-"  # nothing is loaded ahead
    page = open_page(worker=True, at="")
    stand_in.missing = None
    page.reload()
    controlled(stand_in, page)
    page.context.set_offline(True)
    page.goto(stand_in.page_url + "glossary")
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()


def test_the_other_pages_are_loaded_before_they_are_opened(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(at="")
    pages = {file.name for file in stand_in.site.rglob("page-*.js")}
    assert len(pages) >= 4  # small pages are one
    stand_in.wait(lambda: pages <= _loaded(page))
    stand_in.missing = "page-"
    page.get_by_role("link", name="Performance").first.click()
    expect(page.locator("main.page:not(.coming)")).to_be_visible()
    expect(page).to_have_title(re.compile("Performance"))


def test_the_first_page_waits_for_no_other(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.missing = "page-"
    page = open_page(at="")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_a_page_of_an_older_version_says_that_there_is_a_newer(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    stand_in.missing = "page-"
    page = open_page(at="")
    page.get_by_role("link", name="System").first.click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("there may be a newer version")
    page.get_by_role("link", name="Signals").first.click()
    expect(page.get_by_role("tab", name="Open")).to_be_visible()
    page.go_back()
    expect(notice).to_be_visible()
    stand_in.missing = None
    notice.get_by_role("button", name="Reload").click()
    expect(page.locator("main.page:not(.coming)")).to_be_visible()
    expect(page).to_have_title(re.compile("System"))


def test_a_page_at_its_own_address_is_shown_whole(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.missing = "page-"
    page = open_page(at="chat")
    expect(page.get_by_role("alert")).to_contain_text("cannot be loaded")
    stand_in.missing = None
    page.reload()
    expect(page.locator("main.page:not(.coming)")).to_be_visible()


def _loaded(page: Page) -> set[str]:
    names = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    return {str(name).rsplit("/", 1)[-1] for name in names}


def controlled(stand_in: StandIn, page: Page) -> None:
    """Wait until the service worker is in charge."""
    stand_in.wait(lambda: bool(page.evaluate("navigator.serviceWorker.controller !== null")))


def test_new_signals_are_notified_on_the_desktop_when_enabled(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(worker=True, grants=("notifications",))
    controlled(stand_in, page)
    stand_in.commit(opened(Plan("XRPUSDT")))
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Desktop notification").check()
    page.keyboard.press("Escape")
    assert page.evaluate(f"{NOTIFIED}.then(all => all.length)") == 0
    stand_in.send_status(time=NOON + MINUTE_MS)
    stand_in.commit(opened(Plan("ETHUSDT", at=NOON + MINUTE_MS)))
    title, link = first_notification(stand_in, page)
    assert title == "LONG ETHUSDT"
    assert link.startswith("./signals/")
    old = opened(Plan("SOLUSDT", at=NOON - 60 * MINUTE_MS))
    stand_in.commit(old)
    stand_in.commit(closed(old, Outcome.SL_HIT))
    expect(page.locator(".row")).to_have_count(3)
    titles = page.evaluate(f"{NOTIFIED}.then(all => all.map(one => one.title))")
    assert "LONG SOLUSDT" not in titles


def first_notification(stand_in: StandIn, page: Page) -> tuple[str, str]:
    """Wait for a notification; returns its title and its link."""
    found: list[tuple[str, str]] = []

    def look() -> bool:
        shown = page.evaluate(f"{NOTIFIED}.then(all => all.map(one => [one.title, one.data]))")
        found.extend((title, link) for title, link in shown)
        return bool(found)

    stand_in.wait(look)
    return found[0]


def test_notifications_stay_off_when_the_browser_blocks_them(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    desktop = page.get_by_role("switch", name="Desktop notification")
    desktop.click()
    expect(desktop).not_to_be_checked()
    page.get_by_role("switch", name="Sound of new signals").check()
    page.keyboard.press("Escape")
    pause_animations(page)
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row.opened")).to_have_count(1)
