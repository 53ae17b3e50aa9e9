"""Whom alarms and the budget reach, and who may publish."""

from typing import Any

from tests.infra.template import Template, flat


def of_topic(template: Template, kind: str) -> list[dict[str, Any]]:
    """Resources of a kind that name the topic of alarms."""
    topic = template.body["Outputs"]["AlarmTopicArn"]["Value"]["Ref"]
    return [
        resource
        for resource in template.body["Resources"].values()
        if resource["Type"] == kind and f'"{topic}"' in flat(resource["Properties"])
    ]


def test_the_topic_reaches_the_email_where_there_is_one_and_the_bot(template: Template) -> None:
    by_protocol = {
        one["Properties"]["Protocol"]: one for one in of_topic(template, "AWS::SNS::Subscription")
    }
    assert set(by_protocol) == {"email", "lambda"}
    assert by_protocol["email"]["Condition"] == "AlarmsByEmail"
    assert by_protocol["email"]["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}
    assert template.body["Parameters"]["AlarmEmail"]["Default"] == ""
    endpoint = by_protocol["lambda"]["Properties"]["Endpoint"]["Fn::GetAtt"][0]
    assert template.function_of(endpoint) == "alert_telegram"


def test_only_this_stacks_alarms_and_this_accounts_budgets_may_publish(template: Template) -> None:
    """A policy of its own replaces the one that permits the whole account."""
    (policy,) = of_topic(template, "AWS::SNS::TopicPolicy")
    tls, *allowed = policy["Properties"]["PolicyDocument"]["Statement"]
    condition, denied, nothing = tls["Fn::If"]
    assert (condition, denied["Effect"], nothing) == ("OnAws", "Deny", {"Ref": "AWS::NoValue"})
    sources = {}
    for statement in allowed:
        assert statement["Action"] == "sns:Publish"
        conditions = statement["Condition"]
        assert conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        sources[statement["Principal"]["Service"]] = flat(conditions["ArnLike"]["aws:SourceArn"])
    assert set(sources) == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert ":alarm:SignalEngine-*" in sources["cloudwatch.amazonaws.com"]
    assert "arn:aws:budgets::" in sources["budgets.amazonaws.com"]


def test_the_budget_is_a_parameter_on_aws_and_notifies_of_both_kinds(template: Template) -> None:
    (budget,) = of_topic(template, "AWS::Budgets::Budget")
    assert budget["Condition"] == "Budgeted"
    conditions = template.body["Conditions"]
    assert conditions["Budgeted"]["Fn::And"] == [
        conditions["OnAws"],
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "BudgetUsd"}, "0"]}]},
    ]
    amount = template.body["Parameters"]["BudgetUsd"]
    assert (amount["Type"], amount["Default"], amount["MinValue"]) == ("Number", 60, 0)
    data = budget["Properties"]["Budget"]
    assert data["BudgetLimit"] == {"Amount": {"Ref": "BudgetUsd"}, "Unit": "USD"}
    assert (data["BudgetType"], data["TimeUnit"]) == ("COST", "MONTHLY")
    given = budget["Properties"]["NotificationsWithSubscribers"]
    assert [one["Notification"]["NotificationType"] for one in given] == ["ACTUAL", "FORECASTED"]
    for one in given:
        (subscriber,) = one["Subscribers"]
        assert subscriber["SubscriptionType"] == "SNS"


def test_what_sends_alarms_depends_on_no_queue_and_no_table(template: Template) -> None:
    """Otherwise trouble of these would not be reported."""
    variables = set(template.functions()["alert_telegram"]["Environment"]["Variables"])
    assert [name for name in variables if name.endswith(("_TABLE", "_URL", "TOPIC_ARN"))] == []


def test_a_notice_that_cannot_be_sent_is_retried_and_then_a_dead_letter(template: Template) -> None:
    configs = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    (config,) = [
        one
        for one in configs
        if template.function_of(one["FunctionName"]["Ref"]) == "alert_telegram"
    ]
    assert config["MaximumRetryAttempts"] == 2
    queue = config["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert template.body["Outputs"]["DeadLetterQueueUrl"]["Value"]["Ref"] == queue
