"""docs/permissions.md has each right of the template, and for each a test that exists."""

import pytest

from infra.local.permissions.by_aws import uses
from infra.local.permissions.drill import chosen_test
from infra.local.permissions.grants import Grant, grants
from infra.local.permissions.page import COMMAND, DEMANDED_BY, PAGE, read, written
from tests.architecture.named_tests import missing_tests
from tests.infra.template import Template

from .samples import TEMPLATE

HEAD = f"# Title\n\n<!-- the rest is written by `{COMMAND}` -->\n"


def test_the_page_is_up_to_date(template: Template) -> None:
    text = PAGE.read_text()
    found = written(text, grants(template.body), uses(template.body), read(text))
    assert text == found, f"docs/permissions.md is stale: run {COMMAND}"


def test_every_right_is_used_in_a_test_that_exists() -> None:
    text = PAGE.read_text()
    rows = read(text)
    assert [grant for grant, tests in rows.items() if not tests] == []
    assert missing_tests(text) == []


def test_every_right_has_a_test_that_can_be_run_without_it() -> None:
    for tests in read(PAGE.read_text()).values():
        assert chosen_test(tests)


def test_what_is_written_is_read() -> None:
    rows = grants(TEMPLATE)
    tests = dict.fromkeys(rows, (("tests/a.py", "test_a"), ("tests/b.py", "test_b")))
    found = read(written(HEAD, rows, uses(TEMPLATE), tests))
    assert list(found) == rows
    assert found[rows[1]] == tests[rows[1]]
    assert found[rows[0]] == (*tests[rows[0]], DEMANDED_BY)
    again = written(written(HEAD, rows, uses(TEMPLATE), tests), rows, uses(TEMPLATE), found)
    assert again == written(HEAD, rows, uses(TEMPLATE), tests)


def test_a_right_without_a_test_is_a_row_without_one() -> None:
    row = Grant("reader", "dynamodb:GetItem", "table signals", "OnAws")
    assert read(written(HEAD, [row], {}, {})) == {row: ()}


def test_a_page_without_the_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        written("# Title", [], {}, {})
