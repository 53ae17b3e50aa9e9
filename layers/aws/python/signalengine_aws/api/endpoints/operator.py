"""The operator's endpoints: what needs the operator's token. Answers are stored by no cache."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from signalengine.errors import PermanentError
from signalengine.text.symbol_reader import read_symbol

from .. import parameters as p
from ..operator_services import OperatorServices
from ..routing import MissingError, Request, Route
from .chat import read_body

if TYPE_CHECKING:
    from signalengine.strategy.lifecycle import Action

    from ..queries.subscribers import Subscribers

ACTIONS: Final[Mapping[str, "Action"]] = {
    "shadow": "shadow", "pause": "park", "resume": "resume", "remove": "retire",
}  # fmt: skip
"""The page's actions, and what each is in the life of a set."""
MOST_WHY: Final = 500
MOST_WHO: Final = 60
MOST_PARAMETERS: Final = 64
GREATEST: Final = 1e15
"""Of a parameter; a float has no integer beyond some more."""
MOST_SYMBOLS: Final = 5
ID: Final = re.compile(r"[0-9a-f]{24}")


class ChangedSet(TypedDict):
    """A set after a change."""

    name: str
    before: str | None
    """Its status; null: it was not registered."""
    status: str
    digest: str
    changes: int
    notes: list[str]
    """What does not happen at once, and what to know."""
    command: str
    """Makes it live, on the operator's command line."""


class AuditedChange(TypedDict):
    """Who changed a set when, from what into what, and why."""

    at: int
    who: str
    why: str
    before: str | None
    status: str
    digest: str
    reason: str
    """Why it was parked; else empty."""
    parameters: dict[str, float]


class Audit(TypedDict):
    """The changes of a set, the newest first."""

    name: str
    changes: list[AuditedChange]


class PreviewedSignal(TypedDict):
    """A signal that there would have been; without an outcome it was still open."""

    id: str
    """As the signal would have been named: a published one with these parameters has the same."""
    symbol: str
    direction: str
    close_time: int
    entry_price: float
    outcome: str | None
    net_pct: float | None
    r: float | None
    """Net result in units of the risk to the stop."""


class PreviewedSet(TypedDict):
    """What a parameter set would have done; returns are net percent of the entry."""

    name: str
    digest: str
    parameters: dict[str, float]
    """Empty for `classic`."""
    signals: int
    open: int
    closed: int
    wins: int
    win_rate: float | None
    win_rate_low: float | None
    """Wilson's interval of 95 %."""
    win_rate_high: float | None
    net_pct: float
    net_pct_squares: float
    """Sum of the squares of the returns, for an interval over several answers."""
    avg_pct: float | None
    avg_pct_low: float | None
    """The interval of 95 %; null below 30 closed signals."""
    avg_pct_high: float | None
    r_sum: float
    """Sum of the results in units of the risk to the stop."""
    r_count: int
    costs_pct: float
    """Fees and slippage of the closed ones, which are in the returns."""
    closes: int
    """Closes at which it was asked."""
    not_warm: int
    """Of them, those at which it had too few bars."""
    list: list[PreviewedSignal]
    """The newest, 100 at most."""


class Preview(TypedDict):
    """The last week with other parameters, with the registered ones, and by the live sets."""

    start: int
    end: int
    market: str
    symbols: list[str]
    skipped: list[str]
    """Symbols for the next request."""
    unknown: list[str]
    """Symbols of which no state is stored."""
    since: int
    """From when on all of `symbols` are known, ms."""
    proposed: PreviewedSet
    current: PreviewedSet
    live: list[PreviewedSet]
    """The other live sets, at most four."""
    notes: list[str]


class SubscriberRow(TypedDict):
    """An address with its preferences, and its state."""

    id: str
    """Shows the same address until the operator's token changes, and not which one."""
    channel: str
    address: str
    """The name of a destination; of people's addresses what may be shown."""
    stored: bool
    """Whether it has preferences; the bot's first chat may have none, and receives everything."""
    active: bool
    since: int | None
    symbols: list[str]
    strategies: list[str]
    direction: str | None
    min_score: float
    opened: str
    closed: str
    quiet: list[int] | None
    timezone: str
    language: str
    muted_until: int | None
    left_at: int | None
    moved: bool
    parked_until: int | None
    parked_reason: str
    last_sent: int | None
    """Slot of its newest message."""
    refusals: int


