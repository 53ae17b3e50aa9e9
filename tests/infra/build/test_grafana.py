"""Grafana's dashboard: written from its module, readable, and without panels over each other."""

import json
from itertools import combinations
from typing import Any

import promql_parser
import pytest

from infra.build.grafana import COLUMNS, FILE, ROWS, dashboard, queries

PANELS = dashboard()["panels"]


def test_the_file_is_what_the_module_writes() -> None:
    message = "run python -m infra.build.grafana"
    assert json.loads(FILE.read_text()) == dashboard(), message


@pytest.mark.parametrize("query", queries())
def test_each_query_is_promql(query: str) -> None:
    promql_parser.parse(query.replace("$__interval", "30s"))


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    columns = range(place["x"], place["x"] + place["w"])
    return {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}


def test_panels_lie_side_by_side() -> None:
    for one, other in combinations(PANELS, 2):
        assert not cells(one) & cells(other), (one["title"], other["title"])
    assert max(x for panel in PANELS for x, _ in cells(panel)) == COLUMNS - 1
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_each_panel_asks_the_source_that_is_provisioned() -> None:
    shown = [panel for panel in PANELS if panel["type"] != "row"]
    assert len(shown) == sum(map(len, ROWS.values()))
    for panel in shown:
        assert panel["targets"], panel["title"]
        sources = [panel["datasource"], *(one["datasource"] for one in panel["targets"])]
        assert {one["uid"] for one in sources} == {"prometheus"}


def test_the_win_rate_is_shown_with_its_number() -> None:
    titles = [panel["title"] for panel in PANELS]
    assert titles[titles.index("Win rate") + 1] == "N, closed"
