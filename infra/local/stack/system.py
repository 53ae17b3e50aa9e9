"""The whole system on this machine: the embedded AWS, the exchange, Telegram and the ingest task.

Start order: the front server's port and the site; Telegram, the exchange and AWS at once; the
template that `cdk` synthesises; the ingest task last, for which the exchange's clock waits.
"""

import errno
import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import requests
from signalengine_aws.channels.telegram.client import API_BASE, TelegramClient, register_bot
from signalengine_aws.stores.lease import LEASE_KEY
from signalengine_aws.stores.registry import registered_item

from infra.build.dashboard import build_site
from infra.errors import CommandError
from infra.local.front.listening import checked_host
from infra.local.front.server import Behind, FrontServer
from infra.local.front.site import Site, page_config
from infra.local.operator_requests import operator_session
from infra.local.settings.parameters import stack_parameters
from infra.local.stack import stand_ins
from infra.local.stack.archive import LocalArchive
from infra.local.stack.assembly import synthesise
from infra.local.stack.aws import EmbeddedAws
from infra.local.stack.logs import Logs
from infra.local.stack.options import RunOptions
from infra.local.stack.private import private_folder
from infra.local.stack.process_groups import signal_group
from infra.local.stack.processes import Child
from infra.local.stack.routing import Proxy, route_functions
from infra.local.stack.running import Access, Addresses, Running, alone_in, forget, remember
from infra.local.stack.startup.function_log import FunctionLog
from infra.local.stack.startup.given import GivenEmulator
from infra.local.stack.startup.services import ollama_problem, telegram_problem
from infra.local.stack.startup.statuses import Statuses
from infra.local.storage.folder import Data
from infra.names import symbol_parameters

CHILD_READY_S = 120.0
INGEST_READY_S = 900.0
"""The history of 500 symbols takes four minutes of the exchange's request budget."""
DEFAULT_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT,XRPUSDT,BNBUSDT,DOGEUSDT"
LOCAL_CHATS = ("424242", "-4242")


