"""`signalengine channel`: destinations of a stack. The work is done in `destinations`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from infra.cli.deliveries.commands import show
from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.cli.deploy.commands import YesOption
from infra.errors import USAGE, CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.channels.destinations import Destinations
    from infra.cli.deliveries.stack import StackAccess

SECRET_VARIABLE: Final = "SIGNALENGINE_CHANNEL_SECRET"  # noqa: S105 - a name
URL_VARIABLE: Final = "SIGNALENGINE_CHANNEL_URL"
TEST_TIMEOUT_S: Final = 45.0
EMAIL_SENDER: Final = "the sender is set by `signalengine channel add email sender`"

app = typer.Typer(
    help="Destinations of signals beside Telegram: add, test, list, change and remove them. "
    "docs/channels.md has the whole story.",
    no_args_is_help=True,
)

Symbols = Annotated[str | None, typer.Option(help="Only these, like BTC,ETHUSDT; or all.")]
Strategy = Annotated[
    str | None, typer.Option(help="Only these parameter sets, like classic,donchian; or all.")
]
Direction = Annotated[str | None, typer.Option(help="long, short or both.")]
MinScore = Annotated[float | None, typer.Option(help="Lowest score, in percent.")]
Opened = Annotated[str | None, typer.Option(help="Openings: on, silent or off.")]
Closed = Annotated[str | None, typer.Option(help="Steps and closings: on, silent or off.")]
Quiet = Annotated[
    str | None, typer.Option(help="No openings between these full hours, like 22-7; or off.")
]
Zone = Annotated[
    str | None, typer.Option("--timezone", help="Of the quiet hours, like Europe/Zurich.")
]
Digest = Annotated[
    bool | None,
    typer.Option(help="What quiet hours withhold comes as one digest when they end."),
]
Language = Annotated[str | None, typer.Option(help="Of the texts, like en or es.")]
Template = Annotated[
    str | None,
    typer.Option(help="json, text, cornix, or a text with {{placeholders}}; @FILE reads it."),
]
Leverage = Annotated[str | None, typer.Option(help="Webhook: of the template cornix.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="Another field of the channel."),
]
SecretFile = Annotated[
    str | None,
    typer.Option(
        help=f"File with the secret that signs; - is standard input, and ${SECRET_VARIABLE} works "
        "too. Without any, one is made and shown once."
    ),
]
AllowHost = Annotated[
    str | None,
    typer.Option(
        metavar="HOST[:PORT]",
        help="Open a host of your own: it may be private, and plain HTTP. Nothing else is opened.",
    ),
]
Url = Annotated[
    str | None,
    typer.Argument(
        help=f"Where messages go. It may be a secret: without it, ${URL_VARIABLE} is read, "
        "or a prompt asks."
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="DESTINATION", help="As `list` shows it.")]


@app.command()
def add(
    channel: Annotated[str, typer.Argument(help="webhook, discord, slack, ntfy or email.")],
    name: Annotated[str, typer.Argument(help="Your name for it: a-z, 0-9, -; or an address.")],
    url: Url = None,
    symbols: Symbols = None,
    strategy: Strategy = None,
    direction: Direction = None,
    min_score: MinScore = None,
    opened: Opened = None,
    closed: Closed = None,
    quiet: Quiet = None,
    timezone: Zone = None,
    digest_after_quiet: Digest = None,
    language: Language = None,
    template: Template = None,
    leverage: Leverage = None,
    field: Fields = None,
    secret_file: SecretFile = None,
    allow_host: AllowHost = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Add a destination: it gets what its preferences admit, from the next signal on.

    URL and secret are stored in the stack's secret and nowhere else. Addresses
    have to be public and https, unless --allow-host opens a host of yours.

    Examples:

      signalengine channel add webhook btc https://b.example.com/hook --symbols BTC --min-score 70
      signalengine channel add webhook home http://nas.lan:8123/hook --allow-host nas.lan:8123
      signalengine channel add discord trading https://discord.com/api/webhooks/…
      signalengine channel add ntfy phone https://ntfy.sh/my-long-random-topic
      signalengine channel add email sender ses: --field from=signals@example.com
      signalengine channel add email ada@example.com
    """
    given = dict(locals())
    from infra.cli.views.channels import changed

    if channel == "email":
        _add_email(given)
        return
    fields = _fields(template, leverage, field) | _secret(secret_file)
    preferences = _preferences(given)
    where = _destinations(stack, region, state_dir)
    done = where.add(channel, name, url or _url(), fields, preferences, allow_host)
    show(done, changed, as_json)


