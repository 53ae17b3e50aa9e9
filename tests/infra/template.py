"""The synthesised template, queried by the names of the system."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template."""

    body: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Properties of all resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, Resource]:
        """Properties of every function, by the name it has everywhere."""
        found = self.of_type("AWS::Lambda::Function").values()
        return {f["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: f for f in found}

    def function_of(self, logical_id: str) -> str:
        """Name of the function that has a logical id."""
        properties = self.body["Resources"][logical_id]["Properties"]
        return str(properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"])

    def tables(self) -> dict[str, Resource]:
        """Properties of every table, by the variable that names it to functions."""
        outputs = self.body["Outputs"]
        tables = self.of_type("AWS::DynamoDB::Table")
        return {
            f"{name.removesuffix('Table').upper()}_TABLE": tables[output["Value"]["Ref"]]
            for name, output in outputs.items()
            if name.endswith("Table")
        }

    def mappings(self) -> list[tuple[str, Resource]]:
        """Name of the function, and properties, of every event source mapping."""
        found = self.of_type("AWS::Lambda::EventSourceMapping").values()
        return [(self.function_of(mapping["FunctionName"]["Ref"]), mapping) for mapping in found]

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every statement of every role's inline policy, with the policy's logical id."""
        for name, policy in self.of_type("AWS::IAM::Policy").items():
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def listed(value: Any) -> list[Any]:
    """IAM and CloudFormation write a list of one as the one."""
    return value if isinstance(value, list) else [value]


def flat(value: Any) -> str:
    """A value with intrinsic functions, as text to search in."""
    return json.dumps(value)


def on_aws(value: Any) -> Any:
    """A value as it is on AWS: of a choice by the condition OnAws, the first."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, there, _ = value["Fn::If"]
        return there if condition == "OnAws" else value
    return value
