"""Rights are read from a template under the names that functions use."""

import pytest

from infra.local.permissions.grants import Grant, grants, variable_name, without

from .samples import TEMPLATE

ROWS = [
    ("follower", "dynamodb:GetRecords", "table events/stream", ""),
    ("reader", "dynamodb:GetItem", "table signals (#lease)", ""),
    ("reader", "dynamodb:PutItem", "table signals (#lease)", ""),
    ("reader", "dynamodb:Query", "table signals", ""),
    ("reader", "dynamodb:Query", "table signals/index/by_day", ""),
    ("reader", "logs:CreateLogStream", "its log", ""),
    ("reader", "logs:PutLogEvents", "its log", ""),
    ("reader", "s3:GetObject", "model", "ModelOnS3"),
]


def test_each_action_on_each_resource_is_a_right() -> None:
    assert grants(TEMPLATE) == [Grant(*row) for row in ROWS]


def test_each_right_is_removed_alone() -> None:
    for one in grants(TEMPLATE):
        left = grants(without(TEMPLATE, {one}))
        assert left == [grant for grant in grants(TEMPLATE) if grant != one]


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("STATE_TABLE", "table state"),
        ("TELEGRAM_QUEUE_URL", "telegram queue"),
        ("TELEGRAM_DEAD_LETTER_URL", "telegram dead letters"),
        ("DEAD_LETTER_URL", "dead letters"),
        ("API_SECRET_ARN", "api secret"),
        ("TOPIC_ARN", "topic"),
        ("OLLAMA_BASE_URL", ""),
        ("LOG_LEVEL", ""),
    ],
)
def test_a_variable_names_a_resource_or_nothing(variable: str, name: str) -> None:
    assert variable_name(variable) == name
