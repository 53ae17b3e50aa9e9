"""Seeded calls to DynamoDB, and what an implementation answers: the same from every one.

The model of the account is only worth what it shares with DynamoDB, so the same calls go to moto
and to the embedded AWS.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.local.chaos.model.services.account import tables
from infra.local.chaos.model.services.dynamodb import DynamoDb

Call = tuple[str, dict[str, Any]]
Caller = Callable[[str, dict[str, Any]], Any]

HASHES = ("a", "b")
TABLE = "signals_table"
PAIRS = "events_table"
LEFT_OUT = {"ResponseMetadata", "ConsumedCapacity", "UnprocessedKeys", "ItemCollectionMetrics"}
CONDITIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("attribute_not_exists (#k)", {}),
    ("attribute_exists (#k)", {}),
    ("#n = :n", {":n": {"N": "2"}}),
    ("#n <> :n", {":n": {"N": "2"}}),
    ("(#n <= :n AND attribute_exists (#k))", {":n": {"N": "2.0"}}),
    ("(#n > :n OR #t = :t)", {":n": {"N": "10"}, ":t": {"S": "x"}}),
    ("#p = :p", {":p": {"SS": ["opened"]}}),
    ("(contains (#p, :o) AND size (#p) > :one)", {":o": {"S": "opened"}, ":one": {"N": "1"}}),
    ("contains (#t, :t)", {":t": {"S": "y"}}),
    ("begins_with (#t, :t)", {":t": {"S": "x"}}),
    ("#n BETWEEN :low AND :high", {":low": {"N": "1"}, ":high": {"N": "3"}}),
    ("NOT #n = :n", {":n": {"N": "1"}}),
)
UPDATES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SET #n = :m", {":m": {"N": "3"}}),
    ("ADD #n :d", {":d": {"N": "-2"}}),
    ("ADD #p :q", {":q": {"SS": ["closed"]}}),
    ("DELETE #p :q", {":q": {"SS": ["opened"]}}),
    ("REMOVE #p, #t", {}),
    ("SET #t = :u REMOVE #n ADD #p :q", {":u": {"S": "xy"}, ":q": {"SS": ["opened"]}}),
)
NAMES = {"#n": "expires_at", "#t": "opening", "#p": "pending"}


def calls(seed: int, count: int) -> Iterator[Call]:
    """Yield calls on a table with a hash key, one with a range key, and their indexes."""
    chance = random.Random(seed)  # repeatable, not secret
    kinds: tuple[Callable[[random.Random], Call], ...] = (
        put, put, update, update, delete, get, query, query_index, transact, transact, batch_get,
    )  # fmt: skip
    for _ in range(count):
        yield chance.choice(kinds)(chance)


def put(chance: random.Random) -> Call:
    request = {"TableName": TABLE, "Item": item(chance), **condition(chance, "signal_id")}
    if chance.random() < 0.3:
        request = {"TableName": PAIRS, "Item": pair(chance), **condition(chance, "series")}
    if "ConditionExpression" in request and chance.random() < 0.5:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return "PutItem", request


def update(chance: random.Random) -> Call:
    expression, values = chance.choice(UPDATES)
    request = {"TableName": TABLE, "Key": key(chance), **condition(chance, "signal_id")}
    request["ExpressionAttributeValues"] = request.get("ExpressionAttributeValues", {}) | values
    request["UpdateExpression"] = expression
    request["ReturnValues"] = chance.choice(("NONE", "ALL_NEW"))
    return "UpdateItem", used(request)


def delete(chance: random.Random) -> Call:
    request = {"TableName": TABLE, "Key": key(chance), **condition(chance, "signal_id")}
    return "DeleteItem", request


def get(chance: random.Random) -> Call:
    request = {"TableName": TABLE, "Key": key(chance), "ConsistentRead": True}
    if chance.random() < 0.3:
        names = {"#a": "expires_at", "#b": "opening"}
        request |= {"ProjectionExpression": "#a, #b", "ExpressionAttributeNames": names}
    return "GetItem", request


def batch_get(chance: random.Random) -> Call:
    keys = [{"signal_id": {"S": name}} for name in chance.sample("wxyz", chance.randint(1, 4))]
    return "BatchGetItem", {"RequestItems": {TABLE: {"Keys": keys}}}


def query(chance: random.Random) -> Call:
    request = {
        "TableName": PAIRS,
        "KeyConditionExpression": "(#s = :s AND #c BETWEEN :low AND :high)",
        "ExpressionAttributeNames": {"#s": "series", "#c": "close_time"},
        "ExpressionAttributeValues": {
            ":s": {"S": chance.choice(HASHES)},
            ":low": {"N": str(chance.randrange(4))},
            ":high": {"N": str(chance.randrange(3, 8))},
        },
    }
    return "Query", paged(chance, request)


def query_index(chance: random.Random) -> Call:
    request = {
        "TableName": TABLE,
        "IndexName": "by_day",
        "KeyConditionExpression": "(#d = :d AND #c >= :low)",
        "ExpressionAttributeNames": {"#d": "day", "#c": "close_time"},
        "ExpressionAttributeValues": {
            ":d": {"S": chance.choice(HASHES)},
            ":low": {"N": str(chance.randrange(4))},
        },
    }
    if chance.random() < 0.5:
        request["FilterExpression"] = "attribute_exists (#p)"
        request["ExpressionAttributeNames"] |= {"#p": "pending"}
    return "Query", paged(chance, request)


def paged(chance: random.Random, request: dict[str, Any]) -> dict[str, Any]:
    if chance.random() < 0.4:
        request["ScanIndexForward"] = chance.random() < 0.5
    if chance.random() < 0.4:
        request["Limit"] = chance.randint(1, 4)
    return request


def transact(chance: random.Random) -> Call:
    ids = chance.sample("wxyz", 2)
    first = {
        "TableName": TABLE,
        "Item": item(chance) | {"signal_id": {"S": ids[0]}},
        **condition(chance, "signal_id"),
    }
    expression, values = chance.choice(UPDATES)
    second = {
        "TableName": TABLE,
        "Key": {"signal_id": {"S": ids[1]}},
        "UpdateExpression": expression,
        **condition(chance, "signal_id"),
    }
    second["ExpressionAttributeValues"] = second.get("ExpressionAttributeValues", {}) | values
    third = {"TableName": PAIRS, "Item": pair(chance), **condition(chance, "series")}
    return "TransactWriteItems", {
        "TransactItems": [{"Put": first}, {"Update": used(second)}, {"Put": third}]
    }


def item(chance: random.Random) -> dict[str, Any]:
    some = {
        "expires_at": {"N": str(chance.randrange(4))},
        "opening": {"S": chance.choice(("x", "xy", "yz"))},
        "pending": {"SS": ["opened"] if chance.random() < 0.5 else ["closed", "opened"]},
        "body": {"B": bytes([chance.randrange(256)])},
    }
    found = {name: value for name, value in some.items() if chance.random() < 0.7}
    return found | {
        "signal_id": {"S": chance.choice("wxyz")},
        "day": {"S": chance.choice(HASHES)},
        "close_time": {"N": str(chance.randrange(8))},
    }


def pair(chance: random.Random) -> dict[str, Any]:
    return {
        "series": {"S": chance.choice(HASHES)},
        "close_time": {"N": str(chance.randrange(8))},
        "day": {"S": "a"},
        "body": {"S": chance.choice(("x", "y"))},
    }


def key(chance: random.Random) -> dict[str, Any]:
    return {"signal_id": {"S": chance.choice("wxyz")}}


def condition(chance: random.Random, hash_key: str) -> dict[str, Any]:
    if chance.random() < 0.3:
        return {}
    expression, values = chance.choice(CONDITIONS)
    names = {"#k": hash_key} | NAMES
    request: dict[str, Any] = {
        "ConditionExpression": expression, "ExpressionAttributeNames": names,
    }  # fmt: skip
    if values:
        request["ExpressionAttributeValues"] = dict(values)
    return used(request)


def used(request: dict[str, Any]) -> dict[str, Any]:
    """Give the request the names that its expressions use, and no others: DynamoDB insists."""
    text = " ".join(
        str(request[one]) for one in ("ConditionExpression", "UpdateExpression") if one in request
    )
    names = {"#k": "signal_id"} | NAMES | request.get("ExpressionAttributeNames", {})
    chosen = {name: value for name, value in names.items() if name in text.replace(",", " ")}
    rest = {name: value for name, value in request.items() if name != "ExpressionAttributeNames"}
    if not rest.get("ExpressionAttributeValues", True):
        del rest["ExpressionAttributeValues"]
    return rest | ({"ExpressionAttributeNames": chosen} if chosen else {})


# --- answers -------------------------------------------------------------------------------------


def answer(call: Caller, operation: str, request: dict[str, Any]) -> Any:
    """Return an answer or an error, without what nobody reads."""
    try:
        return plain(call(operation, request))
    except ClientError as error:
        response: Mapping[str, Any] = error.response
        reasons = [
            {"Code": one["Code"], "Item": plain(one.get("Item") or {})}
            for one in response.get("CancellationReasons", ())
        ]
        code = response["Error"]["Code"]
        return {"code": code, "reasons": reasons, "item": plain(response.get("Item") or {})}


def plain(value: Any) -> Any:
    """Return a value in which order, and the writing of numbers, make no difference."""
    if isinstance(value, Mapping):
        if set(value) == {"SS"}:
            return {"SS": sorted(value["SS"])}
        if set(value) == {"N"}:
            return {"N": float(value["N"])}
        return {name: plain(one) for name, one in sorted(value.items()) if name not in LEFT_OUT}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def unordered(operation: str, found: Any) -> Any:
    """Return an answer whose items of a batch are sorted: DynamoDB promises no order."""
    if operation == "BatchGetItem" and "Responses" in found:
        items = found["Responses"].get(TABLE, [])
        return {"Responses": sorted(items, key=lambda one: one["signal_id"]["S"])}
    return found


def model() -> DynamoDb:
    """Return the tables under test."""
    return DynamoDb(tables())


def compare(other: Caller, seed: int, count: int) -> None:
    """Check that the model answers seeded calls as another implementation does."""
    database = model()
    for number, (operation, request) in enumerate(calls(seed, count)):
        expected = unordered(operation, answer(other, operation, request))
        found = unordered(operation, answer(database.call, operation, request))
        if "LastEvaluatedKey" in found and "LastEvaluatedKey" not in expected:
            # DynamoDB gives the key of the very last item too; others stop there
            rest = request | {"ExclusiveStartKey": raw(found.pop("LastEvaluatedKey"))}
            assert database.call(operation, rest)["Count"] == 0, f"call {number}: {request}"
        assert found == expected, f"call {number}: {operation} {request}"


def raw(key_: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key whose numbers are written as DynamoDB writes them."""
    return {
        name: {kind: f"{value:g}" if kind == "N" else value for kind, value in one.items()}
        for name, one in key_.items()
    }
