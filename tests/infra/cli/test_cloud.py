"""AWS requests: missing credentials are reported with the fix."""

import pytest

from tests.infra.cli.conftest import Cli


def test_missing_credentials_are_reported_with_the_fix(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    result = cli("status", "--stack", "Prod")
    assert result.code == 1
    assert "no usable AWS credentials" in result.err
    assert "AWS_PROFILE" in result.err
