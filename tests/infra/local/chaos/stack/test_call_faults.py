"""Faults wait for calls of their operation, and are taken oldest first, as often as they say."""

from infra.local.chaos.stack.call_faults import CallFault, CallFaults, operation_of

SIGNED = "AWS4-HMAC-SHA256 Credential=KEY/20261129/ap-northeast-1/{}/aws4_request, SignedHeaders=h"


def headers(service: str, **more: str) -> dict[str, str]:
    return {"authorization": SIGNED.format(service), **more}


def test_an_operation_is_named_by_target_action_or_path() -> None:
    target = {"x-amz-target": "DynamoDB_20120810.PutItem"}
    assert operation_of(headers("dynamodb") | target, "/", b"{}") == "dynamodb:PutItem"
    assert operation_of(headers("sns"), "/", b"Action=Publish&TopicArn=a") == "sns:Publish"
    path = "/_aws/execute-api/abc/live/@connections/xyz%3D"
    assert operation_of(headers("execute-api"), path, b"{}") == "execute-api:PostToConnection"
    assert operation_of({}, "/", b"") == ""


def test_a_fault_is_met_as_often_as_it_says_and_then_gone() -> None:
    faults, fault = CallFaults(), CallFault("error", "sns:Publish", left=2)
    faults.add(fault)
    assert faults.take("dynamodb:PutItem") is None
    assert [faults.take("sns:Publish") for _ in range(3)] == [fault, fault, None]
    assert fault.met == 2


def test_the_oldest_fault_is_taken_first() -> None:
    faults, first, second = CallFaults(), CallFault("error", "a:B"), CallFault("slow", "a:B")
    faults.add(first)
    faults.add(second)
    assert [faults.take("a:B"), faults.take("a:B")] == [first, second]


def test_what_waits_can_be_ended() -> None:
    faults = CallFaults()
    faults.add(CallFault("error", "a:B", left=9))
    faults.clear()
    assert faults.take("a:B") is None
