"""A user of this machine with stand-ins of the service managers."""

from pathlib import Path

import pytest

from infra.local.service.plan import Plan
from tests.infra.local.service.programs import Programs


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    program = tmp_path / "signalengine"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return Plan(program, tmp_path / "data", symbols="top:20", port=8123)
