"""`signalengine operator show | rotate`: the token that permits changes on the dashboard."""

import json
from pathlib import Path
from secrets import token_urlsafe

import typer

from infra.cli.deliveries.stack import RegionOption, StackAccess, StackOption, StateOption
from infra.cli.deploy.commands import YesOption
from infra.errors import CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def show(
    stack: StackOption = None, region: RegionOption = REGION, state_dir: StateOption = STATE_DIR
) -> None:
    """Print the operator's token, for the dashboard's page `/settings`.

    Examples:

      signalengine operator show
      signalengine operator show --stack SignalEngine
    """
    from signalengine_aws.runtime.operator_token import read_token
    from signalengine_aws.runtime.secrets import secret_by

    found, arn = _secret(stack, region, state_dir)
    token = read_token(secret_by(found.client, arn))
    if not token:
        raise CommandError("no token is set", "signalengine operator rotate")
    typer.echo(token)


@app.command()
def rotate(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    yes: YesOption = False,
) -> None:
    """Replace the operator's token with a new one, and print it; the old one ends in a minute.

    Examples:

      signalengine operator rotate --yes
    """
    from signalengine_aws.runtime.secrets import parameter_name

    found, arn = _secret(stack, region, state_dir)
    if not (yes or typer.confirm("replace the operator's token?")):
        raise typer.Exit(1)
    token = token_urlsafe(24)
    text = json.dumps({"operator_token": token})
    if name := parameter_name(arn):
        store = found.client("ssm")
        store.put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=True)
    else:
        found.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=text)
    typer.echo(token)


def _secret(stack: str | None, region: str, state_dir: Path) -> tuple[StackAccess, str]:
    from infra.cli.deliveries import stack as stacks

    found = stacks.access(stack, region, state_dir)
    arn = found.outputs.get("OperatorSecretArn")
    if arn is None:
        raise CommandError("this stack has no operator's token", "deploy this version first")
    return found, arn
