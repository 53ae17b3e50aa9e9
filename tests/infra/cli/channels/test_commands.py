"""`signalengine channel` as it is typed: secrets are no arguments, removal is confirmed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli.channels import commands
from infra.cli.channels.destinations import Destinations
from infra.cli.main import app
from infra.errors import CommandError

RUN = CliRunner()
SUBSCRIBER = {
    "subscriber": "email:0123", "to": "a…@m….example", "active": True, "preferences": "all symbols",
}  # fmt: skip
SHOWN = {
    "destination": "webhook:my-bot", "to": "https://bot.example.com/…", "active": True,
    "preferences": "all symbols", "paused_until": None, "reason": "",
}  # fmt: skip


class Recorded(Destinations):
    """Destinations that only record what is wanted of them."""

    calls: list[tuple[Any, ...]]

    def add(self, *given: Any) -> dict[str, Any]:
        self.calls.append(given)
        return {**SHOWN, "secret": "made-up", "served_now": True}

    def edit(self, *given: Any, **more: Any) -> dict[str, Any]:
        self.calls.append((*given, more))
        return SHOWN

    def rows(self) -> list[dict[str, Any]]:
        return [SHOWN, SHOWN | {"active": False}, SHOWN | {"paused_until": 1, "reason": "HTTP 404"}]

    def subscribers(self) -> list[Mapping[str, Any]]:
        return [SUBSCRIBER]

    def edit_subscriber(self, *given: Any) -> dict[str, Any]:
        self.calls.append(given)
        return SUBSCRIBER

    def test(self, key: str, timeout_s: float) -> dict[str, Any]:
        good = key == "good"
        return {
            "destination": key, "status": "delivered" if good else "waiting",
            "receipt": "HTTP 200" if good else None, "reason": "" if good else "HTTP 404",
            "ms": 12 if good else None,
        }  # fmt: skip

    def remove(self, key: str) -> dict[str, Any]:
        self.calls.append((key,))
        return {"removed": key}

    def key_of(self, name: str) -> str:
        return f"webhook:{name}"


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    nothing: Any = None
    made = Recorded(nothing)
    object.__setattr__(made, "calls", [])
    monkeypatch.setattr(commands, "_destinations", lambda *_: made)
    return made


def run(*words: str, code: int = 0, typed: str = "", **environ: str) -> str:
    done = RUN.invoke(app, ["channel", *words], input=typed, env={**environ, "COLUMNS": "160"})
    assert done.exit_code == code, done.output
    return done.output


def test_options_become_preferences(recorded: Recorded) -> None:
    shown = run(
        "add", "webhook", "my-bot", "https://bot.example.com/x", "--symbols", "BTC,ETH",
        "--min-score", "70", "--quiet", "22-7", "--timezone", "Europe/Zurich", "--language", "es",
        "--digest-after-quiet", "--allow-host", "h:1", "--template", "text",
    )  # fmt: skip
    ((channel, name, url, fields, preferences, allow),) = recorded.calls
    assert (channel, name, url, allow) == ("webhook", "my-bot", "https://bot.example.com/x", "h:1")
    assert fields == {"template": "text"}
    assert preferences == {
        "symbols": ("BTCUSDT", "ETHUSDT"), "min_score": 0.7, "quiet": (22, 7),
        "timezone": "Europe/Zurich", "language": "es", "digest_after_quiet": True,
    }  # fmt: skip
    assert "made-up" in shown
    assert "$0.33 a month" in shown


def test_urls_and_secrets_come_by_prompt_file_or_environment(
    recorded: Recorded, tmp_path: Any
) -> None:
    (tmp_path / "secret").write_text("of-a-file\n")
    run("add", "webhook", "a", typed="https://typed/\n")
    run("add", "webhook", "a", SIGNALENGINE_CHANNEL_URL="https://env/")
    run("add", "webhook", "a", "https://x/", "--secret-file", str(tmp_path / "secret"))
    run("add", "webhook", "a", "https://x/", "--secret-file", "-", typed="of-stdin\n")
    run("add", "webhook", "a", "https://x/", SIGNALENGINE_CHANNEL_SECRET="of-env")
    urls = [call[2] for call in recorded.calls]
    assert urls == ["https://typed/", "https://env/", *["https://x/"] * 3]
    secrets = [call[3].get("secret") for call in recorded.calls]
    assert secrets == [None, None, "of-a-file", "of-stdin", "of-env"]


def test_a_template_may_be_in_a_file(recorded: Recorded, tmp_path: Any) -> None:
    (tmp_path / "t").write_text("{{symbol}}\n")
    run("add", "webhook", "a", "https://x/", "--template", f"@{tmp_path / 't'}", "--field", "a=b=c")
    assert recorded.calls[0][3] == {"template": "{{symbol}}", "a": "b=c"}


@pytest.mark.parametrize("field", ["secret=x", "url=https://x", "nothing"])
def test_no_secret_is_an_argument(recorded: Recorded, field: str) -> None:
    done = RUN.invoke(app, ["channel", "add", "webhook", "a", "https://x/", "--field", field])
    assert isinstance(done.exception, CommandError)
    assert recorded.calls == []


def test_an_edit_names_only_what_changes(recorded: Recorded) -> None:
    run("edit", "my-bot", "--off", "--rotate", "--min-score", "60")
    ((name, fields, preferences, more),) = recorded.calls
    assert (name, fields, preferences) == ("my-bot", {}, {"min_score": 0.6, "active": False})
    assert more == {"allow": None, "rotate": True}


def test_the_list_shows_states(recorded: Recorded) -> None:
    text = run("list")
    assert [word in text for word in ("my-bot", "off", "paused until", "HTTP 404")] == [True] * 4
    assert len(json.loads(run("list", "--json"))["destinations"]) == 3


def test_a_test_without_a_receipt_fails(recorded: Recorded) -> None:
    assert "HTTP 200" in run("test", "good")
    assert "HTTP 404" in run("test", "bad", code=1)


def test_removal_is_confirmed(recorded: Recorded) -> None:
    run("remove", "my-bot", typed="n\n", code=1)
    assert recorded.calls == []
    run("remove", "my-bot", typed="y\n")
    run("remove", "my-bot", "--yes")
    assert recorded.calls == [("webhook:my-bot",)] * 2


def test_an_address_has_preferences_and_nothing_else(recorded: Recorded) -> None:
    assert "all symbols" in run("edit", "email:0123", "--min-score", "70")
    assert recorded.calls == [("email:0123", {"min_score": 0.7})]
    refused = RUN.invoke(app, ["channel", "edit", "email:0123", "--field", "a=b"]).exception
    assert isinstance(refused, CommandError)
    assert "channel add email sender" in refused.fix
