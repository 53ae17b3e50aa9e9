"""The chat page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.stand_in import StandIn

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def test_a_chat_streams_and_names_its_source(stand_in: StandIn, open_page: OpenPage) -> None:
    page = open_page(at="chat")
    page.get_by_role("button", name="What's trending?").click()
    answer = page.locator(".bubble.theirs").last
    expect(answer).to_contain_text("BTCUSDT leads")
    expect(answer.locator(".source")).to_have_text("from: top, signals")
    expect(page.locator(".disclaimer")).to_contain_text("Not advice: composed by rules")
    assert not [path for path in stand_in.requests if path.startswith("/chat")]
    page.get_by_label("Your question").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine").last).to_have_text(HOSTILE)
    expect(page.locator(".bubble.theirs").last).to_contain_text(f"You asked: {HOSTILE}")
    assert page.evaluate("window.hacked") is None
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Chat").click()
    expect(page.locator(".bubble.mine")).to_have_count(2)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".bubble")).to_have_count(0)


def test_a_chat_is_sent_by_http_without_a_feed(stand_in: StandIn, open_page: OpenPage) -> None:
    stand_in.refusing = True
    page = open_page(at="chat", live=False)
    page.get_by_label("Your question").fill("Who leads?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.theirs")).to_contain_text("You asked: Who leads?")
    assert "/chat" in stand_in.requests


@pytest.mark.parametrize("width", [390, 1280])
def test_the_last_lines_of_an_answer_are_above_the_composer(
    width: int, open_page: OpenPage
) -> None:
    page = open_page(at="chat", width=width)
    page.set_viewport_size({"width": width, "height": 560})
    for number in range(1, 4):
        page.get_by_label("Your question").fill(f"{number} " + "long " * 90)
        page.keyboard.press("Enter")
        expect(page.locator(".bubble.theirs .source")).to_have_count(number)
    expect(page.locator(".bubble.theirs .source").last).to_be_in_viewport(ratio=1)
    page.wait_for_function(ABOVE)
    box = page.locator(".composer").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 560


ABOVE = """() => {
  const bottom = (name) => [...document.querySelectorAll(name)].at(-1).getBoundingClientRect();
  return bottom(".bubble.theirs").bottom <= bottom(".composer").top;
}"""