@app.command()
def edit(
    destination: NameArgument,
    symbols: Symbols = None,
    strategy: Strategy = None,
    direction: Direction = None,
    min_score: MinScore = None,
    opened: Opened = None,
    closed: Closed = None,
    quiet: Quiet = None,
    timezone: Zone = None,
    digest_after_quiet: Digest = None,
    language: Language = None,
    template: Template = None,
    leverage: Leverage = None,
    field: Fields = None,
    url: Annotated[
        bool, typer.Option("--url", help=f"Ask for another URL, or read ${URL_VARIABLE}.")
    ] = False,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make another secret; both sign until the next time.")
    ] = False,
    active: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether it gets messages.")
    ] = None,
    allow_host: AllowHost = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Change a destination; what no option names stays as it is.

    Examples:

      signalengine channel edit my-bot --min-score 60 --quiet off
      signalengine channel edit webhook:my-bot --rotate
      signalengine channel edit my-bot --off
      signalengine channel edit email:0f1e2d3c4b5a69788796a5b4 --symbols BTC --min-score 70
    """
    _edit(dict(locals()))


def _edit(given: dict[str, Any]) -> None:
    """Change a destination, or the preferences of a subscriber by e-mail."""
    from infra.cli.views.channels import changed, pairs

    destination, rotate, allow = given["destination"], given["rotate"], given["allow_host"]
    fields = _fields(given["template"], given["leverage"], given["field"])
    fields |= {"url": _url()} if given["url"] else {}
    preferences = _preferences(given)
    preferences |= {} if given["active"] is None else {"active": given["active"]}
    where = _destinations(given["stack"], given["region"], given["state_dir"])
    if destination.startswith("email:"):
        if fields or rotate or allow:
            raise CommandError("an address has preferences only", EMAIL_SENDER, USAGE)
        show(dict(where.edit_subscriber(destination, preferences)), pairs, given["as_json"])
        return
    done = where.edit(destination, fields, preferences, allow=allow, rotate=rotate)
    show(done, changed, given["as_json"])


@app.command("list")
def list_(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """The destinations, their preferences, and which are paused. No URL, no secret.

    Examples:

      signalengine channel list
      signalengine channel list --stack SignalEngine --json
    """
    from infra.cli.views.channels import destinations as view

    where = _destinations(stack, region, state_dir)
    found = {"destinations": where.rows(), "subscribers": where.subscribers()}
    show(found, view, as_json)


@app.command("test")
def send_test(
    destination: NameArgument,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the receipt.")] = (
        TEST_TIMEOUT_S
    ),
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Send one message that is marked as a test, by the queue; print its receipt.

    A pause of the destination is ended first. The exit code is 1 without a
    receipt.

    Examples:

      signalengine channel test my-bot
    """
    from infra.cli.views.channels import tested

    done = _destinations(stack, region, state_dir).test(destination, timeout)
    show(done, tested, as_json)
    if done["status"] != "delivered":
        raise typer.Exit(1)


@app.command()
def remove(
    destination: NameArgument,
    yes: YesOption = False,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Remove a destination with its secret; what waits for it is not delivered.

    Examples:

      signalengine channel remove my-bot
    """
    from infra.cli.views.channels import removed

    where = _destinations(stack, region, state_dir)
    key = where.key_of(destination)
    if not yes and not typer.confirm(f"remove {key}?"):
        raise typer.Exit(1)
    show(where.remove(key), removed, as_json)


def _reached(stack: str | None, region: str, state_dir: Path) -> "StackAccess":
    from infra.cli.deliveries.stack import access

    return access(stack, region, state_dir)


def _add_email(given: dict[str, Any]) -> None:
    """Set the sender of e-mail, or ask an address for its confirmation."""
    from infra.cli.channels.mail import Mail
    from infra.cli.channels.store import store_of
    from infra.cli.views.channels import pairs

    where = _reached(given["stack"], given["region"], given["state_dir"])
    mail, name = Mail(store_of(where)), given["name"]
    if name == "sender":
        fields = _fields(given["template"], given["leverage"], given["field"])
        done = mail.set_sender(given["url"] or _url(), fields | _secret(given["secret_file"]))
    else:
        done = mail.invite(name, where.site, given["language"] or "en")
    show(done, pairs, given["as_json"])


@app.command("push-keys")
def push_keys(
    contact: Annotated[
        str,
        typer.Argument(
            metavar="CONTACT",
            help="Where push services reach you: mailto:you@example.org, or https://…",
        ),
    ],
    new: Annotated[
        bool, typer.Option("--new", help="Replace the pair: every browser subscribes again.")
    ] = False,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Switch Web Push on: make the stack's pair of keys, once.

    Browsers subscribe in the dashboard's settings from then on.

    Examples:

      signalengine channel push-keys mailto:you@example.org
    """
    from infra.cli.channels.push_keys import store_keys
    from infra.cli.views.channels import keys

    where = _destinations(stack, region, state_dir)
    show(store_keys(where.store, contact, new=new), keys, as_json)


def _destinations(stack: str | None, region: str, state_dir: Path) -> "Destinations":
    from infra.cli.channels.destinations import Destinations
    from infra.cli.channels.store import store_of

    return Destinations(store_of(_reached(stack, region, state_dir)))


def _preferences(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the options of a command say of preferences; raises CommandError."""
    from infra.cli.channels.preferences import READERS, changes

    named = given | {"strategies": given["strategy"]}
    return changes({name: named[name] for name in READERS})


def _fields(template: str | None, leverage: str | None, more: list[str] | None) -> dict[str, str]:
    fields = {}
    for one in more or []:
        name, equals, value = one.partition("=")
        if not equals or name in ("url", "secret", "previous_secret"):
            raise CommandError(f"{name!r} is no field to set here", "--field NAME=VALUE", USAGE)
        fields[name] = value
    if template is not None:
        read = template.startswith("@")
        fields["template"] = (
            Path(template[1:]).read_text(encoding="utf-8").strip() if read else template
        )
    return fields | ({} if leverage is None else {"leverage": leverage})


def _secret(file: str | None) -> dict[str, str]:
    """Return the given secret, if any: it is never an argument, which others can see."""
    if file == "-":
        text = sys.stdin.read()
    elif file is not None:
        text = Path(file).read_text(encoding="utf-8")
    else:
        text = os.environ.get(SECRET_VARIABLE, "")
    text = text.strip()
    if file is not None and not text:
        raise CommandError("the secret is empty", "--secret-file FILE, or - for standard input")
    return {"secret": text} if text else {}


def _url() -> str:
    url = os.environ.get(URL_VARIABLE, "").strip()
    return url or str(typer.prompt("URL", hide_input=True)).strip()
