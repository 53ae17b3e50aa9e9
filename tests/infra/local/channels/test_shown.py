"""Each service's markup as lines of runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.channels.shown import Shown, discord, line, plain, slack, text_of
from tests.examples import examples


def styles(lines: object) -> list[tuple[str, str]]:
    return [(run.text, run.style) for one in lines for run in one]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**a \\* b** c", [("a * b", "bold"), (" c", "")]),
        ("*a* `b\\`", [("a", "italic"), (" ", ""), ("b\\", "code")]),
        ("[a](https://x.example/1)", [("a", "link")]),
        ("[a](javascript:1)", [("[a](javascript:1)", "")]),
        ("a_b 2*3", [("a_b 2*3", "")]),
    ],
)
def test_markdown_of_discord_is_read(text: str, found: list[tuple[str, str]]) -> None:
    assert styles(discord(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*a* &lt;b&gt; `c`", [("a", "bold"), (" <b> ", ""), ("c", "code")]),
        ("<https://x.example/1|a &amp; b>", [("a & b", "link")]),
        ("<javascript:1|a>", [("<javascript:1|a>", "")]),
        ("_a_ b_c_d", [("a", "italic"), (" b_c_d", "")]),
    ],
)
def test_mrkdwn_of_slack_is_read(text: str, found: list[tuple[str, str]]) -> None:
    assert styles(slack(text)) == found


@examples(80)
@given(st.text(alphabet="a*_`\\[]()<>|&;:/. \nhtps", max_size=40))
def test_no_text_breaks_the_page(text: str) -> None:
    for read in (discord, slack):
        assert all("\n" not in run.text for one in read(text) for run in one)
    assert text_of(plain(text)) == text


def test_a_message_is_plain_data() -> None:
    shown = Shown("d", line("title"), plain("a\nb"), links=(("Chart", "https://x.example"),))
    assert shown.to_dict()["lines"] == (
        ({"text": "a", "style": "", "address": ""},), ({"text": "b", "style": "", "address": ""},),
    )  # fmt: skip
