"""The probe: when it runs, and what it may do."""

from tests.infra.template import Template, flat, listed
from tests.infra.test_rights import statement_owner


def test_it_runs_every_five_minutes_on_aws_without_a_retry(template: Template) -> None:
    (schedule,) = [
        one
        for one in template.body["Resources"].values()
        if one["Type"] == "AWS::Scheduler::Schedule"
        and "probe" in flat(one["Properties"]["Target"])
    ]
    assert schedule["Condition"] == "OnAws"
    assert schedule["Properties"]["ScheduleExpression"] == "rate(5 minutes)"
    (config,) = [
        one
        for one in template.of_type("AWS::Lambda::EventInvokeConfig").values()
        if template.function_of(one["FunctionName"]["Ref"]) == "probe_service"
    ]
    assert config["MaximumRetryAttempts"] == 0


def test_it_uses_the_addresses_of_clients(template: Template) -> None:
    variables = template.functions()["probe_service"]["Environment"]["Variables"]
    outputs = template.body["Outputs"]
    assert variables["HTTP_URL"] == outputs["HttpUrl"]["Value"]
    assert variables["WEBSOCKET_URL"] == outputs["WebSocketUrl"]["Value"]


def test_it_may_read_the_token_write_its_log_and_store_one_item(template: Template) -> None:
    rights = {
        action: statement.get("Condition")
        for _, statement in template.statements()
        if statement_owner(template, statement) == "probe_service"
        for action in listed(statement["Action"])
    }
    assert set(rights) == {
        "logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue",
        "ssm:GetParameter", "dynamodb:PutItem",
    }  # fmt: skip
    assert rights["dynamodb:PutItem"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["#probe"]}
    }
