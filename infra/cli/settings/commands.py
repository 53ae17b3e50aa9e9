"""`signalengine config` and `signalengine init`: their options and help."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import PolicyOption
from infra.cli.settings.environment import EnvOption

FileOption = Annotated[
    Path, typer.Option("--env", metavar="FILE", help="The file to write.", dir_okay=False)
]


def config(
    symbols: Annotated[str, typer.Option(help="As of `up`.")] = "",
    policy: PolicyOption = None,
    env: EnvOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show every setting of `up`: its value, where it is from, and what it does.

    A value is from an option, the environment, the file of settings, or the default: the first of
    these that has one. Secrets are not shown.

    Examples:

      signalengine config
      signalengine config --env server.env --json
    """
    from infra.cli.settings.listing import settings  # the policy takes a while to import

    document = settings(env, symbols, policy)
    if as_json:
        from infra.cli.reading.context import print_json

        print_json(document)
        return
    from infra.cli.views.page import Page
    from infra.cli.views.settings import settings as view

    page = Page()
    page.print(view(document, page))


def init(
    path: FileOption = Path(".env"),
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing; write the defaults as comments.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Ask for the settings that matter, and write them into .env.

    The file may be read by you alone, and has every other setting as a comment.

    Examples:

      signalengine init
      signalengine init --defaults --env server.env
    """
    from infra.cli.settings.asking import answers, check_absent, write_file
    from infra.local.settings.table import Variable

    def ask(question: str, variable: Variable) -> str:
        usual = variable.default
        answer = typer.prompt(question, default=usual, hide_input=variable.secret, err=True)
        return str(answer)

    check_absent(path, force=force)
    write_file(path, {} if defaults else answers(ask, lambda text: typer.echo(text, err=True)))
    typer.echo(f"written: {path}")