class SubscriberList(TypedDict):
    """All subscribers, those that receive first."""

    subscribers: list[SubscriberRow]
    count: int


class AlarmRow(TypedDict):
    """An alarm; `runbook` is where docs/runbook.md says what to do."""

    name: str
    about: str
    threshold: str
    state: Literal["ok", "alarm", "unknown"]
    since: int
    runbook: str


class AlarmList(TypedDict):
    """The alarms, those that fire first; `source` says where they come from."""

    source: Literal["cloudwatch", "none"]
    alarms: list[AlarmRow]


def change_set(services: OperatorServices, request: Request) -> dict[str, Any]:
    """Makes, pauses, resumes or removes a set in shadow. Nothing here publishes anything: a set
    that is live is refused, and only `signalengine strategy promote` makes one live. The change is
    stored with `who` and `why`. The body is `{"action", "name", "parameters", "who", "why"}`;
    `action` is `shadow`, `pause`, `resume` or `remove`, `parameters` are for `shadow`.
    """
    raw = read_body(request.body)
    action = ACTIONS.get(str(raw.get("action")))
    if action is None:
        raise p.QueryError(f"action: expected one of {', '.join(ACTIONS)}")
    name, why = _name(raw), _line(raw, "why", MOST_WHY)
    who = f"{_line(raw, 'who', MOST_WHO)} (operator's token)"
    try:
        done = services.sets(who).shadow(action, name, _parameters(raw), services.now(), why)
    except (PermanentError, ValueError) as error:
        raise p.QueryError(str(error)) from error
    return {
        "name": done.after.name,
        "before": None if done.before is None else done.before.status,
        "status": done.after.status,
        "digest": done.after.digest,
        "changes": done.after.version,
        "notes": done.notes,
        "command": f"signalengine strategy promote {name} --evidence FILE",
    }


def preview(services: OperatorServices, request: Request) -> dict[str, Any]:
    """What a set would have done in the last seven days with other parameters: the engine's own
    fold, decisions and settlement on what it has received of at most five symbols, beside the same
    set as it is and the live sets. The other symbols are in `skipped`, for the next request. It is
    hindsight, and `notes` say what is missing. For `classic` the parameters are numbers of its
    policy, like `threshold` and `weights.trend`. Sets that compare symbols, have protections or a
    model are refused. The body is `{"name", "parameters", "symbols"}`.
    """
    from ..queries.previews import Previews

    raw = read_body(request.body)
    name = _name(raw)
    try:
        return Previews(services).of(name, _parameters(raw), _symbols(raw))
    except (PermanentError, ValueError) as error:
        raise p.QueryError(str(error)) from error


def audit(services: OperatorServices, _: Request, *, name: str) -> dict[str, Any]:
    """Who changed a set, when, into what and why."""
    import json

    found = services.registry.changes(name)
    rows = [
        {
            "at": one.at,
            "who": one.who,
            "why": one.why,
            "before": None if one.before is None else one.before.status,
            "status": one.after.status,
            "digest": one.after.digest,
            "reason": one.after.reason,
            "parameters": json.loads(one.after.text or "{}").get("parameters", {}),
        }
        for one in found
    ]
    return {"name": name, "changes": rows}


def subscribers(services: OperatorServices, _: Request) -> dict[str, Any]:
    """Every address of every channel, by an id that names nobody: what it receives, and whether it
    is parked or has left.
    """
    rows = _subscribers(services).all()
    return {"subscribers": rows, "count": len(rows)}


def remove_subscriber(services: OperatorServices, request: Request) -> dict[str, Any]:
    """Ends the subscription of one address and removes its e-mail address, or its browser's
    endpoint and keys; it may subscribe again itself. The body is `{"id"}`."""
    wanted = str(read_body(request.body).get("id"))
    if not ID.fullmatch(wanted):
        raise p.QueryError("id: expected 24 hex digits")
    found = _subscribers(services).remove(wanted)
    if found is None:
        raise MissingError("no subscriber has this id")
    return found


def alarms(services: OperatorServices, _: Request) -> dict[str, Any]:
    """The alarms of the stack, from CloudWatch: what fires, since when, and where the runbook says
    what to do. A local system has none; its `/health` says what is wrong.
    """
    from ..queries.alarms import alarms as described

    prefix = services.env.alarms_prefix
    if not prefix:
        return {"source": "none", "alarms": []}
    return {"source": "cloudwatch", "alarms": described(services.alarms(), prefix)}


