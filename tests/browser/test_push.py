"""Notifications by push: the worker shows what arrives, and the settings turn it on and off."""

import json
from typing import Any

from playwright.sync_api import CDPSession, Page, expect
from signalengine_aws.channels.push.services import id_of

from infra.build.dashboard import MODULES
from tests.browser.conftest import OpenPage
from tests.browser.samples import Plan, opened
from tests.browser.stand_in import StandIn
from tests.browser.test_accessibility import violations
from tests.browser.test_app import NOTIFIED, controlled

ENDPOINT = "https://push.example/wpush/1"
SHOWN = f"""{NOTIFIED}.then(all => all.map(one => ({{
  title: one.title, body: one.body, tag: one.tag, url: one.data, silent: one.silent}})))"""
SERVICE = f"""
  let found = null;
  PushManager.prototype.getSubscription = async () => found;
  PushManager.prototype.subscribe = async (options) => {{
    window.asked = options;
    if (window.unreachable) throw new DOMException("Registration failed", "AbortError");
    return found = {{
      endpoint: "{ENDPOINT}",
      options: {{ applicationServerKey: options.applicationServerKey.buffer }},
      toJSON: () => ({{ keys: {{ p256dh: "BP", auth: "A" }} }}),
      unsubscribe: async () => (found = null, true),
    }};
  }};
"""
"""A push service in the page: Chromium cannot reach its own here."""
MESSAGE = {
    "title": "🟢 LONG BTCUSDT",
    "body": "Entry 50\nTP 51",
    "tag": "abc",
    "url": "signals/abc",
    "silent": False,
    "at": 1_796_000_000_000,
}


