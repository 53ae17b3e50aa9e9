"""A built page, a stand-in of its stack, and a real browser to look at one with the other."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from infra.build.dashboard import build_site
from tests.browser.stand_in import StandIn

HERE = Path(__file__).parent
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")

OpenPage: TypeAlias = Callable[..., Page]
"""Opens the page: `width`, `height`, `theme`, `zone`, `at` (the hash), `reduced_motion`, `live`,
`worker` (its service worker runs) and `grants` (the browser's permissions).
"""


NETWORK = ("Failed to load resource", "WebSocket connection to", "net::")
"""What Chromium itself says when a server refuses; the tests that make one do so on purpose."""


def complaint(said: ConsoleMessage) -> list[str]:
    """Return an error that the page is to blame for: a broken drawing, a refused style."""
    return [said.text] if said.type == "error" and not said.text.startswith(NETWORK) else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is marked, so that `-m "not browser"` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Return the path of Chromium; without one, skip, or fail where nothing may be skipped."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is not None:
        return found
    missing = "Chromium is missing: `apt-get install -y chromium`, or set CHROMIUM to its path"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def site() -> Path:
    """The built page; built once, again only when `web/` has changed."""
    return build_site()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: Playwright's loop must not run on beside other folders' tests."""
    path = chromium()
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stand_in(site: Path) -> Iterator[StandIn]:
    """A fresh stack without signals."""
    with StandIn(site) as stand_in:
        yield stand_in


@pytest.fixture
def open_page(browser: Browser, stand_in: StandIn) -> Iterator[OpenPage]:
    """Open the page as someone would see it; fails when it complained on its console."""
    complaints: list[str] = []
    contexts = []

    def open_it(
        *, width: int = 1280, height: int = 860, theme: str = "dark", zone: str = "Europe/Berlin",
        at: str = "#/signals", reduced_motion: bool = False, live: bool = True,
        worker: bool = False, grants: tuple[str, ...] = (),
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="light" if theme == "light" else "dark",
            reduced_motion="reduce" if reduced_motion else "no-preference",
            timezone_id=zone,
            permissions=list(grants),
            service_workers="allow" if worker else "block",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend(complaint(said)))
        page.goto(stand_in.page_url + at)
        if live:
            expect(page.locator(".connection")).to_have_attribute("data-state", "live")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
