"""The page as an app: installed, offline, and telling of new signals unasked."""

import json
import struct
from pathlib import Path

from playwright.sync_api import Page, expect
from signalengine.signals import Outcome

from tests.browser.conftest import OpenPage
from tests.browser.samples import MINUTE_MS, NOON, Plan, closed, opened
from tests.browser.stand_in import StandIn

TOLD = "navigator.serviceWorker.ready.then(worker => worker.getNotifications())"
CACHED = """async () => {
  const caught = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) caught.push(request.url);
  return caught;
}"""


def test_the_manifest_names_icons_of_the_size_it_says(site: Path) -> None:
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


def test_offline_the_page_opens_empty_and_says_so(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.store(opened(Plan()))
    page = open_page(worker=True)
    expect(page.locator(".row")).to_have_count(1)
    controlled(stand_in, page)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".failed")).to_contain_text("The server cannot be reached")
    expect(page.locator(".connection")).to_have_attribute("data-state", "offline")
    expect(page.locator(".row")).to_have_count(0)  # an old table would look like a live one
    kept = page.evaluate(CACHED)
    assert any(url.endswith("/index.html") for url in kept)
    assert not [url for url in kept if "/stage/" in url]
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(".row")).to_have_count(1)


def controlled(stand_in: StandIn, page: Page) -> None:
    """Wait until the service worker is in charge."""
    stand_in.wait(lambda: bool(page.evaluate("navigator.serviceWorker.controller !== null")))


def test_new_signals_are_told_outside_the_page_once_that_is_wanted(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page(worker=True, grants=("notifications",))
    controlled(stand_in, page)
    stand_in.commit(opened(Plan("XRPUSDT")))
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("switch", name="Desktop notification").check()
    page.keyboard.press("Escape")
    assert page.evaluate(f"{TOLD}.then(all => all.length)") == 0
    stand_in.say_status(time=NOON + MINUTE_MS)
    stand_in.commit(opened(Plan("ETHUSDT", at=NOON + MINUTE_MS)))
    title, hash_ = first_told(stand_in, page)
    assert title == "LONG ETHUSDT"
    assert hash_.startswith("#/signals/")
    old = opened(Plan("SOLUSDT", at=NOON - 60 * MINUTE_MS))
    stand_in.commit(old)
    stand_in.commit(closed(old, Outcome.SL_HIT))
    expect(page.locator(".row")).to_have_count(3)
    titles = page.evaluate(f"{TOLD}.then(all => all.map(one => one.title))")
    assert "LONG SOLUSDT" not in titles


def first_told(stand_in: StandIn, page: Page) -> tuple[str, str]:
    """Wait for a notification; returns its title and where it leads."""
    told: list[tuple[str, str]] = []

    def look() -> bool:
        found = page.evaluate(f"{TOLD}.then(all => all.map(one => [one.title, one.data]))")
        told.extend((title, hash_) for title, hash_ in found)
        return bool(told)

    stand_in.wait(look)
    return told[0]


def test_notifications_stay_off_where_the_browser_forbids_them(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    desktop = page.get_by_role("switch", name="Desktop notification")
    desktop.click()
    expect(desktop).not_to_be_checked()
    page.get_by_role("switch", name="Sound").check()
    page.keyboard.press("Escape")
    stand_in.commit(opened(Plan()))
    expect(page.locator(".row.opened")).to_have_count(1)