class Worker:
    """The page's service worker, as the browser's push service reaches it."""

    def __init__(self, stand_in: StandIn, page: Page) -> None:
        self._stand_in, self._page = stand_in, page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._registrations: list[str] = []
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self._session.send("ServiceWorker.enable")
        stand_in.wait(lambda: self._look() and bool(self._registrations))

    def _look(self) -> bool:
        self._page.evaluate("0")  # lets events in
        return True

    def _note(self, event: dict[str, Any]) -> None:
        self._registrations += [one["registrationId"] for one in event["registrations"]]

    def push(self, data: str) -> None:
        self._session.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self._stand_in.page_url.rstrip("/"),
                "registrationId": self._registrations[-1],
                "data": data,
            },
        )

    def shown(self, number: int = 1) -> list[dict[str, Any]]:
        """Return the notifications, once there are so many."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = self._page.evaluate(SHOWN)
            return len(found) >= number

        self._stand_in.wait(look)
        return found


def worker_of(stand_in: StandIn, open_page: OpenPage) -> Worker:
    page = open_page(worker=True, grants=("notifications",))
    controlled(stand_in, page)
    return Worker(stand_in, page)


def test_a_push_message_is_shown(stand_in: StandIn, open_page: OpenPage) -> None:
    worker = worker_of(stand_in, open_page)
    worker.push(json.dumps(MESSAGE))
    (shown,) = worker.shown()
    assert shown == {name: MESSAGE[name] for name in shown}


def test_a_later_message_of_a_signal_replaces_the_earlier_one(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    worker = worker_of(stand_in, open_page)
    worker.push(json.dumps(MESSAGE))
    worker.shown()
    worker.push(json.dumps({**MESSAGE, "title": "TP HIT", "silent": True}))
    worker.push(json.dumps({**MESSAGE, "tag": "other"}))
    first, second = sorted(worker.shown(2), key=lambda one: str(one["tag"]))
    assert (first["title"], first["silent"]) == ("TP HIT", True)
    assert second["tag"] == "other"


def test_a_message_that_is_none_is_shown_as_news(stand_in: StandIn, open_page: OpenPage) -> None:
    worker = worker_of(stand_in, open_page)
    for number, data in enumerate(("{", "[]", "", '{"title": 5, "tag": "x"}'), start=1):
        worker.push(data)
        shown = worker.shown(min(number, 1))
        assert {one["title"] for one in shown} == {"SignalEngine"}


def subscribing(
    stand_in: StandIn, open_page: OpenPage, *, key: str | None = "BCVx", width: int = 1280
) -> Page:
    stand_in.push_key = key
    page = open_page(worker=True, grants=("notifications",), width=width)
    controlled(stand_in, page)  # a page that loads while the worker takes over stays without it
    page.add_init_script(SERVICE)
    page.reload()
    controlled(stand_in, page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("switch", name="Push notifications")).to_be_visible()
    return page


def test_push_is_turned_on_filtered_and_turned_off(stand_in: StandIn, open_page: OpenPage) -> None:
    page = subscribing(stand_in, open_page)
    switch = page.get_by_role("switch", name="Push notifications")
    expect(switch).to_be_enabled()
    switch.click()
    expect(page.get_by_label("Symbols", exact=True)).to_be_visible()
    name = id_of(ENDPOINT)
    assert page.evaluate("window.asked.userVisibleOnly") is True
    assert stand_in.pushed[name]["timezone"] == "Europe/Berlin"
    page.get_by_label("Symbols", exact=True).fill("btcusdt, ethusdt")
    page.get_by_label("Symbols", exact=True).press("Tab")
    expect(page.get_by_label("Symbols", exact=True)).to_have_value("BTCUSDT, ETHUSDT")
    page.get_by_label("Score from").select_option("0.6")
    expect(page.get_by_label("Score from")).to_be_enabled()
    page.get_by_label("Closings").select_option("off")
    expect(page.get_by_label("Closings")).to_be_enabled()
    page.get_by_role("switch", name="Quiet hours").click()
    page.get_by_label("Quiet until").select_option("9")
    expect(page.get_by_label("Quiet until")).to_be_enabled()
    stand_in.wait(lambda: stand_in.pushed[name]["quiet"] == [22, 9])
    assert stand_in.pushed[name]["digest_after_quiet"] is False
    page.get_by_role("switch", name="Digest after quiet hours").click()
    stand_in.wait(lambda: stand_in.pushed[name]["digest_after_quiet"] is True)
    expect(page.get_by_label("Score from")).to_be_enabled()
    wanted = stand_in.pushed[name]
    assert (wanted["symbols"], wanted["min_score"]) == (["BTCUSDT", "ETHUSDT"], 0.6)
    assert (wanted["opened"], wanted["closed"]) == ("on", "off")
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    assert violations(page) == []
    switch.click()
    expect(switch).not_to_be_checked()
    assert stand_in.pushed == {}
    expect(page.get_by_label("Score from")).to_have_count(0)


CHANGED = """() => {
  PushManager.prototype.subscribe = async (options) => {
    self.asked = options;
    const keys = { p256dh: "BQ", auth: "B" };
    return { toJSON: () => ({ endpoint: "https://push.example/wpush/2", keys }) };
  };
  self.dispatchEvent(new ExtendableEvent("pushsubscriptionchange"));
}"""
"""What the browser does when its push service replaces a subscription: the event is the page's own,
as Chromium cannot reach its push service here."""


def test_a_replaced_subscription_moves_with_its_preferences(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = subscribing(stand_in, open_page)
    page.get_by_role("switch", name="Push notifications").click()
    page.get_by_label("Score from").select_option("0.7")
    old, new = id_of(ENDPOINT), id_of("https://push.example/wpush/2")
    stand_in.wait(lambda: stand_in.pushed[old]["min_score"] == 0.7)
    expect(page.get_by_label("Score from")).to_be_enabled()
    (worker,) = page.context.service_workers
    worker.evaluate(CHANGED)
    stand_in.wait(lambda: list(stand_in.pushed) == [new])
    assert stand_in.pushed[new]["min_score"] == 0.7
    assert stand_in.pushed[new]["timezone"] == "Europe/Berlin"
    asked = worker.evaluate("[self.asked.userVisibleOnly, self.asked.applicationServerKey]")
    assert asked == [True, "BCVx"]


def test_what_the_worker_could_not_store_the_settings_do(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = subscribing(stand_in, open_page)
    page.get_by_role("switch", name="Push notifications").click()
    page.get_by_label("Score from").select_option("0.7")
    stand_in.wait(lambda: stand_in.pushed[id_of(ENDPOINT)]["min_score"] == 0.7)
    expect(page.get_by_label("Score from")).to_be_enabled()
    page.keyboard.press("Escape")
    page.evaluate("PushManager.prototype.getSubscription = async () => window.replaced")
    page.evaluate("""() => { window.replaced = { endpoint: "https://push.example/wpush/2",
      toJSON: () => ({ keys: { p256dh: "BQ", auth: "B" } }) } }""")
    page.get_by_role("button", name="Settings").click()
    stand_in.wait(lambda: id_of("https://push.example/wpush/2") in stand_in.pushed)
    assert stand_in.pushed[id_of("https://push.example/wpush/2")]["min_score"] == 0.7


def test_without_a_subscription_a_change_stores_none(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = subscribing(stand_in, open_page)
    switch = page.get_by_role("switch", name="Push notifications")
    switch.click()
    expect(page.get_by_label("Score from")).to_be_enabled()
    switch.click()
    expect(switch).not_to_be_checked()
    (worker,) = page.context.service_workers
    worker.evaluate(CHANGED)
    expect(switch).to_be_enabled()
    assert worker.evaluate("caches.has('signalengine-push')") is False
    assert stand_in.pushed == {}


def test_signals_by_mail_are_asked_for_with_filters(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.mail = "open"
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Signals by e-mail").click()
    form = page.locator("details.email")
    form.get_by_label("E-mail address").fill("ada@example")
    form.get_by_label("Symbols", exact=True).fill("btcusdt")
    form.get_by_label("Score from").select_option("0.6")
    form.get_by_role("switch", name="Quiet hours").click()
    form.get_by_role("switch", name="Digest after quiet hours").click()
    form.get_by_role("button", name="Send me the link").click()
    expect(form.get_by_role("alert")).to_have_text("This address was not accepted.")
    form.get_by_label("E-mail address").fill("ada@example.com")
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_contain_text("a mail with a link to confirm it is on")
    (asked,) = stand_in.mailed
    assert (asked["address"], asked["language"]) == ("ada@example.com", "en")
    assert (asked["symbols"], asked["min_score"]) == (("BTCUSDT",), 0.6)
    assert (asked["quiet"], asked["digest_after_quiet"]) == ((22, 7), True)
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    assert violations(page) == []


def test_mail_that_is_not_offered_has_no_form(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("switch", name="Push notifications")).to_be_visible()
    stand_in.wait(lambda: any("/email/subscribe" in one for one in stand_in.requests))
    expect(page.locator("details.email")).to_have_count(0)
    stand_in.mail = "full"
    page.reload()
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Signals by e-mail").click()
    expect(page.locator("details.email")).to_contain_text("The list is full")
    expect(page.get_by_role("button", name="Send me the link")).to_have_count(0)


def test_a_push_service_that_cannot_be_reached_is_said(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = subscribing(stand_in, open_page)
    page.evaluate("window.unreachable = true")
    switch = page.get_by_role("switch", name="Push notifications")
    expect(switch).to_be_enabled()
    switch.click()
    expect(page.get_by_role("alert")).to_contain_text("push service cannot be reached")
    expect(switch).not_to_be_checked()
    assert stand_in.pushed == {}


def test_without_a_key_the_switch_says_why(stand_in: StandIn, open_page: OpenPage) -> None:
    page = subscribing(stand_in, open_page, key=None)
    expect(page.get_by_text("This stack sends none")).to_be_visible()
    expect(page.get_by_role("switch", name="Push notifications")).to_be_disabled()


def test_the_choice_is_remembered_and_replaces_the_desktop_notification(
    stand_in: StandIn, open_page: OpenPage
) -> None:
    page = subscribing(stand_in, open_page)
    page.get_by_role("switch", name="Desktop notification").check()
    page.get_by_role("switch", name="Push notifications").click()
    expect(page.get_by_label("Score from")).to_be_visible()
    page.keyboard.press("Escape")
    stand_in.commit(opened(Plan("XRPUSDT")))
    expect(page.locator(".row")).to_have_count(1)
    assert page.evaluate(f"{NOTIFIED}.then(all => all.length)") == 0
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("switch", name="Push notifications")).to_be_checked()


def test_the_settings_fit_a_phone(stand_in: StandIn, open_page: OpenPage) -> None:
    page = subscribing(stand_in, open_page, width=390)
    page.get_by_role("switch", name="Push notifications").click()
    expect(page.get_by_label("Closings")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    dialog = page.locator("dialog[open] .sheet")
    assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth")
