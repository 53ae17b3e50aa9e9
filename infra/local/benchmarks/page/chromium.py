"""Visits of Chromium: a page's load under a trace, and the frames of a long table."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from infra.errors import CommandError
from infra.local.benchmarks.page.trace import CATEGORIES, Event, Figures, figures

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
)
NODES: Final = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let n = 1;
  while (walker.nextNode() !== null) n += 1;
  return n;
}"""
FRAMES: Final = """([ms, step]) => new Promise((done) => {
  const times = [];
  let way = step;
  const frame = (now) => {
    times.push(now);
    if (way !== 0) scrollBy(0, way);
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
    if (end || scrollY <= 0) way = end ? -step : step;
    if (now - times[0] < ms) requestAnimationFrame(frame);
    else done(times);
  };
  requestAnimationFrame(frame);
})"""

ADD_STYLE: Final = """addEventListener("DOMContentLoaded", () => {
  const element = document.createElement("style");
  element.textContent = %s;
  document.head.append(element);
})"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen, and how slow its machine and network are; rates in bytes a second."""

    name: str
    width: int
    height: int
    cpu: float = 1.0
    latency_ms: float = 0.0
    rate: float = -1.0


SCREENS: Final = (
    Screen("desktop", 1440, 900),
    Screen("slow phone", 390, 844, cpu=4.0, latency_ms=150.0, rate=1.6e6 / 8),
)


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a page."""

    figures: Figures
    requests: int
    kilobytes: float
    """Of all answers, as they are sent."""
    nodes: int


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium; raises CommandError where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise CommandError("Chromium is missing", "apt-get install -y chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield found
        finally:
            found.close()


@contextmanager
def opened(within: Browser, screen: Screen, style: str = "") -> Iterator[tuple[Page, CDPSession]]:
    """Open an empty page as this screen; `style` is a sheet that is added to every page."""
    context = within.new_context(
        viewport={"width": screen.width, "height": screen.height}, service_workers="block",
        bypass_csp=bool(style),
    )  # fmt: skip
    if style:
        context.add_init_script(ADD_STYLE % json.dumps(style))
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if screen.latency_ms:
        limits = {"downloadThroughput": screen.rate, "uploadThroughput": screen.rate}
        conditions = {"offline": False, "latency": screen.latency_ms, **limits}
        session.send("Network.emulateNetworkConditions", conditions)
    if screen.cpu != 1.0:
        session.send("Emulation.setCPUThrottlingRate", {"rate": screen.cpu})
    try:
        yield page, session
    finally:
        context.close()


def loaded(within: Browser, url: str, screen: Screen, settle_s: float) -> Load:
    """Load a page once, with an empty cache; the trace ends so long after the last answer."""
    sizes: list[float] = []
    with opened(within, screen) as (page, session):
        session.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
        within.start_tracing(page=page, categories=list(CATEGORIES))
        page.goto(url, wait_until="load")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(settle_s * 1000)
        found = figures(_events(within.stop_tracing()))
        return Load(found, len(sizes), sum(sizes) / 1000, page.evaluate(NODES))


def long_table(page: Page, url: str) -> int:
    """Open the signals with all rows loaded; returns the page's nodes."""
    page.goto(url + "/signals", wait_until="load")
    page.locator(".row .unrealised").first.wait_for()
    while page.locator(".older").count():
        page.evaluate("document.querySelector('.older button:enabled')?.click()")
        page.wait_for_timeout(100)
    page.evaluate("scrollTo(0, 0)")
    nodes: int = page.evaluate(NODES)
    return nodes


def frame_times(page: Page, seconds: float, *, step: int) -> Sequence[float]:
    """Return the times (ms) of the frames of some seconds; `step`: px scrolled at each."""
    times: list[float] = page.evaluate(FRAMES, [seconds * 1000, step])
    return times


def _events(trace: bytes) -> list[Event]:
    body: dict[str, Any] = json.loads(trace)
    return list(body["traceEvents"])
