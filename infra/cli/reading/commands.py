"""The reading commands: their options and help. What they print is in `views`.

Each requests one or two documents of the HTTP API; `--json` prints them unchanged.
"""

import webbrowser
from dataclasses import replace
from functools import partial
from typing import Annotated
from urllib.parse import urljoin

import typer

from infra.cli.options import check_times
from infra.cli.reading import completion
from infra.cli.reading.board import Filters
from infra.cli.reading.context import ReadContext, print_json, reads
from infra.cli.reading.explain import whole_id
from infra.cli.reading.options import (
    PAGES,
    DayOption,
    DirectionOption,
    FromOption,
    HashesOption,
    LimitOption,
    MarketOption,
    PolicyOption,
    ShadowOption,
    SinceOption,
    StateOption,
    StatsOption,
    StrategyOption,
    SymbolOption,
    ToOption,
    WatchOption,
    WebsocketOption,
    offer,
)
from infra.cli.reading.symbol import choose_symbol
from infra.errors import PROBLEM, USAGE, CommandError


@reads
def status(context: ReadContext) -> int:
    """The health of the stack: feed, streams, lag, gaps.

    Ends with 1 when it is degraded or does not answer, for use in scripts.

    Examples:

      signalengine status
      signalengine status --stack SignalEngine || page-someone
    """
    from infra.cli.views import system as view  # rich is slow to import

    target = context.api.target
    health = context.api.get("/health")
    document = {"health": health, "stack": {"name": target.name, "url": target.api}}
    if target.data is not None:
        from infra.local.storage.folder import size_of

        document["data"] = {"folder": str(target.data), "bytes": size_of(target.data)}
    context.print(document, view.status)
    return 0 if health["status"] == "ok" else PROBLEM


@reads
def top(
    context: ReadContext,
    count: Annotated[int, typer.Argument(min=1, max=200, help="How many.")] = 10,
) -> None:
    """The symbols with the highest current scores.

    Scores of each symbol's last closed bar. A signal also needs an event in
    its direction, and has to pass the policy's rules: see
    `decisions --why-not`.

    Examples:

      signalengine top 5
      signalengine top 3 --json | jq -r '.top[].symbol'
    """
    from infra.cli.views import lists as view  # rich is slow to import

    context.print(context.api.get("/top", limit=count), view.top)


@reads
def symbols(context: ReadContext) -> None:
    """The followed symbols and their last prices."""
    from infra.cli.views import lists as view  # rich is slow to import

    context.print(context.api.get("/symbols"), view.symbols)


@reads
def signals(
    context: ReadContext,
    symbol: SymbolOption = None,
    direction: DirectionOption = None,
    state: StateOption = None,
    strategy: StrategyOption = None,
    shadow: ShadowOption = False,
    start: FromOption = None,
    end: ToOption = None,
    limit: LimitOption = 20,
    stats: StatsOption = False,
    follow: WatchOption = False,
    since: SinceOption = None,
    websocket: WebsocketOption = None,
    hashes: HashesOption = False,
) -> None:
    """The newest signals, or with --watch a live table.

    --watch reconnects by itself and receives what it missed. Piped, it
    prints one line per change; with --json one document per line, whose
    `cursor` is the value for --since after a restart.

    Examples:

      signalengine signals --symbol BTCUSDT --status closed -n 50
      signalengine signals --watch
      signalengine signals --watch --json | while read -r line; do …; done
    """
    from infra.cli.views import lists as view  # rich is slow to import

    _refuse("--shadow goes without --watch: it is not published", when=shadow and follow)
    _refuse("--hashes goes without --stats and --watch", when=hashes and (stats or follow))
    if stats:
        found = context.api.get("/signals/stats", strategy=strategy)
        return context.print(found, view.signal_stats)
    check_times(start, end, "--from", "--to")
    if follow:
        context.where = replace(context.where, websocket=websocket)
    chosen = choose_symbol(context, symbol)
    if follow:
        chosen.check()
        from infra.cli.reading.watch import watch  # the WebSocket client too

        return watch(context, Filters(chosen.name, direction, state, strategy), limit, since)
    document = context.api.pages(
        "/signals", "signals", limit, symbol=chosen.name, direction=direction, status=state,
        strategy=strategy, shadow=_true(shadow), **{"from": start, "to": end},
    )  # fmt: skip
    chosen.check(document["signals"])
    return context.print(document, view.hashes if hashes else view.signals)


