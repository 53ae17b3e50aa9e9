"""A right that is taken away makes the test that is named for it fail."""

import json
from pathlib import Path

import pytest

from infra.local.permissions.drill import DEMANDED, WITHOUT, chosen_test, lacking, rounds, some
from infra.local.permissions.grants import Grant
from infra.local.permissions.page import DEMANDED_BY

READ = Grant("reader", "dynamodb:GetItem", "table signals")
WRITE = Grant("reader", "dynamodb:PutItem", "table signals")
LOG = Grant("reader", "logs:PutLogEvents", "its log")
POLL = Grant("reader", "kinesis:GetRecords", "feed")
A = ("tests/functions/test_a.py", "test_a")


def test_a_handlers_test_goes_before_one_of_the_template() -> None:
    flow = ("tests/flow/test_flow.py", "test_f")
    assert chosen_test((flow, DEMANDED_BY, A)) == "::".join(A)
    assert chosen_test((flow, DEMANDED_BY)) == DEMANDED
    with pytest.raises(ValueError, match="no test"):
        chosen_test((flow,))


def test_a_test_lacks_one_right_a_run_and_the_template_all_at_once() -> None:
    removed = {READ: (A,), WRITE: (A,), LOG: (DEMANDED_BY,), POLL: (DEMANDED_BY,)}
    name = "::".join(A)
    assert rounds(removed) == [{name: [READ], DEMANDED: [LOG, POLL]}, {name: [WRITE]}]


def test_the_same_seed_removes_the_same_rights() -> None:
    rows = [READ, WRITE, LOG, POLL]
    assert some(rows, 2, 7) == some(rows[::-1], 2, 7)
    assert some(rows, 9, 7) == sorted(rows)


def test_a_run_takes_rights_from_the_tests_that_its_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lacking("::".join(A)) == set()
    row = [READ.role, READ.action, READ.resource, READ.condition]
    (tmp_path / "without.json").write_text(json.dumps({"::".join(A): [row]}))
    monkeypatch.setenv(WITHOUT, str(tmp_path / "without.json"))
    assert lacking("::".join(A)) == {READ}
    assert lacking("tests/functions/test_b.py::test_b") == set()
