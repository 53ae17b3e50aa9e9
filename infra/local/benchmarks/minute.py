"""CPU time of a minute in compute_features and score_events, without network and tables.

    python -m infra.local.benchmarks.minute --symbols 500 --rounds 5

Every request is made, signed and answered inside the process. In a usual minute one symbol of
fifteen has events, in a wild one three of ten. The rows "botocore alone" make each request anew
(`runtime.dynamodb_calls`); the rows take turns, and the least time of the rounds is shown.
"""

import argparse
import json
import os
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from botocore.awsrequest import AWSResponse
from botocore.session import get_session
from rich.console import Console
from rich.table import Table
from signalengine.facts.stream import BarsFact, encode
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, evaluation_from_json
from signalengine_aws.application.compute_features import ComputeFeatures, read_facts
from signalengine_aws.application.score_events import ScoreEvents
from signalengine_aws.messaging.records import Record
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.items.base import client
from signalengine_aws.stores.items.state import GROUPS_KEY
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.state import DynamoStates

from machine.terminal import program

from .api import facts

KINDS: Final = {"usual": (1, 15), "wild": (3, 10), "all with events": (1, 1)}
"""How many symbols of how many have events."""
POLICY: Final = default_policy()
_KEYS: Final = {
    "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "ap-northeast-1",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Minute:
    """A symbol's state, the fact that makes it warm in the process, and the fact to measure."""

    state: SymbolState
    before: BarsFact
    fact: BarsFact


def minutes() -> tuple[Minute, Minute]:
    """Return a minute without events and one with events, of one time in a synthetic market."""
    for calm, wild in zip(_folded("S00USDT"), _folded("S01USDT"), strict=True):
        if not calm[1] and wild[1]:
            return calm[0], wild[0]
    raise AssertionError("a market of hours has minutes of both kinds")


def _folded(symbol: str) -> Iterator[tuple[Minute, bool]]:
    """Yield a market's minutes, each with whether it has events."""
    state, last = SymbolState.fresh(symbol), None
    for fact in facts(symbol):
        step = advance(state, fact, POLICY)
        if isinstance(fact, BarsFact):
            if last is not None:
                yield Minute(*last, fact), step.evaluation is not None
            last = (state, fact)
        state = step.state


class Tables:
    """Answers requests as tables of these checkpoints do, and notes when evaluations are stored."""

    def __init__(self) -> None:
        self.states: dict[str, Mapping[str, Any]] = {}
        self.evaluations: list[str] = []
        self.last_evaluation = 0.0

    def send(self, request: Any, **_: Any) -> AWSResponse:
        """Answer an event `before-send` of botocore."""
        body = json.loads(request.body)
        return AWSResponse(request.url, 200, {}, _Body(json.dumps(self._answer(body)).encode()))  # type: ignore[arg-type]  # the part of urllib3's that is read

    def _answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "RequestItems" in body:
            keys = [key["symbol"]["S"] for key in body["RequestItems"]["state"]["Keys"]]
            found = [self.states[key] for key in keys]
            return {"Responses": {"state": found}, "UnprocessedKeys": {}}
        if body.get("TableName") == "events":
            self.last_evaluation = time.process_time()
            self.evaluations.append(text_of(body["Item"]["body"]))
        if body.get("TableName") == "state" and "Key" in body:
            return {"Item": self.states[body["Key"]["symbol"]["S"]]}
        return {"Items": [], "Count": 0, "ScannedCount": 0} if "Limit" in body else {}


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of CPU."""

    folded: float
    evaluated: float
    """Until the last evaluation was stored."""
    scored: float
    evaluations: int


def measure(tables: Tables, rows: Mapping[str, Minute]) -> Measured:
    """Fold and store a minute of these symbols, then score its evaluations."""
    names = {"S": json.dumps(list(rows))}
    tables.states[GROUPS_KEY] = {"symbol": {"S": GROUPS_KEY}, "body": names}
    for symbol, row in rows.items():
        data = b64encode(replace(row.state, symbol=symbol).to_bytes()).decode()
        closed_at = {"N": str(row.state.last_close_time)}
        item = {"symbol": {"S": symbol}, "data": {"B": data}, "close_time": closed_at}
        tables.states[symbol] = item
    features = ComputeFeatures(
        log=DynamoLog("bars"), groups=DynamoGroups("state"),
        states=DynamoStates("state"), events=DynamoEvents("events"),
        policy=POLICY, send_letters=len,
    )  # fmt: skip
    features.commit(read_facts(records(rows, before=True))[0])
    tables.evaluations.clear()
    waiting = records(rows)
    began = time.process_time()
    report = features.commit(read_facts(waiting)[0])
    folded = time.process_time() - began
    assert not report.failed, report.failed  # noqa: S101 - of the benchmark itself
    evaluated = tables.last_evaluation - began if tables.evaluations else 0.0
    found = [evaluation_from_json(text) for text in tables.evaluations]
    return Measured(folded, evaluated, scored(found), len(found))


def scored(evaluations: list[Evaluation]) -> float:
    """Score evaluations; returns seconds of CPU."""
    decisions = DynamoDecisions("decisions", "cooldowns", "signals")
    scoring = ScoreEvents(decisions=decisions, policy=POLICY, code_version="benchmark")
    began = time.process_time()
    for evaluation in evaluations:
        scoring.score(evaluation)
    return time.process_time() - began


def records(rows: Mapping[str, Minute], *, before: bool = False) -> list[Record]:
    """Return the stream's records of a minute."""
    return [
        Record(encode(replace(row.before if before else row.fact, symbol=name)), name, str(number))
        for number, (name, row) in enumerate(rows.items())
    ]


def run(symbols: int, rounds: int) -> dict[str, Measured]:
    """Return the least times by row."""
    os.environ.update(_KEYS)
    calm, wild = minutes()
    names = [f"S{number:03}USDT" for number in range(symbols)]
    kinds = {
        kind: {name: wild if n % of < some else calm for n, name in enumerate(names)}
        for kind, (some, of) in KINDS.items()
    }
    connection, tables = client(), Tables()
    plain: Any = get_session().create_client("dynamodb")
    clients: dict[str, Any] = {"": connection.client, ", botocore alone": plain}
    for one in clients.values():
        one.meta.events.register("before-send.dynamodb.*", tables.send)
    found: dict[str, list[Measured]] = {}
    for _ in range(rounds):
        for kind, rows in kinds.items():
            for suffix, one in clients.items():
                connection._client = one  # noqa: SLF001 - PynamoDB has no other way to be given a client
                found.setdefault(kind + suffix, []).append(measure(tables, rows))
    return {name: least(several) for name, several in found.items()}


def least(several: list[Measured]) -> Measured:
    return Measured(
        min(one.folded for one in several), min(one.evaluated for one in several),
        min(one.scored for one in several), several[0].evaluations,
    )  # fmt: skip


def printed(found: Mapping[str, Measured], symbols: int) -> Table:
    """Return the table for the terminal."""
    table = Table(title=f"CPU ms of a minute of {symbols} symbols")
    for head in (
        "minute",
        "folded, stored",
        "until evaluations are stored",
        "evaluations",
        "scored",
    ):
        table.add_column(head, justify="left" if head == "minute" else "right")
    for name, row in found.items():
        times = [f"{1000 * value:.0f}" for value in (row.folded, row.evaluated, row.scored)]
        table.add_row(name, times[0], times[1], str(row.evaluations), times[2])
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    Console().print(printed(run(options.symbols, options.rounds), options.symbols))


if __name__ == "__main__":
    program(main)
