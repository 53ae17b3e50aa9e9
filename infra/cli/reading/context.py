"""What every reading command has in common: which stack, JSON or words, whose clock.

    @reads
    def symbols(asked: Asked) -> None: ...

is a command with its own options and these.
"""

import inspect
import json
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from infra.cli.reading.target import Where, resolve
from infra.local.stack.options import STATE_DIR

if TYPE_CHECKING:  # slow to import, and help goes without them
    from rich.console import RenderableType

    from infra.cli.reading.client import Api
    from infra.cli.views.page import Page

P = ParamSpec("P")
WHICH, OUTPUT = "Which stack", "Output"

StackOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="A CloudFormation stack by its name, or 'local'. Default: the one running here. "
        "(env SIGNALENGINE_STACK)",
        rich_help_panel=WHICH,
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The HTTP API's address itself. (env SIGNALENGINE_URL)",
        rich_help_panel=WHICH,
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        help="If the stack wants one; better in the environment. (env SIGNALENGINE_TOKEN)",
        rich_help_panel=WHICH,
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="Where --stack is; default ap-northeast-1. (env SIGNALENGINE_REGION)",
        rich_help_panel=WHICH,
    ),
]
StateOption = Annotated[
    Path,
    typer.Option(help="The state folder of a system running here.", rich_help_panel=WHICH),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs.", rich_help_panel=OUTPUT)
]
LocalOption = Annotated[
    bool,
    typer.Option("--local", help="Show times of this machine's zone.", rich_help_panel=OUTPUT),
]


class ReadContext:
    """One reading command: the stack it asks, and how it answers."""

    def __init__(self, where: Where, *, as_json: bool = False, local: bool = False) -> None:
        self.where = where
        self.as_json = as_json
        self.local = local

    @cached_property
    def api(self) -> "Api":
        """The stack's API; raises CommandError when there is no stack."""
        from infra.cli.reading.client import Api

        return Api(resolve(self.where))

    @cached_property
    def page(self) -> "Page":
        """What is printed on."""
        from infra.cli.views.page import Page

        return Page(local=self.local)

    def print(self, document: Any, view: "Callable[[Any, Page], RenderableType]") -> None:
        """Print a document: itself as JSON, or its view for people."""
        if self.as_json:
            print_json(document)
        else:
            self.page.print(view(document, self.page))


def print_json(document: Any) -> None:
    """Print one document; nothing but ASCII, so that nobody's text drives a terminal."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_line(document: Any) -> None:
    """Print one document as one line, and at once: something waits for it."""
    sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def reads(command: Callable[Concatenate[ReadContext, P], int | None]) -> Callable[P, None]:
    """Make a command of a function: give it the common options, and its result as exit code."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        given: dict[str, Any] = dict(kwargs)
        where = {name: given.pop(name) for name in _WHERE}
        context = ReadContext(
            Where(**where), as_json=given.pop("as_json"), local=given.pop("local")
        )
        code = command(context, *args, **given)
        if code:
            raise typer.Exit(code)

    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    everything = [*own, *_COMMON]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {p.name: p.annotation for p in everything}
    run.__signature__ = inspect.Signature(everything)  # type: ignore[attr-defined]  # read by Typer
    return run


def _common(
    stack: StackOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    region: RegionOption = None,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
    local: LocalOption = False,
) -> None:
    """The options that `reads` adds; only its signature is used."""


_COMMON = list(inspect.signature(_common).parameters.values())
_WHERE = ("stack", "url", "token", "region", "state_dir")
