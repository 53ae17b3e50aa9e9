"""The property list: read back as it was planned."""

import plistlib
from pathlib import Path

import pytest
from hypothesis import given

from infra.errors import CommandError
from infra.local.service.launchd_plist import read, render
from infra.local.service.plan import Plan
from tests.infra.local.service.plans import PLANS

LOG = Path("/logs/service.log")


@given(PLANS)
def test_a_plan_is_read_back_from_its_property_list(plan: Plan) -> None:
    assert read(render(plan, LOG)) == plan


def test_it_starts_at_log_in_and_again_after_a_failure(plan: Plan) -> None:
    content = plistlib.loads(render(plan, LOG).encode())
    assert content["RunAtLoad"]
    assert content["KeepAlive"] == {"SuccessfulExit": False}
    assert content["ThrottleInterval"] == 30
    assert content["Umask"] == 0o077
    assert content["StandardOutPath"] == content["StandardErrorPath"] == "/logs/service.log"


@pytest.mark.parametrize(
    "text", ["", "<plist/>", "[Service]", '<plist version="1.0"><dict/></plist>']
)
def test_another_file_is_no_property_list_of_ours(text: str) -> None:
    with pytest.raises(CommandError, match="not as `service install` writes it"):
        read(text)