@reads
def events(
    context: ReadContext,
    symbol: SymbolOption = None,
    kind: Annotated[
        str | None, typer.Option("--type", "-t", help="One kind, like ema_cross.")
    ] = None,
    strategy: StrategyOption = None,
    shadow: ShadowOption = False,
    start: FromOption = None,
    end: ToOption = None,
    limit: LimitOption = 20,
    stats: Annotated[bool, typer.Option("--stats", help="Counts of a day instead.")] = False,
    day: DayOption = None,
) -> None:
    """The events at closed bars, newest first.

    Examples:

      signalengine events --symbol ETHUSDT --type oi_expansion
      signalengine events --stats --day 2025-05-19
    """
    from infra.cli.views import lists as view  # rich is slow to import

    if day and not stats:
        raise CommandError("--day goes with --stats", "add --stats", USAGE)
    if stats:
        return context.print(context.api.get("/events/stats", day=day), view.event_stats)
    check_times(start, end, "--from", "--to")
    chosen = choose_symbol(context, symbol)
    document = context.api.pages(
        "/events", "events", limit, symbol=chosen.name, type=kind, strategy=strategy,
        shadow=_true(shadow), **{"from": start, "to": end},
    )  # fmt: skip
    chosen.check(document["events"])
    return context.print(document, view.events)


@reads
def decisions(
    context: ReadContext,
    symbol: SymbolOption = None,
    verdict: Annotated[
        str | None,
        typer.Option("--verdict", "-v", help="One verdict, like cooldown or below_threshold."),
    ] = None,
    why_not: Annotated[
        bool,
        typer.Option("--why-not", help="Only closes without a signal, and the reasons."),
    ] = False,
    strategy: StrategyOption = None,
    shadow: ShadowOption = False,
    start: FromOption = None,
    end: ToOption = None,
    limit: LimitOption = 20,
) -> None:
    """Every scored close, with its verdict and the reason for it.

    Examples:

      signalengine decisions --why-not --symbol SOLUSDT
      signalengine decisions --verdict cooldown --from 2025-05-19
    """
    from infra.cli.views import lists as view  # rich is slow to import

    if why_not and verdict:
        raise CommandError("--why-not and --verdict exclude each other", "give one", USAGE)
    check_times(start, end, "--from", "--to")
    chosen = choose_symbol(context, symbol)
    document = context.api.pages(
        "/decisions", "decisions", limit, symbol=chosen.name, verdict=verdict,
        strategy=strategy, shadow=_true(shadow),
        **{"from": start, "to": end},
    )  # fmt: skip
    chosen.check(document["decisions"])
    if not why_not:
        return context.print(document, view.decisions)
    rows = [row for row in document["decisions"] if row["verdict"] != "emitted"]
    document |= {"decisions": rows, "count": len(rows), "by_verdict": view.counted(rows)}
    return context.print(document, view.why_not)


@reads
def metrics(
    context: ReadContext,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Print the exposition that Prometheus scrapes.")
    ] = False,
) -> None:
    """Counters, gauges, the latency of each hop, the queues.

    Examples:

      signalengine metrics
      signalengine metrics --prometheus | grep signals_
    """
    from infra.cli.views import system as view  # rich is slow to import

    if prometheus:
        return typer.echo(context.api.text("/metrics"), nl=False)
    document = {"system": context.api.get("/system"), "metrics": context.api.get("/metrics/legacy")}
    return context.print(document, view.metrics)


@reads
def cost(
    context: ReadContext,
    plan: Annotated[
        int | None,
        typer.Option(
            "--plan",
            min=1,
            max=1000,
            metavar="SYMBOLS",
            help="Estimate a month of this many symbols; needs no stack.",
        ),
    ] = None,
    clients: Annotated[
        int, typer.Option(min=0, max=100_000, help="With --plan: WebSocket clients at any time.")
    ] = 0,
    chats: Annotated[
        int, typer.Option(min=0, max=100_000, help="With --plan: Telegram chats.")
    ] = 1,
    public: Annotated[
        bool,
        typer.Option("--public", help="The most that visitors of a public API can cost a day."),
    ] = False,
) -> None:
    """The cost of the stack so far, by service, and of a month.

    An estimate from counted usage and dated prices; see `basis` in the
    output. On this machine nothing is billed: it is what AWS would charge.

    Examples:

      signalengine cost
      signalengine cost --plan 50
      signalengine cost --plan 50 --clients 100 --chats 20
      signalengine cost --public
      signalengine cost --json | jq .usd_estimate
    """  # fmt: skip
    from infra.cli.views import costs as view  # rich is slow to import

    if public:
        from signalengine_aws.costs.public import SYMBOLS, exposure

        return context.print(exposure(plan or SYMBOLS), view.exposure)
    if plan is not None:
        from signalengine_aws.costs.report import planned

        return context.print(planned(plan, clients, chats), view.plan)
    if clients or chats != 1:
        raise typer.BadParameter("only with --plan", param_hint="--clients, --chats")
    return context.print(context.api.get("/system")["cost"], view.costs)


