"""What the status of a service looks like."""

from dataclasses import replace

import pytest

from infra.cli.service.view import rows, shown
from infra.local.service.disk import Disk
from infra.local.service.health import Health
from infra.local.service.installed import Report
from infra.local.service.plan import State

WELL = Report(
    "/unit",
    State("running", 7, enabled=True, restarts=0),
    Health("ok"),
    93_784.0,
    Disk(12_000_000, 3_400_000_000),
    "/data",
    8000,
)


def test_a_service_that_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    shown(WELL, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "service   running",
        "health    ok",
        "uptime    1 d 2 h",
        "at start  enabled",
        "disk      12 MB used, 3,400 MB free",
        "data      /data",
        "address   http://localhost:8000/",
    ]
    assert [well for _, _, well in rows(WELL)][:2] == [True, True]


def test_a_service_that_has_failed_says_why() -> None:
    failed = replace(
        WELL,
        state=State("failed", result="exit-code", restarts=4),
        health=Health("no answer", "not running"),
        uptime_s=None,
    )
    (_, service, is_well), (_, health, _), (_, uptime, _), (_, enabled, _), *_ = rows(failed)
    assert service == "failed (exit-code); signalengine service logs · 4 restarts"
    assert (is_well, health) == (False, "no answer · not running")
    assert (uptime, enabled) == ("not running", "disabled")


def test_what_is_not_well_is_named() -> None:
    ill = replace(WELL, health=Health("degraded", "", ("feed", "telegram")))
    assert ("health", "degraded · feed · telegram", False) in list(rows(ill))
