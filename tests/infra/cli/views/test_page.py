"""The page: foreign text is escaped, times name their zone, colours follow the environment."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra.cli.views.charts import bar
from infra.cli.views.page import Page, plain


@given(st.text())
def test_plain_text_has_no_control_characters(text: str) -> None:
    assert not [c for c in plain(text) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(plain(text)) == len(text)


def test_the_zone_is_named_with_every_full_time() -> None:
    page = Page(console=Console(file=io.StringIO()))
    assert page.at(1_747_656_000_000) == "2025-05-19 12:00:00 UTC"
    assert (page.minute(1_747_656_000_000), page.zone) == ("05-19 12:00", "UTC")


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
