"""The JavaScript client of docs/api.md, as it is printed, in the browser on the deployed stack."""

import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, WebSocket, expect, sync_playwright
from signalengine_aws.messaging.sns import (
    Message,
    SnsTopic,
    prices_message,
    signal_message,
    status_message,
)

from infra.local.stack.system import LocalSystem
from tests.browser.conftest import ARGUMENTS, chromium
from tests.flow.conftest import Played
from tests.paths import ROOT

pytestmark = [pytest.mark.flow, pytest.mark.browser, pytest.mark.timeout(300)]
WAIT_MS = 60_000
METRICS = {"cpu_percent": 12.3, "signals_count": 482, "events_count": 1247}


def printed(port: int) -> str:
    """Return the client as printed; its port is that of this test's stack."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (client,) = re.findall(r"```javascript\n(.*?)```", text, re.DOTALL)
    assert client.count("localhost:8000/ws/feed") == 1
    return str(client).replace("localhost:8000", f"localhost:{port}")


class Listening:
    """What the client's socket gets."""

    def __init__(self, page: Page) -> None:
        self.frames: list[str] = []
        self.opened_at = self.first_at = 0.0
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        self.opened_at = time.monotonic()
        socket.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        self.first_at = self.first_at or time.monotonic()
        self.frames.append(str(frame))


def publish(system: LocalSystem, message: Message) -> None:
    sns = system.aws.client("sns")
    (arn,) = (t["TopicArn"] for t in sns.list_topics()["Topics"] if "Signals" in t["TopicArn"])
    SnsTopic(sns, arn).publish(message)


def test_a_client_that_only_listens_gets_connected_signals_and_statuses(played: Played) -> None:
    system = played.system
    port = urlsplit(system.addresses.dashboard).port
    assert port is not None
    signal = next(one for one in played.seen.signals if one.settlement is not None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_context().new_page()
        page.goto(
            f"{system.addresses.dashboard}third_party.txt"
        )  # a page without a feed of its own
        got = Listening(page)
        with page.expect_event("websocket", timeout=WAIT_MS) as connecting:
            page.evaluate(f"() => {{ {printed(port)} }}")
        socket = connecting.value
        if not got.frames:
            socket.wait_for_event("framereceived", timeout=WAIT_MS)
        assert '"type":"connected"' in got.frames[0]
        print(f"\nconnected after {got.first_at - got.opened_at:.2f} s")  # noqa: T201 - the figure is the point
        with page.expect_console_message(lambda one: one.text.startswith("New signal:")):
            publish(system, signal_message(signal, "opened", 1))
        with page.expect_console_message(lambda one: one.text.startswith("Status update:")):
            publish(system, status_message(1, {"time": 1, "metrics": METRICS}))
        assert any(signal.signal_id in frame for frame in got.frames)
        with socket.expect_event("framereceived", lambda one: '"type":"prices"' in str(one)):
            publish(system, prices_message(1, {"BTCUSDT": 63438.2}))
        assert '{"type":"prices","data":{"time":1,"prices":{"BTCUSDT":63438.2}}}' in got.frames
        browser.close()


def test_a_bookmark_of_the_stack_is_opened_and_reloaded(played: Played) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_context().new_page()
        for path, title in (("signals", "Signals"), ("dashboard", "System"), ("chat", "Chat")):
            page.goto(f"{played.system.addresses.dashboard}{path}")
            expect(page.locator("h1")).to_have_text(title, timeout=WAIT_MS)
            page.reload()
            expect(page.locator("h1")).to_have_text(title, timeout=WAIT_MS)
            assert urlsplit(page.url).path == f"/{path}"
        expect(page.locator(".connection")).to_have_attribute("data-state", "live", timeout=WAIT_MS)
        page.goto(str(played.system.chat_page))
        expect(page.locator("#state")).not_to_have_class("waiting", timeout=WAIT_MS)
        assert urlsplit(page.url).path == "/telegram/"
        browser.close()
