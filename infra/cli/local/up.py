"""`signalengine up`: start everything, print the addresses and events, end on Ctrl-C."""

import os
import shutil
import sys
import time
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from signalengine.text.escaping import escaped

from infra.cli.export.daily import DailyFiles, refreshed
from infra.cli.local.interrupts import interruptible
from infra.cli.policy_files import model_of_environment, policy_of
from infra.cli.reading.client import Api
from infra.cli.reading.target import LOCAL, Where, resolve
from infra.errors import INTERRUPTED, CommandError
from infra.local.monitoring.monitor import EVERY_S, Monitor, MonitorLog, depths_of
from infra.local.monitoring.probing import Probing
from infra.local.monitoring.usage import ProcessUsage
from infra.local.service.notify import ALIVE, READY, STOPPING, notify
from infra.local.stack.options import STATE_DIR, RunOptions
from infra.local.stack.startup.first_answers import await_answers
from infra.local.stack.system import LocalSystem
from infra.local.storage.backup import set_aside
from infra.local.storage.errors import StorageError
from infra.local.storage.folder import free_bytes, size_of
from machine.folders import tool_caches

POLL_S = 1.0


def run_up(options: RunOptions, console: Console | None = None, *, fresh: bool = False) -> int:
    """Run until SIGINT or SIGTERM; every part is stopped before it returns the exit code.

    `fresh`: kept data is set aside before.
    """
    out = console or Console()
    if fresh and options.data_dir is not None:
        _set_aside(options.data_dir, out)
    model_of_environment(policy_of(options.policy))
    if options.daily_export is not None:
        options.daily_export.mkdir(parents=True, exist_ok=True)
    os.environ.update(tool_caches())
    with interruptible():
        began = time.monotonic()
        try:
            system = _started(options, out)
        except KeyboardInterrupt:
            out.print("stopped while starting")
            return INTERRUPTED
        return _run_until_stopped(system, time.monotonic() - began, out)


def _started(options: RunOptions, out: Console) -> LocalSystem:
    with out.status("starting") as status:
        steps = _Steps(out, status.update)
        system = LocalSystem(
            options,
            report=steps.report,
            on_telegram=lambda line: _telegram(out, line),
            on_status=lambda line: _holdup(out, line),
        )
        system.__enter__()
        _await_answers(system, steps, out)
    return system


def _await_answers(system: LocalSystem, steps: "_Steps", out: Console) -> None:
    """Wait until the system answers, so that `ready` is true for the page too."""
    steps.report("Waiting for the first answers")
    try:
        missing = await_answers(system.addresses, system.options.token)
    except BaseException:
        system.__exit__(None, None, None)
        raise
    steps.done()
    if missing is not None:
        _holdup(out, missing)


def _run_until_stopped(system: LocalSystem, took_s: float, out: Console) -> int:
    try:
        _show_addresses(out, system, took_s)
        notify(READY)
        with _daily_files(system.options, out):
            _watch(system, out)
    except KeyboardInterrupt:
        pass
    finally:
        notify(STOPPING)
        with out.status("stopping"):
            system.__exit__(None, None, None)
        out.print("all stopped")
    return 0


def _set_aside(folder: Path, out: Console) -> None:
    try:
        aside = set_aside(folder)
    except StorageError as error:
        raise CommandError(str(error), error.fix) from error
    if aside is not None:
        out.print(f"the data until now is in {escape(str(aside))}", highlight=False)


def _data(options: RunOptions) -> str:
    """Return where the data is and how large, or that it ends with this run."""
    folder = options.data_dir
    if folder is None:
        return "in memory, for this run only; --keep keeps it"
    return f"{folder} ({size_of(folder) / 1e6:.1f} MB, {free_bytes(folder) / 1e9:.1f} GB free)"


