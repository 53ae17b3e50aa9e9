"""The health check of the image."""

import os
from pathlib import Path

import pytest

from infra.local.container.check import checked
from infra.local.service.health import Health
from infra.local.stack.running import Access, Addresses, Running, remember
from tests.infra.local.service.test_health import ILL, WELL, answering

pytestmark = pytest.mark.enable_socket


def running_at(folder: Path, port: int) -> None:
    page = f"http://localhost:{port}/"
    addresses = Addresses(page, f"{page}api", f"ws://localhost:{port}/ws/feed", None, None, "")
    access = Access("", "", None, None)
    remember(folder, Running(os.getpid(), 0, "live", "1", addresses, {}, access))


@pytest.mark.parametrize(("body", "is_ok"), [(WELL, True), (ILL, False)])
def test_it_is_the_health_at_the_front_door(body: bytes, is_ok: bool, tmp_path: Path) -> None:
    with answering(body) as port:
        running_at(tmp_path, port)
        assert checked(tmp_path).is_ok is is_ok


def test_a_system_that_has_not_started_is_not_well(tmp_path: Path) -> None:
    assert checked(tmp_path) == Health("no answer", "it has not started yet")
