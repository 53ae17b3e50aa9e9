"""`python -m infra.build.grafana`: writes Grafana's dashboard of `GET /metrics`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from machine.files import write
from machine.terminal import program

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "monitoring" / "grafana" / "dashboards" / "signalengine.json"
SOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
"""The data source that `monitoring/grafana/provisioning` makes."""
COLUMNS: Final = 24
HOPS: Final = {
    "close_to_commit": "bar's close to commit",
    "commit_to_publication": "commit to publication",
    "publication_to_delivery": "publication to delivery",
    "commit_to_delivery": "commit to delivery",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph of queries, each with its legend."""

    title: str
    queries: Mapping[str, str]
    """PromQL by legend."""
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    options: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


LATENCY: Final = "signal_latency_seconds"
BY_CHANNEL: Final = "sum by (channel, le)"


def _quantile(part: float, hop: str) -> str:
    buckets = f'increase({LATENCY}_bucket{{hop="{hop}"}}[1h])'
    return f"histogram_quantile({part}, sum by (le) ({buckets}))"


def _per_hour(counter: str, by: str = "") -> str:
    return f"sum{f' by ({by})' if by else ''} (increase({counter}[1h]))"


def _by_market(metric: str) -> str:
    return f"sum by (market) ({metric})"


def _heatmap(hop: str, title: str) -> Panel:
    buckets = f'increase({LATENCY}_bucket{{hop="{hop}"}}[$__interval])'
    return Panel(
        f"Seconds from {title}", {"{{le}}": f"sum by (le) ({buckets})"}, "heatmap", "s", 6,
        {"calculate": False, "yAxis": {"unit": "s"}, "cellGap": 1},
    )  # fmt: skip


FEED: Final = (
    Panel("Age of the heartbeat", {"age": "feed_age_seconds"}, "stat", "s", 4),
    Panel("Bars behind the market", {"lag": "feed_lag_seconds"}, "stat", "s", 4),
    Panel("Symbols", {"symbols": "feed_symbols"}, "stat", width=4),
    Panel(
        "Since a stream's last message",
        {"{{stream}}": "feed_stream_age_seconds"},
        unit="s",
        width=12,
    ),
    Panel("Lag", {"lag": "feed_lag_seconds", "heartbeat": "feed_age_seconds"}, unit="s"),
    Panel(
        "Gaps",
        {
            "open": "feed_gaps_open",
            "noticed in 24 h": "feed_gaps_last_24h",
            "bars lost in 24 h": "feed_gaps_lost_bars_24h",
        },
    ),
    Panel(
        "Backlog and reconnects",
        {
            "facts waiting": "feed_backlog",
            "reconnects per hour": _per_hour("feed_reconnects_total"),
        },
    ),
)
HOP_PANELS: Final = (
    *(_heatmap(hop, title) for hop, title in HOPS.items()),
    Panel("Median by hop, an hour", {t: _quantile(0.5, h) for h, t in HOPS.items()}, unit="s"),
    Panel(
        "95th percentile by hop, an hour",
        {t: _quantile(0.95, h) for h, t in HOPS.items()},
        unit="s",
    ),
    Panel(
        "95th percentile from commit to delivery, by channel",
        {
            "{{channel}}": f"histogram_quantile(0.95, {BY_CHANNEL} "
            f'(increase({LATENCY}_bucket{{hop="commit_to_delivery"}}[1h])))'
        },
        unit="s",
    ),
)
SIGNALS: Final = (
    Panel("Open", {"{{market}}": _by_market("signals_open")}, "stat", width=4),
    Panel(
        "Win rate",
        {"{{market}}": f"{_by_market('signals_won_total')} / {_by_market('signals_closed_total')}"},
        "stat",
        "percentunit",
        4,
        about="Closed signals with a net gain; N is beside it.",
    ),
    Panel("N, closed", {"{{market}}": _by_market("signals_closed_total")}, "stat", width=4),
    Panel(
        "Sum of net returns",
        {"{{market}}": _by_market("signals_return_pct_sum")},
        unit="percent",
        width=12,
    ),
    Panel(
        "Signals per hour",
        {
            "opened": _per_hour("signals_emitted_total"),
            "closed": _per_hour("signals_closed_total"),
        },
    ),
    Panel(
        "Closed per hour, by outcome",
        {
            "TP": _per_hour("signals_tp_hit_total"),
            "SL": _per_hour("signals_sl_hit_total"),
            "expired": _per_hour("signals_expired_total"),
            "left": _per_hour("signals_left_total"),
        },
    ),
    Panel("Events per hour", {"events": _per_hour("events_triggered_total")}),
)
DELIVERY: Final = (
    Panel("Messages per hour", {"{{queue}}": _per_hour("messages_sent_total", "queue")}),
    Panel("Waiting", {"{{queue}}": "queue_messages", "not published": "signals_unpublished"}),
    Panel(
        "Dead letters and paused addresses",
        {"dead letters, {{queue}}": "dead_letters", "paused, {{channel}}": "addresses_parked"},
    ),
)
_FIRING: Final = 'ALERTS{alertstate="firing"}'
_SCRAPE: Final = 'scrape_duration_seconds{job="signalengine"}'
SERVICE: Final = (
    Panel(
        "Stages of /health",
        {"{{component}}": "service_component_ok"},
        "state-timeline",
        width=12,
        options={"mergeValues": True, "showValue": "never", "rowHeight": 0.8},
    ),
    Panel(
        "Alerts",
        {"{{alertname}} {{channel}}{{queue}}{{component}}": _FIRING},
        width=12,
    ),
    Panel("A scrape of the API", {"seconds": _SCRAPE}, unit="s"),
    Panel(
        "The ingest task", {"CPU %": "cpu_percent", "memory, MB": "memory_rss_bytes / 1e6"}, width=4
    ),
    Panel("WebSocket clients", {"clients": "websocket_clients"}, width=4),
    Panel("Cost on AWS so far", {"estimate": "cost_usd"}, "stat", "currencyUSD", 4),
    Panel("A month at this pace", {"estimate": "cost_month_usd"}, "stat", "currencyUSD", 4),
)
ROWS: Final[Mapping[str, Sequence[Panel]]] = {
    "Feed": FEED,
    "Latency by hop": HOP_PANELS,
    "Signals": SIGNALS,
    "Delivery": DELIVERY,
    "Service and cost": SERVICE,
}


