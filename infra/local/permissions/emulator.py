"""The rights that the embedded AWS saw used, from its log."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from ..stack.ministack_child import ALLOWED
from .grants import CLIENTS, Grant, named

_LINE: Final = re.compile(
    rf"^{ALLOWED} (\S+) on (\S+) to arn:aws:sts::\d+:assumed-role/([^/\s]+)/", re.MULTILINE
)
_INDEX: Final = re.compile(r"/index/\w+$")


def physical_names(
    template: Mapping[str, Any], resources: Iterable[Any], outputs: Mapping[str, str]
) -> dict[str, str]:
    """Return the name of each resource of a stack, by the last part of its physical id.

    What belongs to the stack of the data is among the outputs.
    """
    names = named(template)
    found = {
        _parts(outputs[key])[-1]: names[one["Value"]["Ref"]]
        for key, one in template.get("Outputs", {}).items()
        if isinstance(one["Value"], Mapping)
        and one["Value"].get("Ref") in template.get("Parameters", {})
    }
    return found | {
        _parts(one["PhysicalResourceId"])[-1]: names[one["LogicalResourceId"]]
        for one in resources
        if one["LogicalResourceId"] in names and one.get("PhysicalResourceId")
    }


def used(log: str, names: Mapping[str, str], rights: Collection[Grant]) -> set[Grant]:
    """Return those of the rights that a log says were used, whatever their conditions."""
    found = {
        (names[role], action, _name(resource, names))
        for action, resource, role in _LINE.findall(log)
        if role in names
    }
    return {
        one for one in rights if (one.role, one.action, one.resource.partition(" (")[0]) in found
    }


def _name(arn: str, names: Mapping[str, str]) -> str:
    if ":execute-api:" in arn:
        return CLIENTS
    parts = _parts(arn)
    parts.append(parts[-1].rpartition("-")[0])  # a secret's ARN ends with characters of its own
    name = next((names[part] for part in parts if part in names), arn)
    index = _INDEX.search(arn)
    return name + (index[0] if index else "")


def _parts(name: str) -> list[str]:
    return re.split(r"[:/]", name)
