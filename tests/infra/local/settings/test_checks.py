"""Nothing that a user sets is ignored in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import CommandError
from infra.local.settings import checks
from infra.local.settings.table import UNUSED, VARIABLES

COMMANDS = ("up", "replay", "chaos", "soak", "backtest", "sweep")


@given(st.sampled_from(sorted(VARIABLES)), st.integers(0, 30), st.characters(categories=["Lu"]))
def test_a_misspelt_name_of_a_file_is_an_error_that_names_the_right_one(
    name: str, at: int, letter: str
) -> None:
    wrong = name[: at % len(name)] + letter + name[at % len(name) + 1 :]
    if wrong in VARIABLES:
        return
    with pytest.raises(CommandError, match="there is no setting") as caught:
        checks.check_file([wrong], ".env")
    assert name in caught.value.fix or checks.nearest(wrong) != name


def test_an_unknown_name_with_our_prefix_is_an_error_everywhere() -> None:
    with pytest.raises(CommandError, match="there is no setting SIGNALENGINE_STAK") as caught:
        checks.check_names({"PATH": "/bin", "SIGNALENGINE_STAK": "x"})
    assert caught.value.fix == "did you mean SIGNALENGINE_STACK?"
    with pytest.raises(CommandError) as caught:
        checks.check_names({"SIGNALENGINE_COLOUR_OF_THE_SKY": "x"})
    assert "signalengine config" in caught.value.fix
    checks.check_names({"SIGNALENGINE_STACK": "x", "SIGNAL_TRESHOLD": "1"})


def test_names_of_other_programs_are_no_error_in_a_file() -> None:
    names = ["HTTPS_PROXY", "AWS_PROFILE", "TZ", "NO_COLOR"]
    checks.check_file(names, ".env")
    said = list(checks.notices(dict.fromkeys(names, "x"), "up", names))
    assert said == [f"{name} is no setting of SignalEngine" for name in sorted(names)]


def test_a_value_that_cannot_be_is_named_with_what_it_may_be() -> None:
    with pytest.raises(CommandError, match=r"MONITOR_INTERVAL=0 is not 1 to 3600"):
        checks.check_values({"MONITOR_INTERVAL": "0"})


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(CommandError) as caught:
        checks.check_values({"TELEGRAM_BOT_TOKEN": "hush"})
    assert "hush" not in f"{caught.value} {caught.value.fix}"


@pytest.mark.parametrize("one", UNUSED, ids=lambda one: one.name)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_variable_without_use_is_named_with_what_replaced_it(one: object, command: str) -> None:
    name, instead = one.name, one.instead  # type: ignore[attr-defined]  # a row of UNUSED
    assert list(checks.notices({name: "x"}, command)) == [f"{name} has no use: {instead}"]


@pytest.mark.parametrize(
    ("environ", "command", "words"),
    [
        ({"TELEGRAM_RATE_LIMIT": "2.0"}, "up", "Telegram accepts one a second"),
        ({"TELEGRAM_RATE_LIMIT": "0.5"}, "replay", "no effect on `replay`"),
        ({"AI_MODEL_PATH": "m.json"}, "up", "no effect without AI_ENABLED=true"),
        ({"AI_ENABLED": "true"}, "backtest", "no effect on `backtest`"),
        ({"TELEGRAM_CHAT_ID": "42"}, "replay", "`replay` does not use it"),
        ({"SIGNAL_TRESHOLD": "1"}, "up", "no setting of SignalEngine"),
    ],
)
def test_what_has_less_effect_than_it_seems_is_said(
    environ: dict[str, str], command: str, words: str
) -> None:
    (said,) = checks.notices(environ, command)
    assert words in said


@pytest.mark.parametrize(
    "environ",
    [
        {"TELEGRAM_RATE_LIMIT": "0.5"}, {"AI_MODEL_PATH": "m", "AI_ENABLED": "1"},
        {"LOG_LEVEL": "DEBUG"}, {"TELEGRAM_CHAT_ID": "42"}, {"REDIS_URL": ""}, {"PATH": "/bin"},
    ],
)  # fmt: skip
def test_what_works_is_not_mentioned(environ: dict[str, str]) -> None:
    assert list(checks.notices(environ, "up")) == []


def test_variables_of_the_command_line_are_not_taken_from_a_file() -> None:
    environ = {"SIGNALENGINE_STACK": "x"}
    assert list(checks.notices(environ, "up")) == []
    (said,) = checks.notices(environ, "up", environ)
    assert "from the environment only" in said
