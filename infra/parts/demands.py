"""What every role demands of who takes it, and every queue and topic of who calls it.

A service may take a role for this account only. A service that names no account is held by
iam:PassRole alone, which reaches no other account: so it does not refuse one that sends none.

Queues and topics answer over TLS only. The embedded AWS speaks plain HTTP on loopback, so its copy
of the template is without that demand.
"""

from typing import Any, Final

from aws_cdk import CfnCondition, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

_TRUST: Final = "AssumeRolePolicyDocument.Statement.0.Condition"
_OWN_ACCOUNT: Final = {"StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def demand(stack: Stack, on_aws: CfnCondition) -> None:
    """Add the demands to all that a stack has; its queues and topics are made with `enforce_ssl`.

    Raises RuntimeError for one that is not.
    """
    for part in stack.node.find_all():
        if isinstance(part, iam.CfnRole):
            part.add_property_override(_TRUST, _OWN_ACCOUNT)
        elif isinstance(part, sqs.Queue | sns.Topic):
            _tls(part, on_aws)


def _tls(part: sqs.Queue | sns.Topic, on_aws: CfnCondition) -> None:
    """Refuse plain HTTP on AWS only: with that CDK begins the part's policy."""
    policy: Any = part.node.find_child("Policy").node.default_child
    refusal, *others = policy.policy_document.to_json()["Statement"]
    if not others:
        policy.cfn_options.condition = on_aws
        return
    nothing = {"Ref": "AWS::NoValue"}
    policy.add_property_override(
        "PolicyDocument.Statement.0", {"Fn::If": [on_aws.logical_id, refusal, nothing]}
    )