class _Steps:
    """Prints each step of the start and its duration in seconds."""

    def __init__(self, out: Console, show: object) -> None:
        self._out = out
        self._show = show
        self._current = ""
        self._since = time.monotonic()

    def report(self, text: str) -> None:
        self.done()
        self._current, self._since = text, time.monotonic()
        if callable(self._show):
            self._show(text)

    def done(self) -> None:
        if self._current:
            took = time.monotonic() - self._since
            self._out.print(f"[green]✓[/] {escape(self._current)} [dim]{took:.1f} s[/]")
        self._current = ""


def command() -> str:
    """Return how a person calls the command line here: by its path where no shell finds it."""
    path = Path(sys.executable).with_name("signalengine")
    if shutil.which("signalengine") == str(path):
        return "signalengine"
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _show_addresses(out: Console, system: LocalSystem, took_s: float) -> None:
    """Print the addresses, one a line so that each can be clicked and copied."""
    where, state_dir = system.addresses, system.options.state_dir
    where_else = "" if state_dir == STATE_DIR else f" --state-dir {state_dir}"
    rows = [
        ("Dashboard", where.dashboard),
        ("Telegram", system.chat_page or "the real Telegram"),
        ("Channels", system.channels_page or "those that `channel list` shows"),
        ("HTTP API", where.api),
        ("WebSocket", where.websocket),
        ("Exchange", where.exchange or "Binance"),
        ("Logs", f"{state_dir}/logs/"),
        ("Data", _data(system.options)),
        ("Commands", f"{command()} status{where_else}, or signals --watch, in another terminal"),
    ]
    out.rule(f"ready in {took_s:.1f} s")
    for name, value in rows:
        out.print(f"[bold]{name:<10}[/] {escape(value)}", soft_wrap=True, highlight=False)
    out.rule(f"{system.options.market} market, speed {system.options.speed} · Ctrl-C stops it")


def _daily_files(options: RunOptions, out: Console) -> AbstractContextManager[None]:
    """Write each day's signals to a file for the duration of the block, where that is wanted."""
    if options.daily_export is None:
        return nullcontext()
    api = Api(resolve(Where(stack=LOCAL, state_dir=options.state_dir)))
    files = DailyFiles(options.daily_export, api)
    return refreshed(files, lambda line: out.print(escape(line), highlight=False, soft_wrap=True))


def _watch(system: LocalSystem, out: Console) -> None:
    with closing(MonitorLog(system.options.state_dir / "logs" / "monitor.log")) as log:
        _look(system, out, _monitor(system, out, log), Probing(system.aws.client("lambda")))


def _look(system: LocalSystem, out: Console, monitor: Monitor, probing: Probing) -> None:
    """Wait for Ctrl-C; report once that a recording has ended, raise when a part has ended.

    The monitor logs and warns meanwhile, and the probe uses the service as its clients do.
    """
    reported = False
    while True:
        time.sleep(POLL_S)
        system.check()
        notify(ALIVE)
        monitor.look()
        probing.look()
        if reported or system.addresses.exchange is None:
            continue
        if system.exchange_get("/_local/status")["state"] == "ended":
            out.print("[yellow]the recording has ended[/]; the system keeps running until Ctrl-C")
            reported = True


def _monitor(system: LocalSystem, out: Console, log: MonitorLog) -> Monitor:
    """Return what logs queues, CPU and memory, and warns on the terminal."""
    sqs = system.aws.client("sqs")
    return Monitor(
        queues=lambda: depths_of(sqs, system.outputs),
        usage=ProcessUsage().read,
        write=log.write,
        warn=lambda text: _holdup(out, text),
        every_s=float(os.environ.get("MONITOR_INTERVAL") or EVERY_S),
    )


def _holdup(out: Console, line: str) -> None:
    out.print(f"[yellow]![/] {escape(line)}", highlight=False, soft_wrap=True)


def _telegram(out: Console, line: str) -> None:
    out.print(f"[cyan]telegram[/] {escape(escaped(line))}", highlight=False, soft_wrap=True)
