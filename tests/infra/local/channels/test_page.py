"""The page in a real browser: each channel's messages arrive live in its column, and escaped."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from signalengine_aws.ports import Channel

from tests.browser.conftest import ARGUMENTS, chromium
from tests.channel_clients import NAME, channel_at
from tests.channel_server import RunningChannels, running_channels
from tests.notifications import DASHBOARD, announced, ended, opened

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=hacked=1><script>hacked=1</script>"
COLUMNS = {"discord": "Discord", "slack": "Slack", "ntfy": "ntfy"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def channels() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


@pytest.fixture
def page(browser: Browser, channels: RunningChannels) -> Iterator[Page]:
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{channels.base}/#{channels.server.token}")
    expect(page.locator("#state")).to_have_text("connected")
    yield page
    page.close()
    assert complaints == []


def send(channel: Channel[Any], notification: Any, *, silent: bool = False) -> str:
    message = channel.render(notification, "en")
    return channel.send(NAME, message, reply_to=None, silent=silent)


def column(page: Page, channel: str) -> Any:
    return page.get_by_role("log", name=f"Messages of {COLUMNS[channel]}")


def test_messages_arrive_live_in_their_columns(page: Page, channels: RunningChannels) -> None:
    columns = len(channels.server.services)
    expect(page.get_by_text("Nothing has arrived yet.")).to_have_count(columns)
    for name in COLUMNS:
        channel = channel_at(channels, name, dashboard=DASHBOARD)
        send(channel, opened())
        send(channel, ended(), silent=True)
        cards = column(page, name).locator("article")
        expect(cards).to_have_count(2)
        expect(cards.last).to_contain_text("🟢 LONG BTCUSDT")
        expect(cards.last).to_contain_text("50123.45")
        expect(cards.first).to_contain_text("✅ TP HIT - LONG BTCUSDT")
        expect(cards.last.get_by_role("link", name="TradingView")).to_be_visible()
    levels = column(page, "discord").locator("article").last.locator("dl div")
    expect(levels.filter(has_text="🎯 TP").locator("code")).to_have_text("51234.56")
    expect(column(page, "ntfy").locator("article").first).to_contain_text("🔈 silent")


def test_hostile_text_is_shown_and_never_run(page: Page, channels: RunningChannels) -> None:
    for name in COLUMNS:
        send(channel_at(channels, name), announced(HOSTILE))
        expect(column(page, name).locator("article")).to_contain_text(HOSTILE)
    channels.post("/hooks/demo", HOSTILE.encode())
    hook = page.get_by_role("log", name="Messages of Webhook")
    expect(hook.locator("article .text")).to_have_text(HOSTILE)
    assert page.locator("article img, article script").count() == 0
    assert page.evaluate("typeof hacked") == "undefined"


def test_a_page_without_the_token_says_where_it_is(
    browser: Browser, channels: RunningChannels
) -> None:
    page = browser.new_page()
    page.goto(channels.base)
    expect(page.locator("#state")).to_contain_text(
        "open the address that `signalengine up` printed"
    )
    page.close()
