"""What every test lives under: no sockets, no AWS account, no chance.

Sockets are closed. Tests that talk to a server of their own, on loopback, live in one of the
folders below or carry `@pytest.mark.enable_socket`; loopback is all that they reach.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from hypothesis import settings

from infra.build.proxies import unify

TESTS = Path(__file__).parent
WITH_LOOPBACK = ("browser", "flow", "ingest_task", "infra/local")
LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# Examples follow from the test, so a test that passed passes again; but Hypothesis also tries the
# constants of the modules that are imported, which under xdist are others in each run. To look for
# new ones: HYPOTHESIS_PROFILE=explore make test
settings.register_profile("repeat", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))

unify(os.environ)
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_REGION": "ap-northeast-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close sockets, or open loopback, before anything of the test runs."""
    if may_use_loopback(item):
        pytest_socket.enable_socket()
        pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse two tests with one id; give a failed test of real servers a second try."""
    check_ids(items)
    for item in filter(may_use_loopback, items):
        item.add_marker(pytest.mark.flaky(reruns=1))  # the summary lists it as a rerun


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute the tests of several workers."""
    from tests.scheduling import SharedMarketScheduling  # needs xdist, as the hook does

    return SharedMarketScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def check_ids(items: list[pytest.Item]) -> None:
    """Each test has an id of its own: of two with one id, xdist runs one and says nothing."""
    ids = Counter(item.nodeid for item in items)
    twice = [nodeid for nodeid, count in ids.items() if count > 1]
    if twice:
        raise pytest.UsageError(f"several tests have one id: {twice}")


def may_use_loopback(item: pytest.Item) -> bool:
    """By its folder or by its mark."""
    by_folder = any(item.path.is_relative_to(TESTS / folder) for folder in WITH_LOOPBACK)
    return by_folder or item.get_closest_marker("enable_socket") is not None
