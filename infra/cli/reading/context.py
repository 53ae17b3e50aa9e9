"""The common part of the reading commands: stack, output format, time zone.

    @reads
    def symbols(context: ReadContext) -> None: ...

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

if TYPE_CHECKING:  # slow to import, and not needed for help
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
        help="The address of the HTTP API. (env SIGNALENGINE_URL)",
        rich_help_panel=WHICH,
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        help="The stack's API token; better in the environment. (env SIGNALENGINE_TOKEN)",
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
    typer.Option("--local", help="Show times in this machine's zone.", rich_help_panel=OUTPUT),
]


class ReadContext:
    """The context of one reading command: its stack, and its output format."""

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
        """The page to print on."""
        from infra.cli.views.page import Page

        return Page(local=self.local)

    def print(self, document: Any, view: "Callable[[Any, Page], RenderableType]") -> None:
        """Print a document: as JSON, or its view for people."""
        if self.as_json:
            print_json(document)
        else:
            self.page.print(view(document, self.page))


def print_json(document: Any) -> None:
    """Print one document; ASCII only, so that no text can control a terminal."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_line(document: Any) -> None:
    """Print one document as one line, unbuffered."""
    sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def reads(command: Callable[Concatenate[ReadContext, P], int | None]) -> Callable[P, None]:
    """Turn a function into a command: add the common options, use its result as exit code."""

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
