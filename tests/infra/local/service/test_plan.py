"""A plan's command can be read back; what no service file can hold is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from infra.errors import CommandError
from infra.local.service.plan import Plan, checked, plan_of
from tests.infra.local.service.plans import PLANS

PLAN = Plan(Path("/x/signalengine"), Path("/data"))


@given(PLANS)
def test_a_plan_is_read_back_from_its_command(plan: Plan) -> None:
    assert plan_of(plan.command, plan.path) == plan


def test_options_that_are_not_given_are_not_passed_on() -> None:
    assert PLAN.command == [
        "/x/signalengine", "up", "--source", "live", "--port", "8000", "--data-dir", "/data",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [[], ["/x"], ["/x", "down"], ["/x", "up"], ["/x", "up", "--source", "live", "--port", "x"],
     ["/x", "replay", *PLAN.command[2:]], PLAN.command[:-2], PLAN.command[:-1]],
)  # fmt: skip
def test_another_command_is_refused_with_the_remedy(command: list[str]) -> None:
    with pytest.raises(CommandError, match="not as `service install` writes it") as refused:
        plan_of(command, "")
    assert refused.value.fix == "Install it again: signalengine service install"


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, data_dir=Path("/a\nExecStartPre=/bin/rm")),
        replace(PLAN, symbols="a\x00b"),
        replace(PLAN, path="/a\n"),
        replace(PLAN, program=Path("/it's/signalengine")),
        replace(PLAN, program=Path("/a\\b/signalengine")),
        replace(PLAN, data_dir=Path("/data ")),
        replace(PLAN, data_dir=Path("/data\\")),
    ],
)
def test_what_a_service_file_cannot_hold_is_refused(plan: Plan) -> None:
    with pytest.raises(CommandError):
        checked(plan)


def test_an_ordinary_plan_is_accepted() -> None:
    assert checked(PLAN) is PLAN
