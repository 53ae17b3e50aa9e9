"""`signals --watch`: a live table, lines when piped, or one JSON document per line."""

import queue
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text
from signalengine.policy import CLASSIC
from signalengine.text.formatting import share

from infra.cli.reading.board import Board, Filters
from infra.cli.reading.context import ReadContext, print_line
from infra.cli.reading.target import START_ONE, Target
from infra.cli.views import lists
from infra.cli.views.lists import levels
from infra.cli.views.page import Page, plain
from infra.cli.views.quoted import gain, money, score, side, state
from infra.errors import CommandError
from infra.local.replay.subscription import Lost, Refused, Subscription, Update

FRAME_S = 0.5
FIRST_ANSWER_S = 60.0
"""The first message includes a function's cold start."""
EDGE_LINES = 6
"""Lines of the screen without signals: headings, the status line, the shell's prompt."""


def watch(context: ReadContext, filters: Filters, limit: int, since: int | None) -> None:
    """Show signals as they open, advance and close, until Ctrl-C."""
    subscription = _subscription(context, since)
    board = Board(filters, limit)
    try:
        with context.page.waiting("connecting"):
            updates = _connect(subscription, context.api.target)
        if context.as_json:
            _print_documents(updates, board)
        elif context.page.console.is_terminal:
            _show(context, updates, board)
        else:
            _print_lines(context, updates, board)
    except KeyboardInterrupt:
        return
    finally:
        subscription.stop()


def _subscription(context: ReadContext, since: int | None) -> Subscription:
    url = context.api.target.websocket
    if url is None:
        fix = "add --websocket wss://… (output WebSocketUrl), or name the stack with --stack"
        raise CommandError("--watch needs the address of the WebSocket", fix)
    return Subscription(url, since, token=context.api.target.token, reconnect_s=1.0)


def _connect(subscription: Subscription, target: Target) -> "queue.Queue[Update]":
    """Connect; return the queue of messages, the greeting first."""
    updates: queue.Queue[Update] = queue.Queue()
    first: queue.Queue[Update] = queue.Queue()

    def listen() -> None:
        for number, message in enumerate(subscription):
            updates.put(message)
            if number == 0:
                first.put(message)

    threading.Thread(target=listen, name="subscription", daemon=True).start()
    try:
        greeting = first.get(timeout=FIRST_ANSWER_S)
    except queue.Empty:
        raise CommandError(
            f"{subscription.url} did not answer in {FIRST_ANSWER_S:.0f} s", START_ONE
        ) from None
    if isinstance(greeting, Refused):
        raise CommandError(*target.refusal)
    if isinstance(greeting, Lost):
        raise CommandError(f"{subscription.url} does not answer: {greeting.reason}", START_ONE)
    return updates


def _print_documents(updates: "queue.Queue[Update]", board: Board) -> None:
    while True:
        message = updates.get()
        if isinstance(message, Lost):
            print_line({"type": "disconnected", "reason": message.reason})
        elif board.take(message) or message.get("type") == "connected":
            print_line(message)


def _print_lines(context: ReadContext, updates: "queue.Queue[Update]", board: Board) -> None:
    while True:
        message = updates.get()
        if isinstance(message, Lost):
            sys.stderr.write(f"connection lost ({plain(message.reason)}), reconnecting\n")
        elif board.take(message):
            context.page.print_line(_line(message["data"], context.page))


def _line(row: dict[str, Any], page: Page) -> Text:
    """Return one change as one line."""
    step = row["progress"][-1] if row.get("progress") else {}
    moved = step.get("closed_at") or step.get("at") or row["close_time"]
    when = row["closed_at"] * 1000 if row["closed_at"] else moved
    line = Text.assemble(
        page.at(when), "  ", state(row["status"]), "  ", side(row["direction"]), " ",
        plain(row["symbol"]), "  ",
    )  # fmt: skip
    if row["return_pct"] is not None:
        line.append_text(Text.assemble("net ", gain(row["return_pct"])))
    elif row.get("progress"):
        line.append(_step(row["progress"][-1], row.get("tick_size")))
    else:
        entry, tp, sl = levels(row)
        line.append(f"score {score(row['score'])}  entry {entry}  TP {tp}  SL {sl}")
    strategy = row.get("strategy", CLASSIC)
    if strategy != CLASSIC:
        line.append(f"  {plain(strategy)}", "cyan")
    return line.append(f"  {plain(row['id'])}", "dim")


def _step(step: dict[str, Any], tick: float | None) -> str:
    """Return the last step of an open signal: a part that was closed, or the stop's new price."""
    at = money(step["price"], tick)
    if "fraction" not in step:
        return f"stop → {at}"
    return f"{share(step['fraction'])} closed at {at} ({plain(step['name'])})"


def _show(context: ReadContext, updates: "queue.Queue[Update]", board: Board) -> None:
    """Redraw the table on every change, and the status line regularly."""
    page, connection = context.page, "connecting"
    with Live(console=page.console, auto_refresh=False, screen=True) as live:
        while True:
            for message in _waiting(updates):
                connection = _follow(context, board, message) or connection
            live.update(_screen(page, board, connection), refresh=True)


def _waiting(updates: "queue.Queue[Update]") -> Iterator[Update]:
    """Yield the received messages: wait one frame for the first, a tenth for each other."""
    until = time.monotonic() + FRAME_S
    while True:
        try:
            yield updates.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return
        until = min(until, time.monotonic() + FRAME_S / 10)


def _follow(context: ReadContext, board: Board, message: Update) -> str | None:
    """Process a message; return the new state of the connection, None if unchanged."""
    if isinstance(message, Lost):
        return f"reconnecting: {plain(message.reason)}"
    if message.get("type") == "connected":
        board.load(context.api.pages("/signals", "signals", 100)["signals"])
        return "live"
    board.take(message)
    return None


def _screen(page: Page, board: Board, connection: str) -> RenderableType:
    room = max(1, page.console.height - EDGE_LINES)
    rows = board.rows()[:room]
    table = lists.signals({"signals": rows}, page, board.prices)
    at = page.at(board.market_time) if board.market_time else "no market time yet"
    style = "green" if connection == "live" else "yellow"
    foot = Text.assemble(("● ", style), connection, f" · {at} · Ctrl-C ends")
    return Group(table, Text(), foot)
