"""The lines of the checks, for people and for programs."""

import io

import pytest
from rich.console import Console

from infra.cli.deploy.checks import Check, document, looked_up, passed, print_checks
from infra.errors import CommandError

GOOD = Check("region", "ap-northeast-1")
ADVICE = Check("Lambda", "10 executions", "ask for more", required=False)
BAD = Check("Docker", "is not running", "start Docker")


@pytest.mark.parametrize(
    ("checks", "fine"), [([], True), ([GOOD, ADVICE], True), ([GOOD, BAD, ADVICE], False)]
)
def test_only_what_is_required_prevents_a_deployment(checks: list[Check], fine: bool) -> None:
    assert passed(checks) == fine


def test_each_line_says_ok_or_the_fix() -> None:
    out = io.StringIO()
    print_checks([GOOD, ADVICE, BAD], Console(file=out, width=60))
    assert out.getvalue().splitlines() == [
        "✓ region ap-northeast-1",
        "! Lambda 10 executions",
        "  ask for more",
        "✗ Docker is not running",
        "  start Docker",
    ]


def test_programs_get_the_same() -> None:
    assert document([GOOD, BAD]) == {
        "ok": False,
        "checks": [
            {"name": "region", "state": "ok", "found": "ap-northeast-1", "fix": None},
            {
                "name": "Docker", "state": "failed", "found": "is not running",
                "fix": "start Docker",
            },
        ],
    }  # fmt: skip


def test_what_cannot_be_looked_up_is_advice() -> None:
    def refused() -> Check:
        raise CommandError("AWS refused the request", "these credentials lack the permission")

    check = looked_up("quota", refused)
    assert (check.state, check.found) == ("advice", "unknown: AWS refused the request")
    assert looked_up("quota", lambda: GOOD) is GOOD
