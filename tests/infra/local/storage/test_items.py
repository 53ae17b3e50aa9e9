"""The items of a table: as a dict of dicts, and a query's span has all rows that it needs."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.storage.items import (
    NO_RANGE,
    PAGE,
    Index,
    Items,
    indexes_of,
    is_number,
    span_of,
    typed,
)
from infra.local.storage.opening import opened
from infra.local.storage.store import Store

BY_DAY = Index("by_day", "day", "at", numeric=True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = opened(tmp_path_factory.mktemp("data"), "live")
    yield found.store
    found.close()


def item(series: str, at: int, day: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"series": {"S": series}, "at": {"N": str(at)}}
    return found if day is None else {**found, "day": {"S": day}}


def table(store: Store, name: str) -> Items:
    return Items(store, name, "series", "at", True, {"by_day": BY_DAY})


STEPS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from("ab"),
        st.integers(-3, 12),
        st.sampled_from([None, "mo", "tu"]),
    ),
    max_size=30,
)
NUMBERS = iter(range(10_000))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_items_and_indexes_are_those_of_a_dict(store: Store, steps: list[Any]) -> None:
    items, model = table(store, f"t{next(NUMBERS)}"), dict[tuple[str, int], Any]()
    for put, series, at, day in steps:
        new = item(series, at, day)
        if put:
            assert items.put(series, str(at), new) == model.get((series, at))
            model[series, at] = new
        else:
            assert items.remove(series, str(at)) == model.pop((series, at), None)
    assert {key: bucket.values() for key, bucket in items.items()} == {
        key: [model[one] for one in sorted(model) if one[0] == key]
        for key in sorted({key for key, _ in model})
    }
    for day in ("mo", "tu"):
        found = items.members()["by_day"].get(day)
        rows = [one for one in model.values() if one.get("day") == {"S": day}]
        rows.sort(key=lambda one: (int(one["at"]["N"]), one["series"]["S"]))
        assert [items[key][at] for key, at in found] == rows
    store.rollback()


CONDITIONS = {
    "": lambda _at, _a, _b: True,
    "AND #1 = :a": lambda at, a, _b: at == a,
    "AND #1 < :a": lambda at, a, _b: at < a,
    "AND #1 <= :a": lambda at, a, _b: at <= a,
    "AND #1 > :a": lambda at, a, _b: at > a,
    "AND #1 >= :a": lambda at, a, _b: at >= a,
    "AND #1 BETWEEN :a AND :b": lambda at, a, b: a <= at <= b,
    "AND :a < #1": lambda at, a, _b: a < at,
}


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    places=st.sets(st.integers(-4, 15), max_size=12),
    condition=st.sampled_from(list(CONDITIONS)),
    bounds=st.tuples(st.integers(-4, 15), st.integers(-4, 15)),
    forward=st.booleans(),
    limit=st.none() | st.integers(1, 5),
    start=st.none() | st.integers(-4, 15),
    index=st.booleans(),
)
def test_a_span_has_every_row_of_a_page_in_its_order(
    store: Store,
    places: set[int],
    condition: str,
    bounds: tuple[int, int],
    forward: bool,
    limit: int | None,
    start: int | None,
    index: bool,
) -> None:
    items, (a, b) = table(store, f"t{next(NUMBERS)}"), sorted(bounds)
    for at in places:
        items.put("s", str(at), item("s", at, "mo"))
    request: dict[str, Any] = {
        "KeyConditionExpression": f"#0 = :key {condition}",
        "ExpressionAttributeNames": {"#0": "day" if index else "series", "#1": "at"},
        "ExpressionAttributeValues": {":a": {"N": str(a)}, ":b": {"N": str(b)}},
        "ScanIndexForward": forward,
        **({"Limit": limit} if limit else {}),
        **({"IndexName": "by_day"} if index else {}),
        **({"ExclusiveStartKey": item("s", start, "mo")} if start is not None else {}),
    }
    ordered = sorted(places, reverse=not forward)
    wanted = [
        at
        for at in ordered
        if CONDITIONS[condition](at, a, b)
        and (start is None or (at > start if forward else at < start))
    ][:limit]
    with items.narrowed(span_of(request, items)):
        if index:
            found = [int(at) for _, at in items.members()["by_day"].get("mo")]
        else:
            found = [int(row["at"]["N"]) for row in items["s"].values()]
    assert [at for at in found if at in wanted] == wanted
    assert found == sorted(found, reverse=not forward)
    store.rollback()


def test_a_page_reads_no_more_than_it_can_hold(store: Store) -> None:
    items = table(store, "large")
    items.size_of = lambda _item: 100_000
    for at in range(60):
        items.put("s", str(at), item("s", at, None))
    request = {
        "KeyConditionExpression": "#0 = :key AND #1 > :a",
        "ExpressionAttributeNames": {"#0": "series", "#1": "at"},
        "ExpressionAttributeValues": {":a": {"N": "9"}},
    }
    with items.narrowed(span_of(request, items)):
        found = [int(row["at"]["N"]) for row in items["s"].values()]
    assert found == list(range(9, 9 + PAGE // 100_000 + 1))
    assert len(items["s"].values()) == 60
    store.rollback()


def test_a_table_without_a_range_key_has_one_item_a_partition(store: Store) -> None:
    items = Items(store, "plain", "id", None, False, {}, expires_name="ttl")
    assert items.put("x", NO_RANGE, {"id": {"S": "x"}, "ttl": {"N": "17"}}) is None
    assert items["x"][NO_RANGE] == {"id": {"S": "x"}, "ttl": {"N": "17"}}
    assert NO_RANGE in items.get("x")
    assert "other" not in items.get("x")
    assert store.expired(items.source, 16, 9) == []
    assert store.expired(items.source, 17, 9) == [("x", NO_RANGE)]
    with pytest.raises(KeyError):
        items["y"][NO_RANGE]
    assert list(items) == ["x"]
    assert len(items) == 1
    assert len(items["x"]) == 1
    store.rollback()


def test_numbers_are_ordered_as_numbers_and_others_as_text() -> None:
    assert typed("17", numeric=True) == 17
    assert typed("017", numeric=True) == "017"
    assert typed("1.5", numeric=True) == "1.5"
    assert typed(str(2**64), numeric=True) == str(2**64)
    assert typed("17", numeric=False) == "17"


def test_the_indexes_of_a_table_are_read_from_its_description() -> None:
    definitions = [
        {"AttributeName": "at", "AttributeType": "N"},
        {"AttributeName": "day", "AttributeType": "S"},
    ]
    schema = [
        {"AttributeName": "day", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ]
    described = {
        "AttributeDefinitions": definitions,
        "GlobalSecondaryIndexes": [{"IndexName": "by_day", "KeySchema": schema}],
    }
    assert indexes_of(described) == {"by_day": BY_DAY}
    assert is_number(definitions, "at")
    assert not is_number(definitions, None)
    described["GlobalSecondaryIndexes"][0]["KeySchema"] = [*schema, schema[0]]  # type: ignore[index]
    with pytest.raises(ValueError, match="several attributes"):
        indexes_of(described)


def test_what_is_kept_survives_the_process(tmp_path: Path) -> None:
    found = opened(tmp_path, "live")
    table(found.store, "t").put("s", "1", item("s", 1, "mo"))
    found.close()
    found = opened(tmp_path, "live")
    assert table(found.store, "t")["s"]["1"] == item("s", 1, "mo")
    assert table(found.store, "t").members()["by_day"].get("mo") == [("s", "1")]
    found.close()


def test_every_statement_reads_by_an_index(store: Store) -> None:
    """Expired items are found by their time, the rest by their source; only places are all read."""
    said: list[str] = []
    connection: Any = store._connection
    connection.set_trace_callback(said.append)
    items = table(store, "plans")
    items.put("s", "1", item("s", 1, "mo"))
    items.remove("s", "1")
    store.expired(items.source, 17, 9)
    store.messages(items.source)
    store.delete_messages(items.source, ["one"])
    store.records(items.source)
    store.trim(items.source, 2)
    for reading in (items.keys(), items["s"].values(), items["s"].keys(), store.places()):
        assert reading == []
    assert store.count(items.source) == 0
    assert items.members()["by_day"].get("mo") == []
    store.clear(items.source)
    connection.set_trace_callback(None)
    plans = {
        statement: [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        for statement in said
        if statement.startswith(("SELECT", "DELETE", "INSERT"))
    }
    scanned = [one for one, plan in plans.items() if any("SCAN" in step for step in plan)]
    assert scanned == ["SELECT consumer, source, position FROM place"]
    (expired,) = [plan for one, plan in plans.items() if "expires <=" in one]
    assert expired == ["SEARCH item USING INDEX item_expires (expires<?)"]
    store.rollback()


USES = st.lists(
    st.sampled_from(["commit", "rollback"]) | st.tuples(st.sampled_from("abc"), st.integers(0, 3)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(uses=USES)
def test_a_table_keeps_its_number_whichever_commit_fails(uses: list[Any]) -> None:
    """Tables and indexes that a group of calls made are used on after the group was refused."""
    with tempfile.TemporaryDirectory() as folder:
        found = opened(Path(folder), "live")
        tables: dict[str, Items] = {}
        written, committed = dict[str, dict[int, Any]](), dict[str, dict[int, Any]]()
        for use in uses:
            if use == "commit":
                found.store.commit()
                committed = copy.deepcopy(written)
            elif use == "rollback":
                found.store.rollback()
                written = copy.deepcopy(committed)
            else:
                name, at = use
                tables.setdefault(name, table(found.store, name))
                new = item(name, at, "mo")
                tables[name].put("s", str(at), new)
                written.setdefault(name, {})[at] = new
        found.store.rollback()
        found.close()
        found = opened(Path(folder), "live")
        for name in "abc":
            rows, again = committed.get(name, {}), table(found.store, name)
            assert again["s"].values() == [rows[at] for at in sorted(rows)]
            assert again.members()["by_day"].get("mo") == [("s", str(at)) for at in sorted(rows)]
        found.close()


DEFINITIONS = st.dictionaries(
    st.sampled_from(["one", "two"]),
    st.sampled_from([("day", "at", True), ("day", "", False), ("series", "day", False)]),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(releases=st.lists(DEFINITIONS, min_size=1, max_size=5))
def test_an_index_has_all_items_whenever_it_was_defined(
    store: Store, releases: list[dict[str, tuple[str, str, bool]]]
) -> None:
    """Releases add, change, take away and bring back indexes of a table that has items."""
    name, rows = f"t{next(NUMBERS)}", dict[tuple[str, str], dict[str, Any]]()
    before: dict[str, tuple[str, str, bool]] = {}
    for at, defined in enumerate(releases):
        indexes = {one: Index(one, *parts) for one, parts in defined.items()}
        items = Items(store, name, "series", "at", True, indexes)
        assert items.index_anew() == (before != defined)
        before = defined
        for series, day in (("a", "mo"), ("b", None)):
            rows[series, str(at)] = item(series, at, day)
            items.put(series, str(at), rows[series, str(at)])
        for one, (hash_name, range_name, _) in defined.items():
            having = {
                key: row[hash_name]["S"]
                for key, row in rows.items()
                if hash_name in row and (range_name or hash_name) in row
            }
            for value in ("a", "b", "mo"):
                found = items.members()[one].get(value)
                assert sorted(found) == sorted(key for key in having if having[key] == value)
    store.rollback()
