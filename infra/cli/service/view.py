"""What `signalengine service status` prints."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text
from signalengine.text.formatting import duration

from infra.cli.reading.context import print_json
from infra.local.service.installed import Report

MB = 1_000_000


def shown(report: Report, *, as_json: bool) -> None:
    """Print a report, for people or for programs."""
    if as_json:
        print_json(report.document())
        return
    out = Console()
    for name, value, is_well in rows(report):
        style = "" if is_well is None else "green" if is_well else "red"
        out.print(Text(f"{name:<10}", "bold") + Text(value, style), soft_wrap=True)


def rows(report: Report) -> Iterator[tuple[str, str, bool | None]]:
    """Yield name, value, and whether it is well (None: neither)."""
    state = report.state
    yield "service", _state(report), state.level in ("running", "starting")
    yield "health", _health(report), report.health.is_ok
    uptime = "not running" if report.uptime_s is None else duration(int(report.uptime_s * 1000))
    yield "uptime", uptime, None
    yield "at start", "enabled" if state.enabled else "disabled", None
    yield (
        "disk",
        f"{report.disk.used / MB:,.0f} MB used, {report.disk.free / MB:,.0f} MB free",
        None,
    )
    yield "data", report.data_dir, None
    yield "address", f"http://localhost:{report.port}/", None


def _state(report: Report) -> str:
    state = report.state
    words = [str(state.level)]
    if state.level == "failed" and state.result:
        words.append(f"({state.result}); signalengine service logs")
    if state.restarts:
        words.append(f"· {state.restarts} restarts")
    return " ".join(words)


def _health(report: Report) -> str:
    found = report.health
    return " · ".join(part for part in (found.status, found.reason, *found.components) if part)
