"""docs/settings.md is what the list of settings generates."""

import pytest

from infra.local.settings.page import COMMAND, PAGE, page, tables
from infra.local.settings.table import UNUSED, VARIABLES


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text()
    assert text == page(text), f"docs/settings.md is stale: run {COMMAND}"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        page("# No markers")


def test_each_name_is_in_the_tables() -> None:
    text = "\n".join(tables())
    assert all(f"`{name}`" in text for name in VARIABLES)
    assert all(f"| `{one.name}` | without use: {one.instead} |" in text for one in UNUSED)
