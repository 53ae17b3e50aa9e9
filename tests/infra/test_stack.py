"""The whole stack: its functions, their environment, its outputs and its size."""

import inspect
import json
import re
from importlib import import_module

import pytest
from signalengine_aws.runtime import config
from signalengine_aws.runtime.channels import CHANNELS

from infra.assets import ROOT
from infra.stack import SignalEngine

from .template import Template

HOUR_S = 3600
DAY_S = 24 * HOUR_S
CONFIGS = "signalengine_aws.channels"


def test_every_function_folder_is_deployed(template: Template) -> None:
    folders = {p.parent.name for p in (ROOT / "functions").glob("*/handler.py")}
    assert set(template.functions()) == folders


@pytest.mark.parametrize("name", sorted(p.parent.name for p in ROOT.glob("functions/*/handler.py")))
def test_every_function_gets_the_environment_it_refuses_to_start_without(
    template: Template, name: str
) -> None:
    shape_name = "".join(word.capitalize() for word in name.split("_"))
    channel = name.partition("_")[2]
    homes = {one: f"{CONFIGS}.{one}.config" for one in CHANNELS}
    homes |= {"channels": f"{CONFIGS}.config"}
    homes |= {one: f"signalengine_aws.application.answer_{one}" for one in ("email", "push")}
    home = import_module(homes[channel]) if channel in homes else config
    variables = template.functions()[name]["Environment"]["Variables"]
    defaults = {name: one.get("Default") for name, one in template.body["Parameters"].items()}
    chosen = {  # of a condition, what holds on an emulator
        key: value["Fn::If"][2] if isinstance(value, dict) and "Fn::If" in value else value
        for key, value in variables.items()
    }
    given = {
        key: str(defaults.get(value.get("Ref"), key) if isinstance(value, dict) else value)
        for key, value in chosen.items()
    }
    config.load(getattr(home, shape_name), given)


def test_outputs_hold_everything_a_local_run_needs(template: Template) -> None:
    assert {
        "DeadLetterQueueUrl", "FeedStreamName", "HttpApiId", "HttpUrl", "IngestRoleArn",
        "SiteBucketName", "TelegramDeadLetterQueueUrl", "TelegramQueueUrl", "TelegramSecretArn",
        "WebSocketApiId", "WebSocketStage", "WebSocketUrl",
    } <= set(template.body["Outputs"])  # fmt: skip


def test_the_template_fits_into_cloudformation(template: Template) -> None:
    assert len(json.dumps(template.body, separators=(",", ":"))) < 1_000_000
    assert len(template.body["Resources"]) <= 500


def test_the_parts_are_made_in_the_order_of_a_bars_path() -> None:
    path = ["Ingest", "Detection", "Scoring", "Tracking", "Publishing", "Telegram", "Live", "Api"]
    source = inspect.getsource(SignalEngine)
    made = re.findall(r'\b(\w+)\(\s*self,\s*"\1"', source)
    assert [name for name in made if name in path] == path
