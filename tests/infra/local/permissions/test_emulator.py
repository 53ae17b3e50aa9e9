"""The embedded AWS's log names roles and resources by their physical ids."""

from infra.local.permissions.emulator import physical_names, used
from infra.local.permissions.grants import Grant, grants

from .samples import TEMPLATE

STACK = [
    {"LogicalResourceId": "ReaderRole", "PhysicalResourceId": "S-ReaderRole-1"},
    {"LogicalResourceId": "Letters", "PhysicalResourceId": "http://localhost/0/S-Letters-3"},
    {"LogicalResourceId": "Another", "PhysicalResourceId": "S-Another-4"},
]
OUTPUTS = {"SignalsTable": "S-Signals-2"}
BY = "to arn:aws:sts::0:assumed-role/S-ReaderRole-1/session"
LOG = f"""
IAM allowed dynamodb:Query on arn:aws:dynamodb:x:0:table/S-Signals-2/index/by_day {BY}
IAM allowed dynamodb:GetItem on arn:aws:dynamodb:x:0:table/S-Signals-2 {BY}
IAM allowed dynamodb:Query on arn:aws:dynamodb:x:0:table/S-Signals-2 to arn:aws:sts::0:assumed-role/Else/s
another line: IAM allowed dynamodb:Query on arn:aws:dynamodb:x:0:table/S-Signals-2 {BY}
IAM denied dynamodb:PutItem {BY}
"""  # noqa: E501 - as it is in the log


def test_only_what_the_log_allows_was_used() -> None:
    names = physical_names(TEMPLATE, STACK, OUTPUTS)
    assert used(LOG, names, grants(TEMPLATE)) == {
        Grant("reader", "dynamodb:Query", "table signals/index/by_day"),
        Grant("reader", "dynamodb:GetItem", "table signals (#lease)"),
    }


def test_a_right_on_clients_is_one_for_all_of_them() -> None:
    posts = Grant("reader", "execute-api:ManageConnections", "WebSocket clients")
    line = f"IAM allowed {posts.action} on arn:aws:execute-api:x:0:abc/live/POST {BY}\n"
    assert used(line, physical_names(TEMPLATE, STACK, OUTPUTS), {posts}) == {posts}
