"""The handlers of these tests have the rights that docs/permissions.md lists, and no others.

A call beyond them is refused as IAM refuses it, and fails its test also where the code goes on. A
test that the page names for a right has to use it.

PERMISSIONS_SEEN=folder has a run leave there which test used what, for the command `write` of
`python -m infra.local.permissions`; its command `drill` takes rights away.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.permissions.calls import name_by, needs
from infra.local.permissions.grants import Grant, variable_name
from infra.local.permissions.page import PAGE, Tests, read

SEEN = "PERMISSIONS_SEEN"


class Rights:
    """What the function that runs may do, and what it did."""

    def __init__(self, page: Mapping[Grant, Tests]) -> None:
        self.granted = {
            (one.role, one.action, one.resource.partition(" (")[0]): one for one in page
        }
        self.tests = page
        self.role = ""
        self.used: set[Grant] = set()
        self.refused: set[tuple[str, str, str]] = set()
        self.removed: set[Grant] = set()

    @contextmanager
    def of(self, role: str) -> Iterator[None]:
        """Let calls be made with a function's role."""
        before, self.role = self.role, role
        try:
            yield
        finally:
            self.role = before

    def check(self, *, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """Note a call that a client is about to make; raise where the role does not allow it."""
        if not self.role:
            return
        name = name_by(os.environ, variable_name)
        needed = needs(model.service_model.service_name, model.name, params, name)
        parts = [one for item in params.get("TransactItems", ()) for one in item.values()]
        of = parts or [params] * len(needed)  # a part of a transaction needs a right of its own
        for (action, resource), part in zip(needed, of, strict=True):
            grant = self._grant(action, resource, part)
            if grant is None or grant in self.removed:
                self.refused.add((self.role, action, resource))
                raise ClientError(denied(self.role, action, resource), model.name)
            self.used.add(grant)

    def _grant(self, action: str, resource: str, params: Mapping[str, Any]) -> Grant | None:
        """Return the right for a resource, or for the one item or object that a call is about."""
        names = [resource]
        if resource.endswith("/*"):
            names.append(f"{resource.removesuffix('*')}{params.get('Key')}")
        found = (self.granted.get((self.role, action, name)) for name in names)
        grant = next((one for one in found if one is not None), None)
        limits = (
            set(grant.resource.partition(" (")[2].removesuffix(")").split(", ")) if grant else {""}
        )
        return grant if limits == {""} or limits & set(_keys(params)) else None

    def named_for(self, file: str, name: str) -> set[Grant]:
        """Return the rights for which the page names a test."""
        return {grant for grant, tests in self.tests.items() if (file, name) in tests}


def _limits(grant: Grant) -> frozenset[str]:
    """Return the keys of the items that a right is for; none: of all."""
    _, found, keys = grant.resource.removesuffix(")").partition(" (")
    return frozenset(keys.split(", ") if found else ())


def _keys(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that may be the key of an item, or of the items that are asked for."""
    for name in ("Item", "Key", "ExpressionAttributeValues"):
        given = params.get(name)
        for value in given.values() if isinstance(given, Mapping) else ():
            if "S" in value:
                yield value["S"]


def denied(role: str, action: str, resource: str) -> Any:
    message = f"{role} is not authorized to perform {action} on {resource}"
    metadata = {"HTTPStatusCode": 400}
    error = {"Code": "AccessDeniedException", "Message": message}
    return {"Error": error, "ResponseMetadata": metadata}


def handlers() -> dict[str, Any]:
    """The handlers' modules that are imported, by their functions' names."""
    return {
        name.split(".")[1]: module
        for name, module in sys.modules.items()
        if name.startswith("functions.") and name.endswith(".handler")
    }


Invocation = Callable[[Any], AbstractContextManager[Any]]


def with_role(rights: Rights, role: str, invocation: Invocation) -> Invocation:
    """Return an invocation during which calls are made with a role."""

    @contextmanager
    def invoked(context: Any) -> Iterator[Any]:
        with rights.of(role), invocation(context) as line:
            yield line

    return invoked


def granted() -> dict[Grant, Tests]:
    """The rights of the page."""
    return read(PAGE.read_text())


class Seen:
    """Which tests used which rights; written at the end of the run."""

    def __init__(self) -> None:
        self._tests: dict[str, list[list[Any]]] = {}

    def add(self, test: str, used: set[Grant]) -> None:
        rows = [[one.role, one.action, one.resource, one.condition] for one in sorted(used)]
        self._tests.setdefault(test, []).append(rows)

    def write(self) -> None:
        folder = os.environ.get(SEEN)
        if folder and self._tests:
            path = Path(folder) / f"{os.getpid()}.json"
            path.write_text(json.dumps(self._tests))
