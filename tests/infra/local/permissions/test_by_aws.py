"""What AWS's services need follows from what the template asks of them."""

from infra.local.permissions.by_aws import missing, uses
from infra.local.permissions.grants import Grant, grants
from tests.infra.template import Template

from .samples import TEMPLATE


def test_what_a_mapping_needs_and_lacks_is_listed() -> None:
    stream, letters = "table events/stream", "dead letters"
    needed = {(one.role, one.action, one.resource) for one in uses(TEMPLATE)}
    assert {
        ("follower", "dynamodb:GetRecords", stream),
        ("follower", "dynamodb:DescribeStream", stream),
        ("follower", "sqs:SendMessage", letters),
        ("reader", "logs:PutLogEvents", "its log"),
    } <= needed
    lacked = missing(TEMPLATE)
    assert Grant("follower", "sqs:SendMessage", letters) in lacked
    assert Grant("follower", "dynamodb:GetRecords", stream) not in lacked
    assert Grant("reader", "logs:PutLogEvents", "its log") not in lacked


def test_every_service_of_the_stack_names_its_source(template: Template) -> None:
    given = set(grants(template.body))
    found = uses(template.body)
    assert set(found) <= given
    assert len({use.what for use in found.values()}) >= 12
    assert all(use.source.startswith("https://docs.aws.amazon.com/") for use in found.values())
