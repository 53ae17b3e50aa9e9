"""How the image starts: the command line with the volume's places, behind the forwarder."""

import sys

import pytest

from infra.cli import start
from infra.cli.local import container as entry
from infra.cli.local.container import command, main, port_of


def test_the_places_are_those_of_the_volume_and_later_options_win() -> None:
    words = command(["--source", "sim", "--port", "9000"])
    assert words[:7] == ["up", "--port", "8000", "--data-dir", "/data", "--state-dir", "/data/run"]
    assert words[7:] == ["--source", "sim", "--port", "9000"]


@pytest.mark.parametrize(
    ("options", "port"),
    [(["--port", "9000"], 9000), ([], 8000), (["--port"], 8000), (["--port", "x"], 8000)],
)
def test_the_forwarder_follows_the_port(options: list[str], port: int) -> None:
    assert port_of(options) == port


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is started, in order."""
    order: list[object] = []

    class Recorded:
        def __init__(self, *place: object) -> None:
            order.append(place)

        def start(self) -> None:
            order.append("forwarder")

    monkeypatch.setattr(entry, "Forwarder", Recorded)
    monkeypatch.setattr(start, "run", lambda: order.append(sys.argv))
    monkeypatch.setattr(sys, "argv", ["x", "--port", "8123"])
    return order


def test_it_listens_before_the_command_line_runs(started: list[object]) -> None:
    main()
    assert started == [
        ("0.0.0.0", 8080, 8123),  # noqa: S104 - nothing listens
        "forwarder",
        ["signalengine", *command(["--port", "8123"])],
    ]
