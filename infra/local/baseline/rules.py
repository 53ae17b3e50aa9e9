"""What an update from one release to another must not do: it would lose what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Template: TypeAlias = Mapping[str, Any]


def forbidden(before: Mapping[str, Template], now: Mapping[str, Template]) -> list[str]:
    """Return what an update from one release to another would lose or break, as sentences.

    Both have the templates of the stacks `data` and `code`.
    """
    return [
        *_lost(before["data"], now["data"]),
        *_of_tables(before["data"], now["data"]),
        *_unpublished(before["data"], now["data"]),
        *_lost_queues(before["code"], now["code"]),
        *(one for name in before for one in _interface(name, before[name], now[name])),
    ]


def _lost(before: Template, now: Template) -> Iterator[str]:
    for key, resource in before["Resources"].items():
        if "DeletionPolicy" not in resource:
            continue
        there = now["Resources"].get(key)
        if there is None or there["Type"] != resource["Type"]:
            yield f"{key}: would be made anew, without what it holds"
        elif there.get("DeletionPolicy") != resource["DeletionPolicy"]:
            yield f"{key}: would no longer be retained"


def _of_tables(before: Template, now: Template) -> Iterator[str]:
    for key, resource in before["Resources"].items():
        there = now["Resources"].get(key)
        if resource["Type"] != "AWS::DynamoDB::Table" or there is None:
            continue
        old, new = resource["Properties"], there["Properties"]
        if _keys(old) != _keys(new):
            yield f"{key}: another key, so another table"
        for part in ("StreamSpecification", "TimeToLiveSpecification", "TableName"):
            added = part == "StreamSpecification" and part not in old
            if not added and old.get(part) != new.get(part):
                yield f"{key}: another {part}"
        indexes, later = _indexes(old), _indexes(new)
        changed = [name for name in indexes if name in later and later[name] != indexes[name]]
        if changed:
            yield f"{key}: an index cannot change: {', '.join(changed)}"
        if len(indexes.keys() ^ later.keys()) > 1:
            yield f"{key}: CloudFormation adds or removes one index an update"


def _keys(table: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    return [
        (one["KeyType"], one["AttributeName"], types[one["AttributeName"]])
        for one in table["KeySchema"]
    ]


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    return {one["IndexName"]: one for one in table.get("GlobalSecondaryIndexes", [])}


def _unpublished(before: Template, now: Template) -> Iterator[str]:
    gone = _published(before) - _published(now)
    for name in sorted(gone):
        yield f"{name}: the code of the release before still looks for it"


def _published(template: Template) -> set[str]:
    return {
        one["Properties"]["Name"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::SSM::Parameter"
    }


def _lost_queues(before: Template, now: Template) -> Iterator[str]:
    for key, resource in before["Resources"].items():
        if resource["Type"] in ("AWS::Kinesis::Stream", "AWS::SQS::Queue"):
            there = now["Resources"].get(key)
            if there is None or there["Type"] != resource["Type"]:
                yield f"{key}: would be made anew, without what waits in it"


def _interface(stack: str, before: Template, now: Template) -> Iterator[str]:
    for part in ("Parameters", "Outputs"):
        for name in sorted(before[part].keys() - now[part].keys()):
            yield f"{stack}: {part[:-1].lower()} {name} is gone"