def _subscribers(services: OperatorServices) -> "Subscribers":
    from ..queries.subscribers import Subscribers

    return Subscribers(
        services.subscriptions, services.deliveries, services.auth.public_id,
        services.forget_contact, services.now(),
    )  # fmt: skip


def _name(raw: dict[str, Any]) -> str:
    name = str(raw.get("name")).removesuffix("@default")
    if not p.SET.fullmatch(name):
        raise p.QueryError("name: expected a strategy, or strategy@set")
    return name


def _line(raw: dict[str, Any], field: str, most: int) -> str:
    """Return one line of text that is demanded; raises QueryError."""
    text = raw.get(field)
    line = " ".join(text.split()) if isinstance(text, str) else ""
    if not 0 < len(line) <= most or not line.isprintable():
        raise p.QueryError(f"{field}: expected 1 to {most} characters on one line")
    return line


def _parameters(raw: dict[str, Any]) -> dict[str, float]:
    """Return the chosen parameters; the strategy checks their names and bounds."""
    given = raw.get("parameters", {})
    if not isinstance(given, dict) or len(given) > MOST_PARAMETERS:
        raise p.QueryError(f"parameters: expected an object of at most {MOST_PARAMETERS} numbers")
    for value in given.values():
        if isinstance(value, int | float) and not abs(value) <= GREATEST:
            raise p.QueryError(f"parameters: expected numbers of at most {GREATEST:g}")
    return given


def _symbols(raw: dict[str, Any]) -> list[str]:
    given = raw.get("symbols", [])
    if not isinstance(given, list) or len(given) > MOST_SYMBOLS:
        raise p.QueryError(f"symbols: expected at most {MOST_SYMBOLS}")
    try:
        return [read_symbol(str(one)) for one in given]
    except ValueError as error:
        raise p.QueryError(f"symbols: {error}") from error


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": r"\S"}


def change_body() -> dict[str, Any]:
    """Return the JSON schema of a change."""
    return {
        "type": "object",
        "required": ["action", "name", "who", "why"],
        "properties": {
            "action": {"enum": list(ACTIONS)},
            "name": {"type": "string", "pattern": f"^{p.SET.pattern}$"},
            "parameters": _PARAMETERS,
            "who": _text(MOST_WHO),
            "why": _text(MOST_WHY),
        },
    }


def preview_body() -> dict[str, Any]:
    """Return the JSON schema of what is previewed."""
    return {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": f"^{p.SET.pattern}$"},
            "parameters": _PARAMETERS,
            "symbols": {"type": "array", "maxItems": MOST_SYMBOLS, "items": {"type": "string"}},
        },
    }


def subscriber_body() -> dict[str, Any]:
    """Return the JSON schema of who is removed."""
    identifier = {"type": "string", "pattern": f"^{ID.pattern}$"}
    return {"type": "object", "required": ["id"], "properties": {"id": identifier}}


_PARAMETERS: Final = {
    "type": "object", "maxProperties": MOST_PARAMETERS, "additionalProperties": {"type": "number"},
}  # fmt: skip
TAG: Final = "Operator"

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/settings/sets", "Make, pause, resume or remove a set in shadow", TAG, change_set,
        ChangedSet, method="POST", body=change_body, raises=("429",), operator=True,
    ),
    Route(
        "/settings/preview", "What other parameters would have done", TAG, preview, Preview,
        method="POST", body=preview_body, raises=("429",), operator=True,
    ),
    Route(
        "/settings/sets/{name}", "Who changed a set, and why", TAG, audit, Audit, (p.set_name(),),
        raises=("429",), operator=True,
    ),
    Route(
        "/settings/subscribers", "Who receives what", TAG, subscribers, SubscriberList,
        raises=("429",), operator=True,
    ),
    Route(
        "/settings/subscribers", "End a subscription", TAG, remove_subscriber, SubscriberRow,
        method="POST", body=subscriber_body, raises=("404", "429"), operator=True,
    ),
    Route("/settings/alarms", "The alarms and their states", TAG, alarms, AlarmList,
          raises=("429",), operator=True),
)  # fmt: skip
