"""The chat page in a real browser: the bot's messages arrive live, and escaped."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from signalengine.text.messages import closed_text, opened_text
from signalengine_aws.channels.telegram.client import TelegramClient, register_bot

from tests.browser.conftest import ARGUMENTS, chromium
from tests.telegram_samples import closed, signal
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.browser

CHAT = 424242
HOSTILE = "<img src=x onerror=hacked=1><script>hacked=1</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram("424242", "-1001") as running:
        yield running


@pytest.fixture
def client(telegram: RunningTelegram) -> TelegramClient:
    return TelegramClient(telegram.token, base_url=telegram.base)


@pytest.fixture
def page(browser: Browser, telegram: RunningTelegram) -> Iterator[Page]:
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 420, "height": 800})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{telegram.base}/#{telegram.server.token}")
    expect(page.locator("#state")).to_have_text("bot · connected")
    yield page
    page.close()
    assert complaints == []


def test_messages_arrive_live_and_a_closing_quotes_its_opening(
    page: Page, client: TelegramClient
) -> None:
    expect(page.get_by_text("No messages yet.")).to_be_visible()
    opening = client.send_message(CHAT, opened_text(signal()))
    expect(page.locator("article").first).to_contain_text("🟢 LONG BTCUSDT")
    expect(page.locator("article b").first).to_have_text("LONG BTCUSDT")
    client.send_message(CHAT, closed_text(closed()), reply_to=opening)
    expect(page.locator("article .quote")).to_contain_text("🟢 LONG BTCUSDT")
    client.edit_message_text(CHAT, opening, "changed")
    expect(page.locator("article").first).to_contain_text("changededited")
    expect(page.locator("article")).to_have_count(2)


def test_hostile_text_is_shown_and_never_run(page: Page, client: TelegramClient) -> None:
    client.send_message(CHAT, opened_text(signal(symbol=HOSTILE)))
    client.call("sendMessage", {"chat_id": CHAT, "text": HOSTILE})
    expect(page.locator("article").last).to_contain_text(HOSTILE)
    assert page.locator("article img, article script").count() == 0
    assert page.evaluate("typeof hacked") == "undefined"


def test_a_person_writes_and_sees_that_no_webhook_is_set(
    page: Page, client: TelegramClient, telegram: RunningTelegram
) -> None:
    page.get_by_label("Message", exact=True).fill("/help <b>")
    page.keyboard.press("Enter")
    expect(page.locator("article.person")).to_contain_text("/help <b>")
    expect(page.locator("#hint")).to_contain_text("no webhook")
    register_bot(client, f"{telegram.base}/nowhere", "s3")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="/stats").click()
    expect(page.locator("article.person").last).to_contain_text("/stats")
    expect(page.locator("#hint")).to_be_hidden()


def test_each_chat_has_its_own_page_of_messages(page: Page, client: TelegramClient) -> None:
    client.send_message(CHAT, "to you")
    client.send_message(-1001, "to the group")
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("article")).to_contain_text("to you")
    page.get_by_role("button", name="group -1001").click()
    expect(page.locator("article")).to_contain_text("to the group")


def pressed(telegram: RunningTelegram) -> str:
    """Return the id of the pressed button's query, once the server has it."""
    give_up = time.monotonic() + 30.0
    while not telegram.server.bot.presses:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return next(iter(telegram.server.bot.presses))


def test_buttons_are_pressed_answered_and_edited(
    page: Page, client: TelegramClient, telegram: RunningTelegram
) -> None:
    register_bot(client, "http://127.0.0.1:9/telegram", "s")  # no answer: presses stay visible
    buttons = ((("🔎 Why", "why:1"), ("🔕 Mute 2h", "mute:2h")),)
    number = client.send_message(CHAT, "<b>LONG</b> BTCUSDT", silent=True, buttons=buttons)
    mute = page.get_by_role("button", name="🔕 Mute 2h")
    expect(page.locator("article .silent")).to_be_visible()
    mute.click()
    expect(mute).to_have_class("waiting")
    query_id = pressed(telegram)
    answer = {"callback_query_id": query_id, "text": "Muted <b>", "show_alert": False}
    client.call("answerCallbackQuery", answer)
    expect(page.locator("#toast")).to_have_text("Muted <b>")
    expect(mute).not_to_have_class("waiting")
    client.edit_message_text(CHAT, number, "unsubscribed")
    expect(page.locator("article .keyboard")).to_have_count(0)


def test_a_command_with_an_argument_stays_in_the_field(page: Page, client: TelegramClient) -> None:
    register_bot(client, "http://127.0.0.1:9/telegram", "s")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="/performance").click()
    expect(page.locator("#text")).to_have_value("/performance ")
    page.locator("nav button").nth(1).click()
    expect(page.locator("#text")).to_have_attribute(
        "placeholder", "Message, or @signalengine_local_bot …"
    )


def test_in_a_group_only_your_own_words_are_yours(page: Page, telegram: RunningTelegram) -> None:
    page.get_by_role("button", name="group -1001").click()
    message = {"chat_id": -1001, "text": "mine"}
    telegram.request("POST", "/_local/say", message)
    telegram.request("POST", "/_local/say", message | {"text": "theirs", "user_id": 7})
    expect(page.locator("article.person")).to_have_text(re.compile("^mine"))
    expect(page.locator("article.another")).to_contain_text("theirs")
    expect(page.locator("article.another .writer")).to_have_text("Person 7")


def test_the_page_works_with_the_token_of_its_printed_address(
    browser: Browser, telegram: RunningTelegram
) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(telegram.base)
        expect(page.locator("#state")).to_contain_text("open the address that")
        page.goto(f"{telegram.base}/#{telegram.server.token}")
        expect(page.locator("#state")).to_have_text("bot · connected")
        assert page.url == f"{telegram.base}/"
        linked = context.new_page()  # from the dashboard, whose link has no token
        linked.goto(telegram.base)
        expect(linked.locator("#state")).to_have_text("bot · connected")
    finally:
        context.close()
