"""The stack that a command reaches: deployed, or running here."""

from pathlib import Path

import pytest

from infra.cli import cloud
from infra.cli.cloud import StackState
from infra.cli.deliveries.stack import StackAccess, access
from infra.errors import CommandError


class FakeCloud:
    """A region with one stack."""

    def __init__(self, region: str) -> None:
        self.region = region

    def stack(self, name: str) -> StackState | None:
        found = StackState("CREATE_COMPLETE", {"SignalsTable": "signals"})
        return found if name == "SignalEngine" else None


def test_a_deployed_stack_is_reached_in_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "AwsCloud", FakeCloud)
    found = access("SignalEngine", "eu-central-1")
    assert found == StackAccess({"SignalsTable": "signals"}, {"region_name": "eu-central-1"})
    with pytest.raises(CommandError, match="there is no stack Other in eu-central-1"):
        access("Other", "eu-central-1")


@pytest.mark.parametrize("name", [None, "local"])
def test_without_a_system_here_there_is_no_stack(name: str | None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no SignalEngine runs here"):
        access(name, state_dir=tmp_path)
