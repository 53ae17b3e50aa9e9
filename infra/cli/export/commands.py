"""The commands `export` and `sql`: their options and help."""

from pathlib import Path
from typing import Annotated

import typer
from signalengine.intervals import INTERVALS

from infra.cli.options import check_times
from infra.cli.reading.context import ReadContext, reads
from infra.cli.reading.options import (
    FromOption,
    MarketOption,
    PolicyOption,
    ShadowOption,
    StrategyOption,
    ToOption,
    choice,
    offer,
)

NAMES = ("signals", "events", "decisions", "bars", "performance")
FORMATS = ("csv", "jsonl", "parquet")
ANSWERS = ("table", "csv", "json")
ManySymbolsOption = Annotated[
    str, typer.Option("--symbols", help="Only these: comma-separated, like BTCUSDT,eth.")
]
DatasetArgument = Annotated[
    str,
    typer.Argument(
        help=f"{', '.join(NAMES)}.", callback=choice(*NAMES), autocompletion=offer(*NAMES)
    ),
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format", help=f"{', '.join(FORMATS)}.", callback=choice(*FORMATS),
        autocompletion=offer(*FORMATS),
    ),
]  # fmt: skip
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The file; default: the dataset's name, here."),
]
IntervalOption = Annotated[
    str,
    typer.Option(
        help=f"Of bars: {', '.join(INTERVALS)}.", callback=choice(*INTERVALS),
        autocompletion=offer(*INTERVALS),
    ),
]  # fmt: skip
RestartOption = Annotated[bool, typer.Option("--restart", help="Begin anew instead of going on.")]
QueryArgument = Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT statement.")]
AnswerOption = Annotated[
    str,
    typer.Option(
        "--format", help=f"{', '.join(ANSWERS)}.", callback=choice(*ANSWERS),
        autocompletion=offer(*ANSWERS),
    ),
]  # fmt: skip
DataOption = Annotated[
    Path | None,
    typer.Option(help="A folder of exported Parquet files, instead of a stack."),
]
CachedOption = Annotated[
    bool, typer.Option("--cached", help="Use the last query's data, and read nothing.")
]


@reads
def export(
    context: ReadContext,
    dataset: DatasetArgument,
    form: FormatOption = "csv",
    output: OutputOption = None,
    start: FromOption = None,
    end: ToOption = None,
    symbols: ManySymbolsOption = "",
    interval: IntervalOption = "1m",
    policy: PolicyOption = None,
    market: MarketOption = None,
    strategy: StrategyOption = None,
    shadow: ShadowOption = False,
    restart: RestartOption = False,
) -> None:
    """Write signals, events, decisions, bars or performance to a file.

    Without --from: a year of signals, 91 days of decisions, 31 of events
    and 36 of bars, which are stored no longer; up to the newest data.
    Performance is the statistics by symbol, over a policy's whole life on a
    market.

    An export that is interrupted goes on where it stopped when the same
    command is given again. The file appears as a whole, at the end.

    Examples:

      signalengine export signals --from 2025-05-01 --to 2025-06-01
      signalengine export bars --symbols btc,eth --interval 5m --format parquet
      signalengine export decisions --format jsonl -o /dev/stdout | head
    """  # fmt: skip
    from infra.cli.export.console import run_export  # the formats are slow to import
    from infra.cli.export.run import Options

    check_times(start, end, "--from", "--to")
    options = Options(dataset, start, end, symbols, interval, policy, market, strategy, shadow)
    run_export(context, options, form, output, restart=restart)


@reads
def sql(
    context: ReadContext,
    query: QueryArgument,
    form: AnswerOption = "table",
    data: DataOption = None,
    cached: CachedOption = False,
    start: FromOption = None,
    end: ToOption = None,
    symbols: ManySymbolsOption = "",
) -> None:
    """Query signals, events, decisions, bars and performance with SQL.

    The views that the query names are exported from the stack first, to a
    folder of this command; the standard error says of which time they are.
    DuckDB reads them, and nothing else: no other file, no network.

    Examples:

      signalengine sql "DESCRIBE decisions"
      signalengine sql "SELECT outcome, count(*) FROM signals GROUP BY 1"
      signalengine sql "SELECT max(high) FROM bars" --symbols btc --format csv
    """  # fmt: skip
    from infra.cli.export.console import Query, run_sql  # as above

    check_times(start, end, "--from", "--to")
    chosen = "json" if context.as_json else form
    run_sql(context, Query(query, chosen, data, cached, start, end, symbols))