def dashboard() -> dict[str, Any]:
    """Return the dashboard in the form that Grafana imports (pure)."""
    return {
        "uid": "signalengine",
        "title": "SignalEngine",
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "tags": ["signalengine"],
        "templating": {"list": []},
        "panels": [
            {"id": number, **panel} for number, panel in enumerate(_panels(ROWS.items()), start=1)
        ],
    }


def queries() -> list[str]:
    """Return the PromQL of each query (pure)."""
    return [query for panels in ROWS.values() for one in panels for query in one.queries.values()]


def _panels(rows: Iterable[tuple[str, Sequence[Panel]]]) -> Iterator[dict[str, Any]]:
    """Yield a head for each row, then its panels from left to right."""
    y = 0
    for title, panels in rows:
        yield {
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": _place(0, y, COLUMNS, 1),
        }
        x, y = 0, y + 1
        for one in panels:
            if x + one.width > COLUMNS:
                x, y = 0, y + _HEIGHT
            yield {**_panel(one), "gridPos": _place(x, y, one.width, _HEIGHT)}
            x += one.width
        y += _HEIGHT


_HEIGHT: Final = 8


def _place(x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": dict(panel.options),
        "targets": [
            _target(chr(ord("A") + n), legend, query, heatmap=panel.kind == "heatmap")
            for n, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    if panel.kind != "state-timeline":
        return {"unit": panel.unit}
    steps = [{"color": "red", "value": None}, {"color": "green", "value": 1}]
    return {"color": {"mode": "thresholds"}, "thresholds": {"mode": "absolute", "steps": steps}}


def _target(name: str, legend: str, query: str, *, heatmap: bool) -> dict[str, Any]:
    return {
        "refId": name,
        "datasource": SOURCE,
        "expr": query,
        "legendFormat": legend,
        "format": "heatmap" if heatmap else "time_series",
    }


def main() -> None:
    """Write the file."""
    write(FILE, json.dumps(dashboard(), indent=1) + "\n")


if __name__ == "__main__":
    program(main)
