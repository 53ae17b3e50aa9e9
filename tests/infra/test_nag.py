"""A stage under AWS's own rules (cdk-nag), with a reason for each resource that breaks one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.build.node import node_env
from infra.local.stack.assembly import Assembly
from infra.settings import ONLY, Stage

READERS = "everyone may read what is stored, unless a token is set, which the function checks"
CHECKED = "the function checks the token, where one is set, and counts each caller's questions"
RUNTIME = "Python 3.13 is supported until 2029 and what the wheels are built for"
BY_HAND = "only a person can rotate it, where it is used: in shells, at Telegram, at receivers"
FOLDED = "it is folded again from the archive, and a copy of each second is paid for"
FOLDED_TABLES = ("bars", "decisions", "events", "gaps", "state")
CLIENTS = "connection ids are not known before clients connect; the API and the action are named"
FUNCTIONS = (
    "Api/serve_api", "Changes/change_settings", "Channels/answer_push",
    "Channels/send_channels",
    "Detection/compute_features", "Email/answer_email", "Live/answer_chat", "Live/broadcast",
    "Live/connect_websocket", "Live/greet_clients", "Live/post_messages", "Probe/probe_service",
    "Publishing/publish_signals", "Scoring/score_events", "Site/deploy_site",
    "Telegram/alert_telegram", "Telegram/answer_telegram", "Telegram/send_telegram",
    "Tracking/track_signals",
)  # fmt: skip
REASONS = {
    ("APIG1", "Api/stage"): "only if it is wanted: what is refused has lines too, without a limit",
    ("APIG1", "Live/stage"): "a line costs more than the message; functions log each invocation",
    ("APIG4", "Api/api/ANY--{proxy+}"): READERS,
    ("APIG4", "Api/api/ANY--settings--{proxy+}"): "the function checks the operator's token",
    ("APIG4", "Api/api/ANY--email--{proxy+}"): "the function checks the token of a mail's link",
    ("APIG4", "Api/api/ANY--push--{proxy+}"): READERS,
    ("APIG4", "Api/api/GET--push--key"): READERS,
    ("APIG4", "Api/api/POST--telegram"): "the function checks the secret that Telegram sends",
    (
        "APIG4",
        "Live/api/$connect-Route",
    ): "where a token is set, a connection receives nothing without it",
    ("APIG4", "Live/api/$default-Route"): "the function checks the token, where one is set",
    ("APIG4", "Live/api/$disconnect-Route"): "it removes the connection that has ended",
    ("APIG4", "Live/api/chat-Route"): CHECKED,
    ("APIG4", "Live/api/ping-Route"): "it is answered with a word",
    ("APIG4", "Live/api/resume-Route"): "the function checks the token, where one is set",
    ("CFR1", "Front/distribution"): "readers may be anywhere; no country is to be left out",
    ("CFR2", "Front/distribution"): "a web ACL costs $5; CloudFront's free plan brings one",
    ("CFR3", "Front/distribution"): "the API logs each of its requests; the rest are static files",
    ("CFR4", "Front/distribution"): "with its own certificate it is TLS 1.2; without, AWS decides",
    **{("DDB3", f"Storage/{name}"): FOLDED for name in FOLDED_TABLES},
    ("DDB3", "Storage/calls"): "counters and leases of a day or less",
    ("DDB3", "Storage/connections"): "clients connect again when theirs is lost",
    ("ECS2", "Ingest/task"): "names of streams, tables and symbols are no secrets",
    ("ECS4", "Ingest/cluster"): "the task reports its load in heartbeats; Insights cost more",
    ("IAM5", "Changes/change_settings/see_alarms"): "alarms are listed without their names",
    ("IAM5", "Archive/role/DefaultPolicy"): "the archive's objects are named by their time",
    ("IAM5", "Ingest/task/ExecutionRole/DefaultPolicy"): "a token of ECR is the account's",
    ("IAM5", "Live/answer_chat/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/broadcast/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/connect_websocket/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/greet_clients/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Live/post_messages/role/DefaultPolicy"): CLIENTS,
    ("IAM5", "Site/deploy_site/role/DefaultPolicy"): "a site's files have names of their own",
    ("KDF1", "Archive/delivery"): "its source is an encrypted stream, and so is its bucket",
    **{("L1", f"{name}/function"): RUNTIME for name in FUNCTIONS},
    ("S1", "Archive/bucket"): "only Firehose and the owner's own users reach it",
    ("S1", "Site/bucket"): "only CloudFront and deploy_site reach it; what it holds is public",
    ("SMG4", "Secrets/api"): BY_HAND,
    ("SMG4", "Secrets/channels"): BY_HAND,
    ("SMG4", "Secrets/operator"): BY_HAND,
    ("SMG4", "Secrets/telegram"): BY_HAND,
    ("SQS3", "Feed/dead_letters"): "it is a dead-letter queue, of stream mappings and functions",
    ("VPC7", "Ingest/network"): "one task that listens to nothing and logs where it connects",
}
"""Why a resource does not follow a rule, by the rule and the resource's path in the stack."""


