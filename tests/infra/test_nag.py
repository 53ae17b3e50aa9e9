"""AWS's own rules (cdk-nag, AwsSolutions), with a reason for each resource that breaks one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.build.node import node_env

WEBSITE = "a website over plain HTTP, which everyone may read; CloudFront in front is not built yet"
READERS = "everyone may read what is stored, unless a token is set, which the function checks"
CHECKED = "the function checks the token, where one is set, and counts each caller's questions"
RUNTIME = "Python 3.13 is supported until 2029 and what the wheels are built for"
BY_HAND = "only a person can rotate it, where it is used: in the dashboard, in shells, at Telegram"
CLIENTS = "connection ids are not known before clients connect; the API and the action are named"
FUNCTIONS = (
    "Api/serve_api", "Detection/compute_features", "Live/answer_chat", "Live/broadcast",
    "Live/connect_websocket", "Live/post_messages", "Probe/probe_service",
    "Publishing/publish_signals", "Scoring/score_events", "Site/deploy_site",
    "Telegram/alert_telegram", "Telegram/answer_telegram", "Telegram/send_telegram",
    "Tracking/track_signals",
)  # fmt: skip
REASONS = {
    ("APIG1", "Api/stage"): "it logs, unless everyone may read: what is refused has lines too",
    ("APIG1", "Live/stage"): "a line costs more than the message; functions log each invocation",
    ("APIG4", "Api/api/ANY--{proxy+}"): READERS,
    ("APIG4", "Api/api/POST--telegram"): "the function checks the secret that Telegram sends",
    ("APIG4", "Live/api/$connect-Route"): "a connection receives nothing before it resumes",
    ("APIG4", "Live/api/$default-Route"): "the function checks the token, where one is set",
    ("APIG4", "Live/api/$disconnect-Route"): "it removes the connection that has ended",
    ("APIG4", "Live/api/chat-Route"): CHECKED,
    ("APIG4", "Live/api/ping-Route"): "it is answered with a word",
    ("APIG4", "Live/api/resume-Route"): "the function checks the token, where one is set",
    ("ECS2", "Ingest/task"): "names of streams, tables and symbols are no secrets",
    ("ECS4", "Ingest/cluster"): "the task reports its load in heartbeats; Insights cost more",
    ("IAM5", "Archive/role/DefaultPolicy"): "the archive's objects are named by their time",
    ("IAM5", "Ingest/task/ExecutionRole/DefaultPolicy"): "a token of ECR is the account's",
    ("IAM5", "Live/answer_chat/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/broadcast/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/connect_websocket/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/post_messages/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Site/deploy_site/role/DefaultPolicy"): "a site's files have names of their own",
    ("KDF1", "Archive/delivery"): "its source is an encrypted stream, and so is its bucket",
    **{("L1", f"{name}/function"): RUNTIME for name in FUNCTIONS},
    ("S1", "Archive/bucket"): "only Firehose and the owner's own users reach it",
    ("S1", "Site/bucket"): WEBSITE,
    ("S2", "Site/bucket"): WEBSITE,
    ("S5", "Site/bucket"): WEBSITE,
    ("S10", "Site/bucket"): WEBSITE,
    ("S10", "Site/bucket/Policy"): WEBSITE,
    ("SMG4", "Api/secret"): BY_HAND,
    ("SMG4", "Telegram/secret"): BY_HAND,
    ("SQS3", "Feed/dead_letters"): "it is a dead-letter queue, of stream mappings and functions",
    ("VPC7", "Ingest/network"): "one task that listens to nothing and logs where it connects",
}
"""Why a resource does not follow a rule, by the rule and the resource's path in the stack."""


@pytest.fixture(scope="module")
def broken_rules(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The rules that resources break, found by synthesising the stack under them."""
    folder = tmp_path_factory.mktemp("nag")
    before = dict(os.environ)
    os.environ |= {
        **node_env(),
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": '{"wheels": "local"}',
    }
    try:
        return _synthesise_under_rules(folder)
    finally:
        os.environ.clear()
        os.environ |= before


def test_every_resource_that_breaks_a_rule_has_a_reason(
    broken_rules: set[tuple[str, str]],
) -> None:
    assert broken_rules - set(REASONS) == set()


def test_no_reason_is_left_over(broken_rules: set[tuple[str, str]]) -> None:
    assert set(REASONS) - broken_rules == set()


def test_no_reason_is_the_embedded_aws() -> None:
    """What it cannot do stands under the condition OnAws; on AWS the rule is followed."""
    words = ("embedded", "emulator", "local", "loopback", "MiniStack")
    assert [reason for reason in REASONS.values() if any(word in reason for word in words)] == []


def _synthesise_under_rules(folder: Path) -> set[tuple[str, str]]:
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks

    from infra.app import build

    app, stack = build()
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    return {
        (_rule(violation), _path(construct["constructPath"], stack.stack_name))
        for violation in report["pluginReports"][0]["violations"]
        for construct in violation["violatingConstructs"]
    }


def _rule(violation: Any) -> str:
    """Its short name: AwsSolutions-IAM5[Resource::*] is IAM5."""
    return str(violation["ruleName"]).removeprefix("AwsSolutions-").split("[")[0]


def _path(path: str, stack: str) -> str:
    return path.removeprefix(f"{stack}/").removesuffix("/Resource")
