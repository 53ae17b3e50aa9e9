"""`signalengine burst`: many signals of one minute, and whether each is received once."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.cli.outputs import checked_output, console_beside
from infra.errors import PROBLEM
from infra.local.benchmarks.burst.comparison import Burst
from infra.local.benchmarks.burst.model import play_model
from infra.local.benchmarks.burst.run import play, save


def run_burst(
    count: int,
    state_dir: Path,
    report_file: Path | None,
    *,
    model: bool,
    console: Console | None = None,
) -> int:
    """Send the burst, print what became of it; returns 1 when a signal was lost or came twice."""
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)

    def say(text: str) -> None:
        out.print(f"[dim]· {escape(text)}[/]")

    result = play_model(count, say) if model else play(count, state_dir, say)
    out.print(table(result))
    if report_file is not None:
        for file in save(result, report_file):
            out.print(f"wrote {file}")
    return 0 if result.passed else PROBLEM


def table(result: Burst) -> Table:
    """Return the result as a table."""
    report = result.report
    out = Table(title="burst", show_header=False)
    rows = {
        "signals of one minute": f"{report['signals']:,}",
        "drained after": f"{report['drained_s']:,.0f} s",
        "Telegram messages": f"{report['telegram_messages']:,}",
        "of them digests": f"{report['digests']:,}",
        "signals in digests": f"{report['in_digests']:,}",
        "lost": f"{report['lost']:,}",
        "duplicated": f"{report['duplicated']:,}",
        "WebSocket repeats, which clients drop": f"{report['websocket_repeats']:,}",
    }
    for one in report.get("processes", ()):
        grown = f"{one['memory_mb']:.1f} MB, grew by {one['memory_growth_mb']:+.1f}"
        rows[f"{one['part']} ({one['pid']})"] = grown
    if not report["complete"]:
        rows["incomplete"] = "something was still on its way"
    rows |= {f"violation {n}": error for n, error in enumerate(report["errors"], start=1)}
    for name, value in rows.items():
        out.add_row(name, escape(value))
    return out
