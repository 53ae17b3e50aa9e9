"""The reading commands' options."""

from typing import Annotated, Any

import typer
from signalengine.text.time_reader import TimeError, read_day

from infra.cli.reading import completion

DIRECTIONS = ("long", "short")
STATES = ("open", "closed", "tp_hit", "sl_hit", "expired", "left")
PAGES = ("overview", "signals", "performance", "strategies", "dashboard", "chat")


def choice(*known: str) -> Any:
    def check(given: str | None) -> str | None:
        if given is not None and given not in known:
            raise typer.BadParameter(f"{given}: choose from {', '.join(known)}")
        return given

    return check


def offer(*known: str) -> Any:
    def offered(incomplete: str) -> list[str]:
        return [name for name in known if name.startswith(incomplete)]

    return offered


def day(given: str | None) -> str | None:
    try:
        return None if given is None else read_day(given)
    except TimeError as error:
        raise typer.BadParameter(str(error)) from error


SymbolOption = Annotated[
    str | None,
    typer.Option(
        "--symbol", "-s", help="One symbol, like BTCUSDT or btc.", autocompletion=completion.symbols
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many rows at most.")]
FromOption = Annotated[
    str | None, typer.Option("--from", help="First time, UTC: 2025-05-19, 2025-05-19T08:00, or ms.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="End (exclusive), UTC, like --from.")]
DayOption = Annotated[
    str | None,
    typer.Option(help="A UTC day, like 2025-05-19. Default: the newest.", callback=day),
]
PolicyOption = Annotated[
    str | None, typer.Option(help="A policy's digest. Default: the stack's current one.")
]
MarketOption = Annotated[
    str | None, typer.Option(help="live, recording or simulated. Default: the stack's current one.")
]
StrategyOption = Annotated[
    str | None,
    typer.Option(help="Only this parameter set, like donchian@fast; what is in shadow too."),
]
ShadowOption = Annotated[
    bool, typer.Option("--shadow", help="Also what is in shadow: decided, never published.")
]
DirectionOption = Annotated[
    str | None,
    typer.Option(
        "--direction", "-d", help="long or short.", callback=choice(*DIRECTIONS),
        autocompletion=offer(*DIRECTIONS),
    ),
]  # fmt: skip
StateOption = Annotated[
    str | None,
    typer.Option(
        "--status", help=f"{', '.join(STATES)}.", callback=choice(*STATES),
        autocompletion=offer(*STATES),
    ),
]  # fmt: skip
StatsOption = Annotated[bool, typer.Option("--stats", help="Statistics instead of a list.")]
HashesOption = Annotated[
    bool, typer.Option("--hashes", help="The hashes by which equal signals are found.")
]
WatchOption = Annotated[
    bool, typer.Option("--watch", "-w", help="Show them as they open and close, until Ctrl-C.")
]
SinceOption = Annotated[
    int | None,
    typer.Option(metavar="CURSOR", help="With --watch: also the changes after this cursor."),
]
WebsocketOption = Annotated[
    str | None,
    typer.Option(metavar="URL", help="With --watch and --url. (env SIGNALENGINE_WEBSOCKET)"),
]
