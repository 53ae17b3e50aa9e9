"""One synthesis for all tests of the stack: the very assembly that a local run deploys."""

import pytest

from infra.local.stack.assembly import Assembly, synthesise

from .template import Template


@pytest.fixture(scope="session")
def assembly() -> Assembly:
    """The cloud assembly, from the cache if no source has changed."""
    return synthesise()


@pytest.fixture(scope="session")
def template(assembly: Assembly) -> Template:
    """Its template."""
    return Template(assembly.template)
