"""Every variable that a user may set: its default, what it does, and what its values may be.

It is the one list of them: the checks at the start, `signalengine config`, `signalengine init` and
docs/settings.md are made from it. A variable that earlier versions had and that has no use now is
in it too, with what replaced it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from . import values

Reader: TypeAlias = Callable[[str], object]
"""Reads the text of a variable; raises ValueError with what its values may be."""
Place: TypeAlias = Literal["stack", "up", "command"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `help` is a sentence of what it does."""

    name: str
    default: str
    help: str
    read: Reader = values.text
    secret: bool = False
    """Whether its value is never shown."""
    policy: str = ""
    """The field of the policy that it replaces."""
    place: Place = "stack"
    """`stack`: it affects every stack that runs here; `up`: that of `signalengine up` alone;
    `command`: the command line itself, which reads it from the environment alone."""
    earlier: bool = False
    """Whether version 3 had it."""


@dataclass(frozen=True, slots=True)
class Unused:
    """A variable of version 3 without a use now, and what replaced it."""

    name: str
    instead: str


@dataclass(frozen=True, slots=True)
class Section:
    """Variables that belong together, under a title."""

    title: str
    variables: tuple[Variable, ...]


def _of_policy(
    name: str, field: str, default: str, help_: str, *, earlier: bool = True
) -> Variable:
    return Variable(name, default, help_, values.number(), policy=field, earlier=earlier)