STAGE = Stage("prod")
NAMES = {
    "AlarmName", "BudgetName", "BucketName", "DashboardName", "FunctionName", "Name", "QueueName",
    "MetricNamespace", "POWERTOOLS_METRICS_NAMESPACE", "RoleName", "TableName", "TopicName",
}  # fmt: skip
"""Properties by which something gets a name of its own in the account, or writes metrics."""
LOCAL_NAMES = (
    "AWS::ApiGatewayV2::Api", "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::ECS::TaskDefinition",
)  # fmt: skip
KINDS = {
    STAGE.data: {"AWS::SSM::Parameter"},
    STAGE.code: {
        "AWS::Budgets::Budget", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Function", "AWS::Logs::QueryDefinition",
    },
}  # fmt: skip
"""Types of which some are named."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stage's assembly, synthesised under the rules."""
    folder = tmp_path_factory.mktemp("nag")
    before = dict(os.environ)
    os.environ |= {**node_env(), "CDK_OUTDIR": str(folder)}
    try:
        _synthesise_under_rules()
    finally:
        os.environ.clear()
        os.environ |= before
    return folder


@pytest.fixture(scope="module")
def broken_rules(stage: Path) -> set[tuple[str, str]]:
    """The rules that resources break."""
    report = json.loads((stage / "validation-report.json").read_text())
    return {
        (_rule(violation), _path(construct["constructPath"]))
        for violation in report["pluginReports"][0]["violations"]
        for construct in violation["violatingConstructs"]
    }


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


def test_a_stage_shares_no_name_with_another_one(stage: Path, assembly: Assembly) -> None:
    """What is named by hand, by the property of its type, has the stage in its name; metrics and
    references too."""
    for mine, only in zip(STAGE.stacks, ONLY.stacks, strict=True):
        resources = json.loads((stage / f"{mine}.template.json").read_text())["Resources"]
        others = assembly.template_of(only)["Resources"]
        assert len(resources) == len(others)
        taken = {name for resource in others.values() for name in _names(resource)}
        named = {key: _names(resource) for key, resource in resources.items()}
        for key, names in named.items():
            assert not names & taken, key
            assert all(STAGE.code in name for name in names), key
        kinds = {resources[key]["Type"] for key, names in named.items() if names}
        assert kinds >= KINDS[mine]


def test_only_production_is_protected_as_a_whole(stage: Path) -> None:
    artifacts = json.loads((stage / "manifest.json").read_text())["artifacts"]
    for stack in STAGE.stacks:
        assert artifacts[stack]["properties"]["terminationProtection"] is True


def _names(resource: Any) -> set[str]:
    """Return the names that a resource's properties give to things of the account."""
    found: set[str] = set()
    given = [resource.get("Properties", {})]
    while given:
        for key, value in given.pop().items():
            if isinstance(value, dict):
                given.append(value)
            elif key in NAMES and resource["Type"] not in LOCAL_NAMES:
                found.add(json.dumps(value))
    return found


def _synthesise_under_rules() -> None:
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks

    from infra.app import build

    # not by the environment, which the CDK's process has read if it runs already
    app, *_ = build({"wheels": "local", "stage": STAGE.name})
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def _rule(violation: Any) -> str:
    """Its short name: AwsSolutions-IAM5[Resource::*] is IAM5."""
    return str(violation["ruleName"]).removeprefix("AwsSolutions-").split("[")[0]


def _path(path: str) -> str:
    return path.partition("/")[2].removesuffix("/Resource")
