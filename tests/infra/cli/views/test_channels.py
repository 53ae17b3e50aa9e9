"""Views of destinations."""

from infra.cli.views import channels
from infra.cli.views.page import Page
from tests.infra.cli.documents import EVIL


def test_nothing_is_said_how_to_begin() -> None:
    page = Page()
    with page.console.capture() as shown:
        page.print(channels.destinations({"destinations": []}, page))
    assert "channel add" in shown.get()


def test_a_hostile_reason_is_shown_and_does_nothing() -> None:
    page = Page()
    row = {"destination": EVIL, "status": "waiting", "receipt": EVIL, "reason": EVIL, "ms": None}
    with page.console.capture() as shown:
        page.print(channels.tested(row, page))
    assert "\x1b[2J" not in shown.get()
    assert "[red]" in shown.get()
