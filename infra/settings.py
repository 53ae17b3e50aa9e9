"""What one deployment is: its stage, and the context of the CDK that describes it.

A stage is one whole system, with its own stacks, tables and secrets: several may share an account
and a region. Nothing here needs the CDK.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .assets import Wheels
from .names import REGION, STACK, checked_region

WHEELS: Final[tuple[Wheels, ...]] = ("arm64", "local")
KEYS: Final = ("stage", "region", "wheels", "policy", "strategies")
"""The context that the application reads (`-c key=value`)."""
PRODUCTION: Final = "prod"
_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage by its name; "" is the only one of who needs no more, and of a local run."""

    name: str = ""

    @property
    def code(self) -> str:
        """The stack of everything that can be made again: functions, queues, the ingest task."""
        return STACK + self._suffix

    @property
    def data(self) -> str:
        """The stack of what has to outlive it: tables, archive, secrets."""
        return f"{STACK}Data{self._suffix}"

    @property
    def stacks(self) -> tuple[str, str]:
        """Both, in the order of their deployment."""
        return self.data, self.code

    def reference(self, path: str) -> str:
        """Return the name of the SSM parameter by which the code finds something of the data."""
        return f"/{self.code}/{path}"

    def parameter(self, name: str) -> str:
        """Return the name of the encrypted parameter in SSM that has a secret, if any has."""
        return f"/{self.code}/secure/{name}"

    @property
    def protected(self) -> bool:
        """Whether AWS refuses to delete the stack of the code as well; that of the data always."""
        return self.name == PRODUCTION

    @property
    def _suffix(self) -> str:
        return f"-{self.name}" if self.name else ""


ONLY: Final = Stage()


@dataclass(frozen=True, slots=True)
class Deployment:
    """The settings of a synthesis."""

    stage: Stage
    region: str
    wheels: Wheels
    policy: str | None
    """The path of a policy file, None for the one in the core."""
    strategies: str | None = None
    """The path of a folder of strategies, None for those of the core alone."""


def strategy_folder(environ: Mapping[str, str]) -> Path | None:
    """Return the folder of a user's strategies that are deployed; None when there is none."""
    folder = Path(environ.get("STRATEGIES") or "strategies").expanduser()
    return folder.resolve() if folder.is_dir() else None


def checked_stage(name: str) -> Stage:
    """Return the stage of a name; raises ValueError for one that no stack can have."""
    if name and not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no stage: a small letter, and then up to 15 small letters and digits, "
            "for example dev or prod"
        )
    return Stage(name)


def deployment(context: Mapping[str, Any]) -> Deployment:
    """Return what a context describes; raises ValueError for a key or a value that is unknown.

    Keys with a colon or a slash are the CDK's own.
    """
    given = {key: value for key, value in context.items() if ":" not in key and "/" not in key}
    unknown = sorted(given.keys() - set(KEYS))
    if unknown:
        raise ValueError(f"unknown context: {', '.join(unknown)}; known: {', '.join(KEYS)}")
    wheels = given.get("wheels", "arm64")
    if wheels not in WHEELS:
        raise ValueError(f"unknown wheels: {wheels}; known: {', '.join(WHEELS)}")
    return Deployment(
        checked_stage(str(given.get("stage", ""))),
        checked_region(str(given.get("region") or REGION)),
        wheels,
        given.get("policy"),
        given.get("strategies"),
    )