@reads
def gaps(context: ReadContext, day: DayOption = None, limit: LimitOption = 50) -> int:
    """The gaps of the feed, and how each ended.

    Ends with 1 when a gap is open, or bars are lost for good.

    Examples:

      signalengine gaps
      signalengine gaps --day 2025-05-19 --json
    """
    from infra.cli.views import lists as view  # rich is slow to import

    document = context.api.pages("/gaps", "gaps", limit, day=day)
    context.print(document, view.gaps)
    bad = any(row["outcome"] in ("open", "lost") for row in document["gaps"])
    return PROBLEM if bad else 0


@reads
def explain(
    context: ReadContext,
    signal_id: Annotated[
        str,
        typer.Argument(
            metavar="SIGNAL_ID",
            help="An id, its first characters, or 'latest'.",
            autocompletion=completion.signal_ids,
        ),
    ],
) -> None:
    """Why a signal opened: as text, component bars and a chart.

    Its events and seven component scores, missing data, levels and outcome,
    its deliveries, and the decisions at the closes around it.

    Examples:

      signalengine explain latest
      signalengine explain 4f1c09
      signalengine explain 4f1c09 --json | jq .decision.scores
    """  # fmt: skip
    from infra.cli.views.explanation import explanation  # rich is slow to import

    context.print(context.api.signal(whole_id(context.api, signal_id)), explanation)


@reads
def performance(
    context: ReadContext,
    days: Annotated[int, typer.Option(min=1, help="The number of UTC days.")] = 30,
    symbol: SymbolOption = None,
    direction: DirectionOption = None,
    strategy: StrategyOption = None,
    policy: PolicyOption = None,
    market: MarketOption = None,
) -> None:
    """The results of the closed signals of the last days: rates, returns, groups.

    Policies and markets are never summed together.

    Examples:

      signalengine performance --days 7
      signalengine performance --symbol BTCUSDT --market recording
    """
    from infra.cli.views import record as view  # rich is slow to import

    chosen = choose_symbol(context, symbol)
    document = context.api.get(
        "/performance", days=days, symbol=chosen.name, policy=policy, market=market,
        strategy=strategy, direction=direction,
    )  # fmt: skip
    chosen.check(document["by_symbol"])
    now = 0.0 if context.as_json else _market_time(context, document["market"])
    context.print(document, partial(view.performance, now=now))


@reads
def equity(
    context: ReadContext,
    strategy: StrategyOption = None,
    policy: PolicyOption = None,
    market: MarketOption = None,
) -> None:
    """The equity of a policy, or of another strategy, since its first signal, by day.

    Examples:

      signalengine equity
      signalengine equity --json | jq '.equity[-1]'
    """
    from infra.cli.views import record as view  # rich is slow to import

    found = context.api.get("/equity", policy=policy, market=market, strategy=strategy)
    now = 0.0 if context.as_json else _market_time(context, found["market"])
    context.print(found, partial(view.equity, now=now))


def _market_time(context: ReadContext, market: str | None) -> float:
    """Return the time (ms) of the market that the feed is on; 0 for another one."""
    health = context.api.get("/health")
    return float(health.get("watermark", 0)) if health.get("market") == market else 0.0


def _refuse(message: str, *, when: bool) -> None:
    """Raise CommandError for options that exclude each other."""
    if when:
        raise CommandError(message, "leave it out", USAGE)


def _true(chosen: bool) -> str | None:
    return "true" if chosen else None


@reads
def open_page(
    context: ReadContext,
    page: Annotated[
        str,
        typer.Argument(help=f"{', '.join(PAGES)}, or a signal's id.", autocompletion=offer(*PAGES)),
    ] = "overview",
    only_print: Annotated[bool, typer.Option("--print", help="Print its address only.")] = False,
) -> None:
    """Open the dashboard in the browser.

    Examples:

      signalengine open
      signalengine open latest
      signalengine open performance --print
    """
    place = context.api.target.dashboard
    if place is None:
        fix = "name the stack with --stack instead of --url"
        raise CommandError("the dashboard's address is known only for a named stack", fix)
    known = {"overview": ""} | {name: name for name in PAGES[1:]}
    route = known[page] if page in known else f"signals/{whole_id(context.api, page)}"
    address = urljoin(place, route)
    if context.as_json:
        return print_json({"url": address})
    typer.echo(address)
    if not only_print and not webbrowser.open(address):
        typer.echo("no browser found: open the address yourself", err=True)
    return None
