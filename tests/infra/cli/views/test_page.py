"""The page: foreign text is escaped, times name their zone, colours follow the environment."""

import io
import time
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from infra.cli.views.charts import bar
from infra.cli.views.page import Page, plain
from infra.cli.views.tables import listed


@given(st.text())
def test_plain_text_has_no_control_characters(text: str) -> None:
    assert not [c for c in plain(text) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(plain(text)) == len(text)


def test_the_zone_is_named_with_every_full_time() -> None:
    page = Page(console=Console(file=io.StringIO()))
    assert page.at(1_747_656_000_000) == "2025-05-19 12:00:00 UTC"
    assert page.minute(1_747_656_000_000) == "05-19 12:00"
    assert page.zone([1_747_656_000_000, None]) == page.zone([]) == "UTC"


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the zone of this machine."""

    def use(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "named", "summer", "winter"),
    [
        ("Europe/Berlin", ("CEST", "CET", "CET/CEST"), "14:00:00 CEST", "13:00:00 CET"),
        ("Asia/Tokyo", ("JST", "JST", "JST"), "21:00:00 JST", "21:00:00 JST"),
        ("Asia/Kathmandu", ("+0545", "+0545", "+0545"), "17:45:00 +0545", "17:45:00 +0545"),
    ],
)
def test_a_local_column_names_the_zone_of_its_own_times(
    machine_zone: Callable[[str], None],
    zone: str,
    named: tuple[str, str, str],
    summer: str,
    winter: str,
) -> None:
    """Not of the present: a row of May has summer time when it is read in November."""
    machine_zone(zone)
    page = Page(local=True, console=Console(file=io.StringIO()))
    may, january = 1_747_656_000_000, 1_737_288_000_000
    assert (page.zone([may]), page.zone([january]), page.zone([may, None, january])) == named
    assert (page.at(may), page.at(january)) == (f"2025-05-19 {summer}", f"2025-01-19 {winter}")
    assert page.minute(may) == f"05-19 {summer[:5]}"


@pytest.mark.parametrize(("name", "colours"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_colours_follow_the_environment(
    name: str, colours: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, "1")
    Page().print(bar(0.5, 4, "cyan"))
    assert ("\x1b[36m" in capsys.readouterr().out) is colours


def test_no_line_ends_with_spaces() -> None:
    out = io.StringIO()
    page = Page(console=Console(file=out, width=200))
    page.print(listed([("name", "short"), ("other", "x" * 60), ("empty", "")]), Text("a  \nb"))
    lines = out.getvalue().splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert [line.split()[0] for line in lines] == ["name", "other", "empty", "a", "b"]