SECTIONS: Final = (
    Section("Core", (
        Variable("LOG_LEVEL", "INFO",
                 "Level of the logs of the functions and of the ingest task.",
                 values.one_of("DEBUG", "INFO", "WARNING", "ERROR"), earlier=True),
        Variable("SYMBOLS", "",
                 "What `up` follows without `--symbols`: BTCUSDT,ETHUSDT, top:20 or all; "
                 "empty for all of the source (live: six large ones).",
                 values.symbols, place="up"),
        Variable("STRATEGIES", "strategies",
                 "Folder of your own strategies, a file each (docs/strategies.md)."),
    )),
    Section("Policy", (
        _of_policy("SIGNAL_SCORE_THRESHOLD", "threshold", "0.5",
                   "Lowest score of a signal."),
        _of_policy("SIGNAL_COOLDOWN_SECONDS", "cooldown_s", "300",
                   "After a signal, none of the same symbol for so many seconds."),
        _of_policy("SIGNAL_REARM_SECONDS", "rearm_s", "3600",
                   "After a signal, none of the same symbol and direction for so many seconds.",
                   earlier=False),
        _of_policy("SIGNAL_TP_MULTIPLIER", "tp_atr", "2",
                   "Distance of the take-profit from the entry, in ATRs."),
        _of_policy("SIGNAL_SL_MULTIPLIER", "sl_atr", "1",
                   "Distance of the stop-loss from the entry, in ATRs."),
        _of_policy("SIGNAL_TTL_SECONDS", "ttl_s", "3600",
                   "A signal that reached neither expires after so many seconds."),
    )),
    Section("Telegram", (
        Variable("TELEGRAM_BOT_TOKEN", "",
                 "Token of the bot, from @BotFather; empty for the local Telegram.",
                 values.bot_token, secret=True, place="up", earlier=True),
        Variable("TELEGRAM_CHAT_ID", "",
                 "Chat that receives every signal, from @userinfobot.",
                 values.chat, place="up", earlier=True),
        Variable("TELEGRAM_ADMIN_IDS", "",
                 "User ids of the bot's operators, with commas; empty for TELEGRAM_CHAT_ID.",
                 values.whole_numbers, place="up"),
        Variable("TELEGRAM_RATE_LIMIT", "1",
                 "Most messages a second to one chat; Telegram accepts one, so more has no effect.",
                 values.number(0.01, 1000.0), earlier=True),
        Variable("TELEGRAM_API_BASE", "https://api.telegram.org",
                 "Address of the Bot API, or of your own Bot API server.",
                 values.address("http://", "https://"), place="up"),
    )),
    Section("AI", (
        Variable("AI_ENABLED", "false",
                 "Whether scoring computes the probability of a model; its effect is the policy's.",
                 values.yes_or_no, earlier=True),
        Variable("AI_MODEL_PATH", "", "File of that model.", earlier=True),
        Variable("OLLAMA_BASE_URL", "",
                 "Ollama server that answers the chat; empty for answers by rules.",
                 values.address("http://", "https://"), earlier=True),
        Variable("OLLAMA_MODEL", "llama3.2:3b", "Model of that server.", earlier=True),
    )),
    Section("Monitoring", (
        Variable("MONITOR_INTERVAL", "30",
                 "Seconds between two lines of `up` in logs/monitor.log: queues, CPU and memory.",
                 values.number(1, 3600), place="up", earlier=True),
        Variable("DAILY_EXPORT_DIR", "",
                 "Folder of a file of each day's signals, as --daily-export.", place="up"),
        Variable("ENABLE_PROMETHEUS", "true",
                 "Whether `/metrics` answers; without it, 404.", values.yes_or_no, earlier=True),
        Variable("METRICS_PORT", "0",
                 "Port at which the ingest task serves Prometheus; 0 for none.",
                 values.whole(0, 65_535)),
        Variable("METRICS_BIND", "127.0.0.1", "Address that METRICS_PORT listens at."),
    )),
    Section("Feed", (
        Variable("BINANCE_REST_BASE", "https://fapi.binance.com",
                 "REST interface of a live market.", values.address("http://", "https://")),
        Variable("BINANCE_WS_BASE", "wss://fstream.binance.com",
                 "WebSocket of a live market.", values.address("ws://", "wss://")),
        Variable("STREAMS_PER_CONNECTION", "200", "Streams of one connection.",
                 values.whole(4, 1024)),
        Variable("CONNECTION_LIFETIME_S", "82800",
                 "Age in seconds at which a connection is replaced.", values.whole(10, 86_400)),
    )),
    Section("Commands", (
        Variable("SIGNALENGINE_STACK", "", "Stack that the commands read, as --stack.",
                 place="command"),
        Variable("SIGNALENGINE_STAGE", "", "Stage that is deployed, as --stage.", place="command"),
        Variable("SIGNALENGINE_REGION", "ap-northeast-1", "Region of the stack, as --region.",
                 place="command"),
        Variable("SIGNALENGINE_URL", "", "Address of the HTTP API, as --url.", place="command"),
        Variable("SIGNALENGINE_WEBSOCKET", "", "Address of the feed, as --websocket.",
                 place="command"),
        Variable("SIGNALENGINE_TOKEN", "", "API token of the stack, as --token.", secret=True,
                 place="command"),
        Variable("SIGNALENGINE_CHANNEL_URL", "", "URL of a destination, for channel add.",
                 secret=True, place="command"),
        Variable("SIGNALENGINE_CHANNEL_SECRET", "", "What signs its requests, for channel add.",
                 secret=True, place="command"),
        Variable("SIGNALENGINE_DATA_DIR", "", "Folder of a local system's data, as --data-dir.",
                 place="command"),
        Variable("SIGNALENGINE_DATA", "", "Folder of the recordings that research reads.",
                 place="command"),
    )),
)  # fmt: skip
UNUSED: Final = (
    Unused("REDIS_URL", "the stream, the tables and the queues replace Redis"),
    Unused("SQLITE_DB_NAME", "the tables replace SQLite; `up --state-dir` chooses the folder"),
    Unused("SIGNAL_QUEUE_SIZE", "queues have no limit, and nothing is dropped"),
    Unused("NEXT_PUBLIC_API_URL", "the dashboard finds its API itself"),
)
VARIABLES: Final = {one.name: one for section in SECTIONS for one in section.variables}
"""Every variable with a use, by its name."""
