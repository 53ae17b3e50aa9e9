"""The built page, a stand-in of its stack, and Chromium."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

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
"""Opens the page: `width`, `height`, `theme`, `zone`, `at` (the path), `reduced_motion`, `live`
(wait for the connection), `worker` (its service worker runs), `grants` (the browser's permissions),
`font`, and `language` (the browser's).
"""

Font: TypeAlias = Literal["own", "fallback", "wide"]
FONTS: tuple[Font, ...] = ("own", "fallback", "wide")
"""The page's own font, the fallback of this machine, and a font 18 % wider, as DejaVu Sans is."""
WIDEN = """() => {
  const sheet = document.styleSheets[0];
  const own = [...sheet.cssRules].find((rule) => rule.cssText.includes(".woff2"));
  const src = own.style.getPropertyValue("src");
  sheet.insertRule(
    `@font-face { font-family: Wide; src: ${src}; font-weight: 100 900; size-adjust: 118% }`);
  document.documentElement.style.setProperty("--sans", "Wide");
  return Promise.all([400, 700].map((weight) => document.fonts.load(`${weight} 16px Wide`)));
}"""

PAUSE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { animation-play-state: paused !important }");
  document.adoptedStyleSheets.push(sheet);
}"""
FINISH = """() => {
  document.adoptedStyleSheets.pop();
  for (const animation of document.getAnimations()) animation.finish();
}"""

NETWORK = ("Failed to load resource", "WebSocket connection to", "net::")
"""Chromium's own messages about refused requests; tests cause these on purpose."""


def errors_of(message: ConsoleMessage) -> list[str]:
    """Return a console error caused by the page: an exception, a blocked style."""
    ours = message.type == "error" and not message.text.startswith(NETWORK)
    return [message.text] if ours else []


def pause_animations(page: Page) -> None:
    """Keep what is animated on the page, like a highlight that fades, until it is finished."""
    page.evaluate(PAUSE)


def finish_animations(page: Page) -> None:
    """Let every paused animation end now."""
    page.evaluate(FINISH)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m "not browser"` leaves it out."""
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
    """The built page; it is built only when `web/` has changed."""
    return build_site()


class SharedBrowser:
    """One Chromium for consecutive tests of this folder, started by the first one.

    Playwright's event loop must not run beside the tests of other folders.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        if self._playwright is None:
            path = chromium()
            expect.set_options(timeout=30_000)
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        assert self._browser is not None
        return self._browser

    def stop(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._browser = self._playwright = None


SHARED = SharedBrowser()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Stop Chromium after the last of consecutive tests of this folder."""
    result = yield
    if nextitem is None or HERE not in nextitem.path.parents:
        SHARED.stop()
    return result


@pytest.fixture
def browser() -> Browser:
    return SHARED.browser()


@pytest.fixture
def stand_in(site: Path) -> Iterator[StandIn]:
    """A fresh stack without signals."""
    with StandIn(site) as stand_in:
        yield stand_in


@pytest.fixture
def open_page(browser: Browser, stand_in: StandIn) -> Iterator[OpenPage]:
    """Open the page in Chromium; fails when the page logged an error on its console."""
    errors: list[str] = []
    contexts = []

    def open_it(
        *, width: int = 1280, height: int = 860, theme: str = "dark", zone: str = "Europe/Berlin",
        at: str = "signals", reduced_motion: bool = False, live: bool = True,
        worker: bool = False, grants: tuple[str, ...] = (), font: Font = "own",
        language: str = "en-US",
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="light" if theme == "light" else "dark",
            reduced_motion="reduce" if reduced_motion else "no-preference",
            timezone_id=zone,
            locale=language,
            permissions=list(grants),
            service_workers="allow" if worker else "block",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.extend(errors_of(message)))
        if font == "fallback":
            page.route("**/*.woff2", lambda route: route.abort())
        page.goto(stand_in.page_url + at)
        if font == "wide":
            page.evaluate(WIDEN)
        if live:
            expect(page.locator(".connection")).to_have_attribute("data-state", "live")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []
