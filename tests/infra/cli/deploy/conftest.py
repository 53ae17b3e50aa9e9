"""An AWS account for the checks before a deployment."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from infra.cli.cloud import AwsCloud
from infra.names import REGION

from .aws_limits import LimitsServer, limits_server


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[LimitsServer]:
    with limits_server() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def cloud(limits: LimitsServer) -> Iterator[AwsCloud]:
    """A new account: nothing is bootstrapped, no service has made its role."""
    with mock_aws():
        yield AwsCloud(REGION)
