"""docs/api.md is what the routes generate."""

import pytest
from signalengine_aws.api import parameters as p
from signalengine_aws.api.routing import Route

from infra.build.api_docs import BEGIN, COMMAND, END, PAGE, page, section


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text()
    assert text == page(text), f"docs/api.md is stale: run {COMMAND}"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        page("# No markers")


def test_the_text_around_the_markers_stays() -> None:
    found = page(f"before\n{BEGIN}\nold\n{END}\nafter\n", [])
    assert found == f"before\n{BEGIN}\n\n\n{END}\nafter\n"


def test_a_section_has_summary_notes_parameters_and_example() -> None:
    def answer(*_: object) -> dict[str, int]:
        """Some notes."""
        return {}

    route = Route(
        "/x", "A thing", "T", answer, parameters=(p.limit(),), max_age_s=10, raises=("404",),
        example='{"x": 1}',
    )  # fmt: skip
    assert section(route) == (
        "### GET /x\n\nA thing. Cached for 10 s. May answer 404.\n\nSome notes.\n\n"
        "| parameter | values | meaning |\n|---|---|---|\n"
        "| `limit` | 1 to 200; default `50` | Rows of a page |\n\n"
        '```json\n{"x": 1}\n```\n'
    )
