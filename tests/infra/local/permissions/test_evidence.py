"""The tests that the page names are those that use a right in each of their runs."""

import json
from pathlib import Path

from infra.local.permissions.evidence import chosen, seen
from infra.local.permissions.grants import Grant

READ = Grant("reader", "dynamodb:GetItem", "table signals")
WRITE = Grant("reader", "dynamodb:PutItem", "table signals")
A, B, FLOW = "tests/functions/test_a.py", "tests/functions/test_reader.py", "tests/flow/test_f.py"


def test_what_processes_left_is_put_together(tmp_path: Path) -> None:
    row = [READ.role, READ.action, READ.resource, READ.condition]
    (tmp_path / "1.json").write_text(json.dumps({f"{A}::test_a": [[row], []]}))
    (tmp_path / "2.json").write_text(json.dumps({f"{A}::test_a": [[row]]}))
    assert seen(tmp_path) == {f"{A}::test_a": [{READ}, set(), {READ}]}


def test_a_test_that_does_not_always_use_a_right_is_not_named() -> None:
    runs = {f"{A}::test_a": [{READ, WRITE}, {READ}]}
    assert chosen([READ, WRITE], runs, {}) == {READ: ((A, "test_a"),), WRITE: ()}


def test_it_is_one_of_the_embedded_aws_and_one_of_the_functions_own() -> None:
    runs = {f"{A}::test_a": [{READ}], f"{B}::test_b": [{READ}], f"{FLOW}::test_f": [{READ}]}
    assert chosen([READ], runs, {}) == {READ: ((FLOW, "test_f"), (B, "test_b"))}


def test_a_test_stays_until_it_no_longer_uses_the_right() -> None:
    before = {READ: ((A, "test_a"),)}
    both = {f"{A}::test_a": [{READ}], f"{B}::test_b": [{READ}]}
    assert chosen([READ], both, before) == before
    assert chosen([READ], {}, before) == before
    changed = {f"{A}::test_a": [set[Grant]()], f"{B}::test_b": [{READ}]}
    assert chosen([READ], changed, before) == {READ: ((B, "test_b"),)}


def test_what_examples_decide_is_not_named() -> None:
    runs = {"tests/functions/test_api_hostile.py::test_a": [{READ}]}
    assert chosen([READ], runs, {}) == {READ: ()}