class LocalSystem:
    """A context manager that starts and stops all parts."""

    def __init__(
        self,
        options: RunOptions,
        *,
        report: Callable[[str], None] = lambda _text: None,
        on_telegram: Callable[[str], None] = lambda _text: None,
        on_status: Callable[[str], None] = lambda _text: None,
        proxy: Proxy | None = None,
    ) -> None:
        """`on_status` gets a line about what holds up a part.

        `proxy` runs already: the functions and the ingest task call AWS through it.
        """
        self.options = options
        self._proxy = proxy
        self.outputs: dict[str, str] = {}
        self.exchange: dict[str, Any] = {}
        self.followed: list[str] = []
        """Symbols that the ingest task subscribes to."""
        self._report = report
        self._on_telegram = on_telegram
        self._statuses = Statuses(on_status)
        self._stack = ExitStack()
        self._children: list[Child] = []
        self._bot: dict[str, Any] = {}
        self._stand_ins: dict[str, Any] = {}
        self._restarts = 0
        self._archive: LocalArchive | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except OSError as error:
            self.__exit__()
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise CommandError(f"the disk is full: {error}", "Free some space.") from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        """Terminate all parts, then wait for each; AWS stops after the ingest task's last flush."""
        for child in self._children:
            child.terminate()
        self._stack.close()

    def check(self) -> None:
        """Raise CommandError when a part has ended by itself; report functions that fail.

        Behind a proxy they fail on purpose; a given emulator has its log elsewhere.
        """
        self.aws.check()
        self._logs.check()
        if self._archive is not None:
            self._archive.check()
        for child in list(self._children):
            child.check()
        if self._proxy is not None or self.options.endpoint:
            return
        for problem in self._functions.problems():
            self._statuses.take(problem.function, {"cause": problem.text, "fix": problem.fix})

    def exchange_get(self, path: str) -> Any:
        """Return the JSON of a GET on the local exchange's operator endpoints."""
        return _get_json(f"{self.addresses.exchange}{path}", self.exchange["control_token"])

    def exchange_post(self, path: str, body: dict[str, Any]) -> None:
        """POST JSON to the local exchange's operator endpoints."""
        with operator_session(self.exchange["control_token"]) as session:
            url = f"{self.addresses.exchange}{path}"
            session.post(url, json=body, timeout=20).raise_for_status()

    def telegram_post(self, path: str, body: dict[str, Any]) -> None:
        """POST JSON to the local Telegram server's operator endpoints."""
        with operator_session(self._bot["control_token"]) as session:
            url = f"{self.addresses.telegram}{path}"
            session.post(url, json=body, timeout=20).raise_for_status()

    def telegram_delete(self, path: str) -> None:
        """DELETE on the local Telegram server's operator endpoints."""
        with operator_session(self._bot["control_token"]) as session:
            url = f"{self.addresses.telegram}{path}"
            session.delete(url, timeout=20).raise_for_status()

    def telegram_get(self, path: str) -> Any:
        """Return the JSON of a GET on the local Telegram server's operator endpoints."""
        return _get_json(f"{self.addresses.telegram}{path}", self._bot["control_token"])

    @property
    def bot_token(self) -> str:
        """The token of the local Telegram's bot, "" for the real Telegram."""
        return str(self._bot.get("token", ""))

    @property
    def chat_page(self) -> str | None:
        """The local Telegram's page for the person here: its address holds the run's token."""
        if self.addresses.telegram is None:
            return None
        return f"{self._front.chat}#{self._bot['control_token']}"

    @property
    def channels_page(self) -> str | None:
        """The page of what the stand-ins of channels received."""
        if self.addresses.channels is None:
            return None
        return stand_ins.page_of(self._front.channels, self._stand_ins)

    def _start(self) -> None:
        logs = private_folder(self.options.state_dir / "logs")
        self._stack.enter_context(alone_in(self.options.state_dir, self._report))
        self._front = self._take_port()
        self._logs = Logs(logs, on_status=lambda status: self._statuses.take("logs", status))
        self._logs.begin()
        self._check_services()
        site = build_site(self._report)
        bot, market = self._spawn_telegram(logs), self._spawn_exchange(logs)
        services = self._spawn_stand_ins(logs)
        ports = [self._proxy.port] if self._proxy else []
        data, where = data_of(self.options), self.options.endpoint
        given = GivenEmulator(where) if where else None
        self.aws = EmbeddedAws(
            log_dir=logs, proxies=ports, report=self._report, data=data, given=given
        )
        self._stack.enter_context(self.aws)
        self._functions = FunctionLog(logs / "aws.log")
        telegram, exchange = self._telegram_address(bot), self._exchange_address(market)
        self._stand_ins = services.ready(CHILD_READY_S) if services is not None else {}
        self._symbols_followed = self._symbols()
        self._deploy(telegram)
        self._open_front(site, telegram)
        self.addresses = Addresses(
            dashboard=self._front.page,
            api=self._front.api,
            websocket=self._front.feed,
            telegram=telegram,
            exchange=exchange,
            aws=self.aws.endpoint,
            channels=stand_ins.base_of(self._stand_ins),
        )
        if self.options.archive:
            self._start_archive()
        self.ingest = self.start_ingest("ingest")
        self._write_addresses()

    def _take_port(self) -> FrontServer:
        """Take the port first: whoever has it is named before anything starts."""
        host = checked_host(self.options.host, self.options.token)
        front = FrontServer(host, self.options.port)
        self._stack.callback(front.close)
        return front

    def _open_front(self, site: Path, telegram: str | None) -> None:
        """Set the API's token, then answer at the front server.

        An AWS that runs already has that of an earlier run, which is replaced also by none.
        """
        if self.options.token or self.options.endpoint:
            self.aws.set_api_token(self.options.token)
        services = stand_ins.base_of(self._stand_ins)
        http, feed = self.outputs["HttpUrl"], self.outputs["WebSocketUrl"]
        self._behind = Behind(http, feed, telegram, services)
        config = page_config(chat=telegram is not None, market=self.options.market)
        self._front.open(Site(site, config), self._behind)

    def _deploy(self, telegram: str | None) -> None:
        """Make all resources in the embedded AWS, and let the bot's updates come there."""
        self.outputs = self.aws.deploy(
            parameters={
                "DashboardUrl": self._front.page,
                "TelegramApiBase": telegram or telegram_api(),
                "TelegramPace": "unlimited" if self.options.unpaced and telegram else "normal",
                **stand_ins.parameters(self._stand_ins),
                **symbol_parameters(self._symbols_followed),
                **stack_parameters(os.environ),
            },
            assembly=synthesise(
                report=self._report,
                policy=self.options.policy,
                strategies=self.options.strategies,
            ),
        )
        if self._proxy:
            self._proxy.upstream = self.aws.endpoint
            route_functions(self.aws.client("lambda"), self._proxy.endpoint)
        self._set_up_telegram(telegram)
        stand_ins.register(self.aws.client, self.outputs, self._stand_ins)
        self._free_lease()
        self._register()

    def _register(self) -> None:
        """Register the run's parameter sets, before the first function reads which there are."""
        if self.options.registered:
            table, database = self.outputs["StrategiesTable"], self.aws.client("dynamodb")
            for one in self.options.registered:
                database.put_item(TableName=table, Item=registered_item(one))

    def _free_lease(self) -> None:
        """Release the lease of an ingest task that ended with the machine.

        Nobody else has this data, so the new task need not wait until the lease expires.
        """
        if self.options.data_dir is not None:
            self.aws.client("dynamodb").update_item(
                TableName=self.outputs["StateTable"],
                Key={"symbol": {"S": LEASE_KEY}},
                UpdateExpression="REMOVE held_by, held_until",
            )

    def _check_services(self) -> None:
        """Try the services that the environment names; raises CommandError."""
        real = self._real_telegram()
        url, model = os.environ.get("OLLAMA_BASE_URL"), os.environ.get("OLLAMA_MODEL", "")
        problems = {
            "telegram": telegram_problem(_client(real[0]), real[1]) if real else None,
            "ollama": ollama_problem(url, model) if url else None,
        }
        for part, problem in problems.items():
            if problem is not None:
                self._statuses.take(part, problem)

    def _start_archive(self) -> None:
        folder = private_folder(self.options.home / "archive")
        stream = self.outputs["FeedStreamName"]
        self._archive = LocalArchive(
            self.aws.client("kinesis"),
            stream,
            folder,
            lambda status: self._statuses.take("archive", status),
        )
        self._archive.start()
        self._stack.callback(self._archive.stop)  # after the ingest task, before AWS

    def _write_addresses(self) -> None:
        """Write the file of addresses that the command line reads."""
        o, pid = self.options, os.getpid()
        now, keys = time.time_ns() // 1_000_000, self.aws.keys
        access = Access(
            keys.access_key_id,
            keys.secret_access_key,
            self._bot.get("control_token"),
            self.exchange.get("control_token"),
            self._stand_ins.get("control_token"),
        )
        data = str(o.data_dir) if o.data_dir else None
        remember(
            o.state_dir,
            Running(pid, now, o.market, o.speed, self.addresses, self.outputs, access, data),
        )
        self._stack.callback(forget, o.state_dir, pid)

    def _spawn_telegram(self, logs: Path) -> Child | None:
        if self._real_telegram() is not None:
            return None
        arguments = ["infra.local.telegram", "--port", "0", "--print"]
        for chat in LOCAL_CHATS:  # a person, who is subscribed, and a group to try
            arguments += ["--chat", chat]
        return self._spawn("telegram", arguments, logs, on_line=self._on_telegram)

    def _spawn_stand_ins(self, logs: Path) -> Child | None:
        if not self.options.channels or self._real_telegram() is not None:
            return None
        return self._spawn("channels", ["infra.local.channels", "--port", "0"], logs)

    def _telegram_address(self, child: Child | None) -> str | None:
        if child is None:
            return None
        self._report("Starting the local Telegram")
        self._bot = child.ready(CHILD_READY_S)
        return f"http://127.0.0.1:{self._bot['port']}"

    def _spawn_exchange(self, logs: Path) -> Child | None:
        if self.options.source == "live":
            return None
        o = self.options
        arguments = ["infra.local.exchange", "--port", "0", "--seed", str(o.seed)]
        listed = "" if o.ranked else o.symbols
        market = (("--source", o.source), ("--speed", o.speed), ("--symbols", listed))
        for name, value in (*market, ("--from", o.start), ("--to", o.end)):
            if value:
                arguments += [name, value]
        return self._spawn("exchange", arguments, logs)

    def _exchange_address(self, child: Child | None) -> str | None:
        if child is None:
            return None
        self._report("Starting the local exchange")
        self.exchange = child.ready(CHILD_READY_S)
        return f"http://127.0.0.1:{self.exchange['port']}"

    def _symbols(self) -> str:
        if self.options.ranked:
            return self.options.symbols
        found = self.exchange.get("symbols")
        return ",".join(found) if found else self.options.symbols or DEFAULT_SYMBOLS

    def _set_up_telegram(self, local: str | None) -> None:
        token, chat = self._real_telegram() or (self._bot["token"], self._bot["chat_id"])
        secret = secrets.token_urlsafe(32)
        admins = telegram_admins(chat)
        self.aws.set_telegram(token=token, chat_id=chat, webhook_secret=secret, admin_ids=admins)
        if local is not None:
            bot = TelegramClient(token, base_url=local)
            register_bot(bot, f"{self.outputs['HttpUrl']}/telegram", secret, admins)

    def _real_telegram(self) -> tuple[str, str] | None:
        return None if self.options.local_telegram else real_telegram()

    def start_ingest(self, name: str, *, log: str | None = None) -> Child:
        """Start an ingest task; a second one is a standby of the first.

        `log` is the name of its log file, if another task of this name has written one.
        """
        self._report("Warming up the ingest task")
        exchange = self.addresses.exchange
        env = self.aws.env(as_ingest_task=True) | {
            "FEED_STREAM": self.outputs["FeedStreamName"],
            "LEASE_TABLE": self.outputs["StateTable"],
            "SYMBOLS": self._symbols_followed,
            "MARKET": self.options.market,
            "SPOOL_DIR": str(private_folder(self.options.home / "spool" / name)),
            "TASK_NAME": name,
        }
        if self._proxy:
            env["AWS_ENDPOINT_URL"] = self._proxy.endpoint
        if exchange is not None:
            env["BINANCE_REST_BASE"] = exchange
            env["BINANCE_WS_BASE"] = exchange.replace("http://", "ws://")
        child = self._spawn(log or name, ["ingest_task"], self.options.state_dir / "logs", env=env)
        self.followed = list(child.ready(INGEST_READY_S)["symbols"])
        return child

    def kill_ingest(self) -> None:
        """Kill the ingest task, as when its machine fails, with no time to say goodbye."""
        self._children.remove(self.ingest)
        self.ingest.kill()

    def stop_ingest(self) -> None:
        """Stop the ingest task, as a deployment does, with the time that it needs."""
        self.retire(self.ingest)

    def restart_ingest(self) -> None:
        """Start the ingest task again, with the name and the spool of the one that ended."""
        self._restarts += 1
        self.ingest = self.start_ingest("ingest", log=f"ingest-{self._restarts}")

    def crash(self) -> None:
        """Kill AWS, its functions and the ingest task at once, as a power cut does.

        The exchange and Telegram are the world outside, which goes on.
        """
        signal_group(self.ingest.pid, signal.SIGKILL)
        self.aws.kill()
        self.ingest.kill()
        if self.ingest in self._children:
            self._children.remove(self.ingest)

    def recover(self) -> None:
        """Start again what `crash` has ended, at the same address."""
        self.aws.start()
        self._deploy(self.addresses.telegram)
        self._behind.api, self._behind.feed = self.outputs["HttpUrl"], self.outputs["WebSocketUrl"]
        self.restart_ingest()

    def retire(self, child: Child) -> None:
        """Stop one part for good; the others continue."""
        self._children.remove(child)
        child.stop()

    def _spawn(
        self,
        name: str,
        arguments: list[str],
        logs: Path,
        *,
        env: dict[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Child:
        child = Child(
            name,
            arguments,
            env=env or os.environ,
            log_dir=logs,
            on_line=on_line,
            on_status=lambda status: self._statuses.take(name, status),
        )
        self._stack.callback(child.stop)
        self._children.append(child)
        return child


def data_of(options: RunOptions) -> Data | None:
    """Return where the embedded AWS keeps its state, None for a run that keeps nothing."""
    if options.data_dir is None:
        return None
    return Data(private_folder(options.data_dir), options.market)


def real_telegram() -> tuple[str, str] | None:
    """Return the token and chat of the real Telegram, when both are in the environment."""
    token, chat = os.environ.get("TELEGRAM_BOT_TOKEN"), os.environ.get("TELEGRAM_CHAT_ID")
    if bool(token) != bool(chat):
        missing = "TELEGRAM_CHAT_ID" if token else "TELEGRAM_BOT_TOKEN"
        raise CommandError(f"for the real Telegram set {missing} too, or neither for the local one")
    return (token, chat) if token and chat else None


def _client(token: str) -> TelegramClient:
    return TelegramClient(token, base_url=telegram_api())


def telegram_api() -> str:
    """Return the address of the real Bot API, or of the server that the environment names."""
    return os.environ.get("TELEGRAM_API_BASE", "").rstrip("/") or API_BASE


def telegram_admins(chat: str) -> list[int]:
    """Return the ids of the bot's operators: the environment's, else the configured person."""
    named = os.environ.get("TELEGRAM_ADMIN_IDS", "")
    try:
        return [int(word) for word in (named or chat).replace(",", " ").split() if int(word) > 0]
    except ValueError:
        if named:
            raise CommandError("TELEGRAM_ADMIN_IDS: expected numbers with commas") from None
        return []  # a channel @name is no person


def _get_json(url: str, token: str, tries: int = 3) -> Any:
    with operator_session(token) as session:
        for attempt in range(tries):
            try:
                response = session.get(url, timeout=20)
                response.raise_for_status()
                return response.json()
            except requests.RequestException:
                if attempt == tries - 1:
                    raise
                time.sleep(0.2)
    return None
