"""The JSON of a webhook: every kind of notification, by the documented schema."""

import json
import re
from typing import Any

import jsonschema
import pytest
from signalengine.signals import settled
from signalengine_aws.channels.webhook.payload import payload
from signalengine_aws.channels.webhook.renderer import render
from signalengine_aws.channels.webhook.templates import JSON, content
from signalengine_aws.delivery.notifications import Notification, read_notification, repeated

from infra.assets import ROOT
from tests.telegram_samples import NOON, body, closed, digest_of, end, signal, stepped

PAGE = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```json\n(.*?)```", PAGE, re.S)
(SCHEMA,) = [one for one in map(json.loads, BLOCKS) if "$schema" in one]
EXAMPLES = [one for one in map(json.loads, BLOCKS) if one.get("version") == 1]


def announcement() -> str:
    raw = {"kind": "announcement", "event_id": "announcement#1", "text": "Hello", "cursor": NOON}
    return json.dumps(raw)


KINDS = {
    "opened": read_notification(body(signal())),
    "progress": read_notification(body(stepped())),
    "closed": read_notification(body(closed())),
    "closed in parts": read_notification(body(settled(stepped(), end()))),
    "announcement": read_notification(announcement()),
    "repeat": read_notification(repeated(body(signal()), "x")),
    "digest": Notification("digest#1", "digest", None, NOON, digest=digest_of(signal(), closed())),
}


def sent(one: Notification) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content(JSON, one, render(one).text)[0])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_as_the_documented_schema_says(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(sent(KINDS[kind]), SCHEMA)


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"event": "x"}, {"event_id": None}, {"text": 1}, {"signal": {}}]
)
def test_the_schema_refuses_others(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(sent(KINDS["opened"]) | change, SCHEMA)


def test_the_documented_example_is_what_is_sent() -> None:
    (example,) = EXAMPLES
    assert example == sent(KINDS["opened"])


def test_a_body_is_the_same_in_each_attempt() -> None:
    one = KINDS["opened"]
    assert content(JSON, one, "x") == content(JSON, one, "x")
    assert payload(one, "x")["event_id"] == one.event_id
