"""change_settings: the alarms that it reads, and no right to what is live."""

import re

from infra.parts.changes import NAME
from tests.infra.template import Template, listed
from tests.infra.test_rights import statement_owner


def rights(template: Template) -> list[tuple[str, object]]:
    """Actions of its role, and on what."""
    return [
        (action, statement["Resource"])
        for _, statement in template.statements()
        if statement_owner(template, statement) == NAME
        for action in listed(statement["Action"])
    ]


def test_it_writes_sets_subscriptions_and_counters_alone(template: Template) -> None:
    reading = ("dynamodb:GetItem", "dynamodb:Query", "ssm:Get", "secretsmanager:Get", "cloudwatch:")
    writes = [one for one in rights(template) if not one[0].startswith((*reading, "logs:"))]
    actions = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    assert {action for action, _ in writes} == actions
    deleting = [one for action, one in writes if action == "dynamodb:DeleteItem"]
    assert set(re.findall(r"Tables\w+", str(deleting))) == {"TablesSubscriptions"}
    tables = set(re.findall(r"Tables\w+", str(writes)))
    assert tables == {"TablesStrategies", "TablesSubscriptions", "TablesCalls"}


def test_it_reads_alarms_where_there_are_any(template: Template) -> None:
    variables = template.functions()[NAME]["Environment"]["Variables"]
    assert variables["ALARMS_PREFIX"] == {"Fn::If": ["OnAws", "SignalEngine-", ""]}
    conditions = {
        template.body["Resources"][name].get("Condition")
        for name, statement in template.statements()
        if "cloudwatch:DescribeAlarms" in listed(statement["Action"])
    }
    assert conditions == {"OnAws"}
