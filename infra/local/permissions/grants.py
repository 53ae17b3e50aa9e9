"""The rights of every role of a template, one action on one resource at a time."""

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

FUNCTION: Final = "AWS::Lambda::Function"
REFERENCE: Final = "AWS::SSM::Parameter::Value<String>"
_VARIABLE: Final = re.compile(r"(\w+)_(TABLE|QUEUE_URL|LETTER_URL|SECRET_ARN|BUCKET)")
_KINDS: Final = {
    "AWS::Kinesis::Stream": "feed",
    "AWS::Logs::LogGroup": "its log",
    "AWS::S3::Bucket": "archive",
    "AWS::ApiGatewayV2::Api": "WebSocket API",
}
"""Names of resources that no function knows by a variable of its own."""
_STREAM: Final = "/stream"
_REFERENCE: Final = re.compile(r"/[\w-]+/(\w+)/(\w+)")
_NAMES_OF: Final = {
    "tables": "table {}", "streams": f"table {{}}{_STREAM}", "secrets": "{} secret",
    "archive": "archive",
}  # fmt: skip
_TABLE_ARN: Final = re.compile(r"arn:.*:dynamodb:.*:table/(.*)")
_BUCKET_ARN: Final = re.compile(r"arn:.*:s3:::(.*)")
CLIENTS: Final = "WebSocket clients"
IMAGES: Final = "container images"
MODEL: Final = "model"
ASSETS: Final = "deployed assets"
IDENTITY: Final = "sender of e-mail"
SET: Final = "configuration set of e-mail"
ALARMS: Final = "alarms"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One action that a role may do on one resource."""

    role: str
    """Name of the function, or of what else takes the role."""
    action: str
    resource: str
    condition: str = ""
    """The condition of the template under which it exists, if any."""


def grants(template: Mapping[str, Any]) -> list[Grant]:
    """Return the rights of all roles of a template, sorted, each once."""
    resources, names = template["Resources"], named(template)
    found = set()
    for policy in resources.values():
        if policy["Type"] != "AWS::IAM::Policy":
            continue
        for role in policy["Properties"]["Roles"]:
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                for action, resource in _pairs(statement):
                    where = _where(statement, resource, names)
                    owner, when = names[role["Ref"]], policy.get("Condition", "")
                    found.add(Grant(owner, action, where, when))
    return sorted(found)


def without(template: Mapping[str, Any], removed: Collection[Grant]) -> dict[str, Any]:
    """Return a copy of a template whose roles lack some rights."""
    changed, names = copy.deepcopy(dict(template)), named(template)
    for policy in changed["Resources"].values():
        if policy["Type"] != "AWS::IAM::Policy":
            continue
        owner, when = names[policy["Properties"]["Roles"][0]["Ref"]], policy.get("Condition", "")
        document = policy["Properties"]["PolicyDocument"]
        document["Statement"] = [
            {**statement, "Action": action, "Resource": resource}
            for statement in document["Statement"]
            for action, resource in _pairs(statement)
            if Grant(owner, action, _where(statement, resource, names), when) not in removed
        ]
    return changed


def named(template: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of each resource that rights mention, by its logical id."""
    resources = template["Resources"]
    names = {
        key: _KINDS[resource["Type"]]
        for key, resource in resources.items()
        if resource["Type"] in _KINDS
    }
    for key, function in resources.items():
        if function["Type"] == FUNCTION:
            variables = function["Properties"]["Environment"]["Variables"]
            names[key] = variables["POWERTOOLS_SERVICE_NAME"]
            names |= {
                logical_id(value): variable_name(variable)
                for variable, value in variables.items()
                if isinstance(value, dict) and variable_name(variable)
            }
    names |= dict(_references(template.get("Parameters", {})))
    return names | _roles(resources, names)


def _references(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each part of the data that the stack finds by a reference."""
    for key, parameter in parameters.items():
        found = _REFERENCE.fullmatch(str(parameter.get("Default", "")))
        if found is not None and found[1] in _NAMES_OF and parameter["Type"] == REFERENCE:
            yield key, _NAMES_OF[found[1]].format(found[2])


def variable_name(variable: str) -> str:
    """Return what a function's variable names: STATE_TABLE is "table state"; "" for others."""
    if variable == "TOPIC_ARN":
        return "topic"
    if variable == "DEAD_LETTER_URL":
        return "dead letters"
    match = _VARIABLE.fullmatch(variable)
    if match is None:
        return ""
    first, kind = match[1].lower(), match[2]
    channel = first.removesuffix("_dead")
    return {
        "TABLE": f"table {first}",
        "QUEUE_URL": f"{first} queue",
        "LETTER_URL": f"{channel} dead letters",
        "SECRET_ARN": f"{first} secret",
        "BUCKET": f"{first} bucket",
    }[kind]


def resource_name(value: Any, names: Mapping[str, str]) -> str:
    """Return the name of a statement's resource, with what follows it (an index, a stream)."""
    text = _flat(value, names)
    if ":execute-api:" in text:
        return CLIENTS
    if ":cloudwatch:" in text:
        return ALARMS
    if ":ecr:" in text:
        return IMAGES
    if ":s3:::cdk-" in text:
        return ASSETS
    if ":ses:" in text:
        return IDENTITY if ":identity/" in text else SET
    if ":bedrock:" in text or text.startswith("arn:aws:s3:::"):
        return MODEL
    for pattern in (_TABLE_ARN, _BUCKET_ARN):
        found = pattern.fullmatch(text)
        if found is not None:
            return found[1]
    return text


def _flat(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    (function, argument), *_ = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(_flat(part, names) for part in argument[1])
    if function == "Fn::GetAtt":
        return names[argument[0]] + (_STREAM if argument[1] == "StreamArn" else "")
    return names.get(str(argument), str(argument))


def _pairs(statement: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            yield action, resource


def _where(statement: Mapping[str, Any], resource: Any, names: Mapping[str, str]) -> str:
    """Return the name of a resource, with what the statement's condition leaves of it."""
    limits = [
        value
        for keys in statement.get("Condition", {}).values()
        for values in keys.values()
        for value in _listed(values)
    ]
    return resource_name(resource, names) + (f" ({', '.join(limits)})" if limits else "")


def _roles(resources: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return whose each role is, by the role's logical id."""
    found = {}
    for key, resource in resources.items():
        given = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Lambda::Function":
                found[logical_id(given["Role"])] = names[key]
            case "AWS::Scheduler::Schedule":
                target = given["Target"]
                found[logical_id(target["RoleArn"])] = (
                    f"schedule of {names[logical_id(target['Arn'])]}"
                )
            case "AWS::ECS::TaskDefinition":
                found[logical_id(given["TaskRoleArn"])] = "ingest_task"
                found[logical_id(given["ExecutionRoleArn"])] = "start of ingest_task"
            case "AWS::KinesisFirehose::DeliveryStream":
                target = given["ExtendedS3DestinationConfiguration"]
                found[logical_id(target["RoleARN"])] = "delivery to the archive"
    return found


def logical_id(value: Mapping[str, Any]) -> str:
    """Return the logical id that a reference names."""
    (argument,) = value.values()
    return str(argument[0] if isinstance(argument, list) else argument)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
