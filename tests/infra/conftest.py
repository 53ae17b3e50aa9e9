"""One synthesis for all tests of the stack: the very assembly that a local run deploys."""

import pytest

from infra.local.permissions.drill import lacking
from infra.local.permissions.grants import without
from infra.local.stack.assembly import Assembly, synthesise

from .template import Template


@pytest.fixture(scope="session")
def assembly() -> Assembly:
    """The cloud assembly, from the cache if no source has changed."""
    return synthesise()


@pytest.fixture(scope="session")
def template(assembly: Assembly) -> Template:
    """The template of the code's stack, without the rights that a drill has removed."""
    removed = lacking("tests/infra/")
    return Template(without(assembly.template, removed) if removed else assembly.template)


@pytest.fixture(scope="session")
def data(assembly: Assembly) -> Template:
    """The template of the data's stack."""
    return Template(assembly.data)
