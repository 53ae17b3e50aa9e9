"""The CDK application."""

from pathlib import Path

import pytest
from signalengine.errors import PolicyError

from infra.app import checked_policy


def test_an_invalid_policy_is_refused_before_it_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"name": "half"}')
    with pytest.raises(PolicyError, match="lacks field"):
        checked_policy(str(tmp_path / "policy.json"))
    assert checked_policy(None) is None
