"""E-mail by SES: only where an identity is named, as it, and with its reports."""

import json
from typing import Any

from signalengine_aws.channels.email import contacts
from signalengine_aws.delivery.subscriptions import bucket_of
from signalengine_aws.stores import alerts

from infra.parts import email
from infra.parts.channel import EMAIL_ALERTS
from infra.parts.email import REPORTED
from tests.infra.template import Template, listed
from tests.infra.test_rights import statement_owner

SENDERS = {"send_channels", "answer_email"}
KINDS = (
    "AWS::SES::ConfigurationSet", "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::TopicPolicy",
)  # fmt: skip
REPORTING = {*KINDS, "AWS::SNS::Topic", "AWS::SNS::Subscription"}


def parts(template: Template) -> dict[str, Any]:
    """The resources of e-mail, by logical id."""
    return {
        name: one
        for name, one in template.body["Resources"].items()
        if name.startswith("Email") and one["Type"] in REPORTING
    }


def test_without_an_identity_there_is_nothing_of_it(template: Template) -> None:
    found = parts(template)
    assert {one["Type"] for one in found.values()} == REPORTING
    assert {one["Condition"] for one in found.values()} == {"SendsEmail"}
    assert template.body["Parameters"]["EmailIdentity"]["Default"] == ""


def test_two_functions_send_as_the_identity_and_nothing_else(template: Template) -> None:
    found: dict[str, list[str]] = {}
    for name, statement in template.statements():
        if any(str(action).startswith("ses:") for action in listed(statement["Action"])):
            assert template.body["Resources"][name]["Condition"] == "SendsEmail"
            assert statement["Action"] == ["ses:SendEmail", "ses:SendRawEmail"]
            resources = json.dumps(statement["Resource"])
            assert "EmailIdentity" in resources
            assert "*" not in resources
            found[name] = statement["Action"]
    assert len(found) == len(SENDERS)
    assert all(any(one.replace("_", "") in name for one in SENDERS) for name in found)


def test_bounces_and_complaints_come_raw_to_the_queue_of_channels(template: Template) -> None:
    (reports,) = template.of_type(KINDS[1]).values()
    destination = reports["EventDestination"]
    assert destination["MatchingEventTypes"] == list(REPORTED) == ["BOUNCE", "COMPLAINT"]
    topic = destination["SnsDestination"]["TopicARN"]
    (subscription,) = (
        one
        for one in template.of_type("AWS::SNS::Subscription").values()
        if one["TopicArn"] == topic
    )
    assert subscription["RawMessageDelivery"] is True
    assert "FilterPolicy" not in subscription


def test_ses_alone_publishes_reports_and_only_of_this_set(template: Template) -> None:
    found = parts(template)
    (policy,) = (one for one in found.values() if one["Type"] == KINDS[2])
    over_tls, statement = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (over_tls["Effect"], over_tls["Principal"]) == ("Deny", {"AWS": "*"})
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
    assert set(statement["Condition"]) == {"StringEquals", "ArnEquals"}
    (sets,) = (one for one in found.values() if one["Type"] == KINDS[0])
    assert sets["Properties"]["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}


def test_addresses_subscribe_by_a_function_that_reaches_nothing_of_chats(
    template: Template,
) -> None:
    names = (email.CONTACTS, email.ENDED, email.COMPLAINED, email.PREFERENCES, email.COUNTED)
    stored = (contacts.BUCKET, contacts.ENDED, contacts.COMPLAINED, bucket_of("email:a"))
    assert names == (*stored, contacts.COUNTED)
    assert bucket_of("telegram:-1001") not in names
    assert EMAIL_ALERTS == alerts.bucket_of("email:a") != alerts.bucket_of("telegram:-1001")
    found = {}
    for _, statement in template.statements():
        if statement_owner(template, statement) != "answer_email":
            continue
        limit = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
        for action in listed(statement["Action"]):
            if action.startswith("dynamodb:"):
                keys = limit.get("dynamodb:LeadingKeys")
                found.setdefault(action.partition(":")[2], []).append(keys)
    assert found == {
        "GetItem": [[*names]],
        "PutItem": [[email.CONTACTS, email.ENDED, email.PREFERENCES]],
        "DeleteItem": [[email.CONTACTS, email.COMPLAINED, EMAIL_ALERTS]],
        "Query": [[EMAIL_ALERTS]],
        "UpdateItem": [[email.COUNTED], None],  # and its counters of calls, in another table
    }
