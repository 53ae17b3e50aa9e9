"""The page in a real browser: nothing is fetched, nothing overflows, on any screen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from research.reports.evidence import write_evidence
from research.reports.page import write_report
from research.statistics.conclusion import conclude
from tests.browser.conftest import ARGUMENTS, chromium
from tests.research.evidence.samples import examination, registered, short_market
from tests.research.statistics.made import at_random, made_run

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

CUT_OFF = """() => [...document.querySelectorAll('svg text')].filter(text => {
  const [box, frame] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()]
  return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1)
}).map(text => text.textContent)"""
"""Words that reach over the edge of their picture."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = [made_run(at_random(60), days=9, symbol=name) for name in ("BTCUSDT", "1000PEPEUSDT")]
    for run, kind in zip(runs, ("volatility_breakout", "liquidation_cluster"), strict=True):
        event = replace(run.signals[0].events[0], kind=kind)
        run.signals = tuple(replace(signal, events=(event,)) for signal in run.signals)
    path = tmp_path_factory.mktemp("report") / "out.html"
    write_report(path, "Two symbols", runs, found=conclude(runs, draws=50))
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_any_screen_and_requests_nothing(browser, page, width, theme):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, offline=True
    )
    opened, requested, complaints = context.new_page(), [], []
    opened.on("request", lambda request: requested.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(page.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert requested == [page.as_uri()]
    assert complaints == []
    shown = opened.locator("svg:visible")
    assert shown.count() >= 14
    assert opened.evaluate(CUT_OFF) == []
    context.close()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    registered(folder)
    write_evidence(folder / "page.html", examination(folder, short_market(), look=True))
    return folder / "page.html"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_an_examination_fits_any_screen(browser, evidence, width):
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.goto(evidence.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.evaluate(CUT_OFF) == []
    opened.close()


def test_lists_open_and_scroll_by_keyboard(browser, page):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    opened = context.new_page()
    opened.goto(page.as_uri())
    summary = opened.get_by_text("Show 120 closed signals")
    summary.focus()
    opened.keyboard.press("Enter")
    assert opened.locator(".signals tbody tr").count() == 120
    assert opened.get_by_role("region", name="All 120 closed signals").is_visible()
    context.close()
