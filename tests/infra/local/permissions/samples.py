"""A small template: a function that reads a table, and one that a stream starts."""

from typing import Any


def ref(logical_id: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def policy(role: str, *statements: Any, **more: Any) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    properties = {"Roles": [{"Ref": role}], "PolicyDocument": document}
    return {"Type": "AWS::IAM::Policy", "Properties": properties, **more}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def function(name: str, role: str, **variables: Any) -> dict[str, Any]:
    environment = {"Variables": {"POWERTOOLS_SERVICE_NAME": name, **variables}}
    properties = {"Environment": environment, "Role": ref(role)}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


ARN = ["arn:", {"Ref": "AWS::Partition"}, ":dynamodb:x:", {"Ref": "AWS::AccountId"}, ":table/"]


def table(name: str, *rest: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [*ARN, {"Ref": name}, *rest]]}


def reference(path: str) -> dict[str, str]:
    return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/SignalEngine/{path}"}


INDEX = table("SignalsAB12", "/index/by_day")
BUCKET = {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}, "/", {"Ref": "Path"}]]}
LEASE = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["#lease"]}}
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "SignalsAB12": reference("tables/signals"),
        "Events": reference("tables/events"),
        "StreamsEvents": reference("streams/events"),
    },
    "Outputs": {"SignalsTable": {"Value": {"Ref": "SignalsAB12"}}},
    "Resources": {
        "ReaderFn": function("reader", "ReaderRole", SIGNALS_TABLE={"Ref": "SignalsAB12"}),
        "FollowerFn": function(
            "follower", "FollowerRole",
            EVENTS_TABLE={"Ref": "Events"}, DEAD_LETTER_URL={"Ref": "Letters"}, LOG_LEVEL="INFO",
        ),
        "ReaderLog": {"Type": "AWS::Logs::LogGroup"},
        "ReaderPolicy": policy(
            "ReaderRole",
            allow(["dynamodb:GetItem", "dynamodb:PutItem"], table("SignalsAB12"), Condition=LEASE),
            allow("dynamodb:Query", [table("SignalsAB12"), INDEX]),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], ref("ReaderLog")),
        ),
        "ModelPolicy": policy(
            "ReaderRole", allow("s3:GetObject", BUCKET), Condition="ModelOnS3",
        ),
        "FollowerPolicy": policy(
            "FollowerRole", allow("dynamodb:GetRecords", {"Ref": "StreamsEvents"}),
        ),
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "FollowerFn"},
                "EventSourceArn": {"Ref": "StreamsEvents"},
                "DestinationConfig": {"OnFailure": {"Destination": ref("Letters")}},
            },
        },
    }
}  # fmt: skip
