"""A pytest plugin that counts what the fuzzers sent: `-p tests.functions.fuzz_figures`.

It prints a table at the end of the run: for each function and route the inputs, the statuses of
their answers, and the most CPU time that one took. Workers send their counts to the main process.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from signalengine_aws.api.routes import ROUTES

FUZZED = ("serve_api", "connect_websocket", "answer_chat", "answer_telegram")
SENT_BY_TELEGRAM = "POST /telegram"
_PATHS = {re.compile(re.sub(r"\{\w+\}", "[^/]*", one.path)): one.path for one in ROUTES}


@dataclass
class Figures:
    """The answers of one route, and the slowest."""

    statuses: Counter[str] = field(default_factory=Counter)
    cpu_ms: float = 0.0

    def add(self, statuses: Mapping[str, int], cpu_ms: float) -> None:
        self.statuses.update(statuses)
        self.cpu_ms = max(self.cpu_ms, cpu_ms)


COUNTED: dict[tuple[str, str], Figures] = {}


def route_of(function: str, event: Mapping[str, Any]) -> str:
    """Name the route that an event is for."""
    if function == "answer_telegram":
        return SENT_BY_TELEGRAM
    if function != "serve_api":
        return str(event["requestContext"]["routeKey"])
    path = event["rawPath"]
    return next((name for form, name in _PATHS.items() if form.fullmatch(path)), "other paths")


def counting(function: str, handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a handler that counts its answers."""

    def counted(event: Any, context: Any) -> Any:
        began, status = time.process_time(), "failed"
        try:
            answer = handler(event, context)
            status = str(answer["statusCode"])
            return answer
        finally:
            spent = (time.process_time() - began) * 1000
            figures = COUNTED.setdefault((function, route_of(function, event)), Figures())
            figures.add({status: 1}, spent)

    return counted


def table() -> list[str]:
    """Return the lines of the table, in Markdown."""
    lines = [
        "| function | route | inputs | statuses | slowest, ms of CPU |",
        "|---|---|---|---|---|",
    ]
    for (function, route), figures in sorted(COUNTED.items()):
        found = ", ".join(f"{status}: {n:,}" for status, n in sorted(figures.statuses.items()))
        inputs = figures.statuses.total()
        lines.append(f"| {function} | `{route}` | {inputs:,} | {found} | {figures.cpu_ms:.0f} |")
    return lines


def pytest_configure(config: pytest.Config) -> None:
    """Count from now on: test files import the handlers later."""
    for function in FUZZED:
        module: Any = import_module(f"functions.{function}.handler")
        module.handler = counting(function, module.handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand a worker's counts over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = [
            [function, route, dict(figures.statuses), figures.cpu_ms]
            for (function, route), figures in COUNTED.items()
        ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the counts of a worker that has ended."""
    for function, route, statuses, cpu_ms in node.workeroutput.get("figures", ()):
        COUNTED.setdefault((function, route), Figures()).add(statuses, cpu_ms)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    terminalreporter.section("what the fuzzers sent")
    terminalreporter.write_line("\n".join(table()))
