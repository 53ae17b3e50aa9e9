"""docs/faults.md is complete: every scenario, every kind of fault with its fields."""

import pytest

from infra.local.exchange.faults.schedule import FORMS
from infra.local.faults.scenarios import SCENARIOS
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "faults.md").read_text()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_documented_in_its_own_words(name: str) -> None:
    assert f"| `{name}` | {SCENARIOS[name].words} |" in PAGE


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_fault_is_documented_with_its_fields(kind: str) -> None:
    row = next(
        line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` | {FORMS[kind].does}")
    )
    assert all(f"`{name}`" in row for name in FORMS[kind].takes)
