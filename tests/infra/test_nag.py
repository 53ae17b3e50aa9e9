"""AWS's own rules (cdk-nag, AwsSolutions), with a reason for each that is not followed."""

import json
import os
from pathlib import Path

import pytest

from infra.build.node import node_env

LATER = "the site moves behind CloudFront with TLS; until then it is a plain website"
PUBLIC = "what it serves is public and read-only"
LOOPBACK_HTTP = (
    "callers are AWS services and SDKs, which use TLS; the embedded AWS, where this very template "
    "runs with IAM enforced, speaks plain HTTP on loopback"
)
REASONS = {
    "AwsSolutions-APIG1": "one line a WebSocket message costs more than the messages themselves",
    "AwsSolutions-APIG4": f"{PUBLIC}; the webhook is checked by Telegram's secret header",
    "AwsSolutions-ECS2": "names of streams and symbols are no secrets",
    "AwsSolutions-ECS4": "the task reports its own load in heartbeats; Insights cost more than it",
    "AwsSolutions-IAM5": "tests/infra/test_rights.py lists each pattern with its reason",
    "AwsSolutions-KDF1": "its source is an encrypted stream; its own key is for direct puts only",
    "AwsSolutions-L1": "Python 3.13 is supported until 2029 and what the wheels are built for",
    "AwsSolutions-S1": LATER,
    "AwsSolutions-S2": LATER,
    "AwsSolutions-S5": LATER,
    "AwsSolutions-S10": LATER,
    "AwsSolutions-SMG4": "only a person can rotate a Telegram token",
    "AwsSolutions-SNS3": LOOPBACK_HTTP,
    "AwsSolutions-SQS3": "it is a dead-letter queue, of stream mappings and functions",
    "AwsSolutions-SQS4": LOOPBACK_HTTP,
    "AwsSolutions-VPC7": "one task that listens to nothing; its own log says where it connects",
}


@pytest.fixture(scope="module")
def broken_rules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The rules that the stack breaks, found by synthesising it under them."""
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


def test_every_rule_that_is_broken_has_a_reason(broken_rules: set[str]) -> None:
    assert broken_rules - set(REASONS) == set()


def test_no_reason_is_left_over(broken_rules: set[str]) -> None:
    assert set(REASONS) - broken_rules == set()


def _synthesise_under_rules(folder: Path) -> set[str]:
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks

    from infra.app import build

    app, _ = build()
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    violations = report["pluginReports"][0]["violations"]
    return {violation["ruleName"].split("[")[0] for violation in violations}
