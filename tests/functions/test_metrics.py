"""What rules and graphs ask for is in what the API answers, and latencies are those of receipts."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from signalengine_aws.api.queries.latencies import SETTLED_MS
from signalengine_aws.application.daily_counts import Counted, stored_form
from signalengine_aws.costs.metering import Meter
from signalengine_aws.delivery.deliveries import Delivery, DynamoDeliveries, delivered
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.stores.state import DynamoFeed

from infra.build.grafana import queries
from tests.functions.api_requests import ask
from tests.functions.conftest import Seeded
from tests.paths import ROOT

pytestmark = pytest.mark.slow

RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "monitoring" / "rules.yml").read_text())[
    "groups"
][0]["rules"]
OF_PROMETHEUS = {
    "up": {"job", "instance"},
    "scrape_duration_seconds": {"job", "instance"},
    "ALERTS": {"alertname", "alertstate", "severity", "channel", "queue", "component"},
}
"""Metrics that Prometheus makes itself."""


@pytest.fixture(scope="module")
def running(seeded: Seeded) -> dict[str, set[str]]:
    """Labels by metric of a stack whose feed has counted and which has delivered today."""
    now = seeded.world.now
    beat = DynamoFeed("state_table").heartbeat()
    assert beat is not None
    counted = stored_form(Counted(beat["watermark"], 20, 300, closes=200))
    meter = Meter(now - 3_600_000, market_ms=3_600_000, closes=240, beats=720)
    more = {"counted": counted, "metered": asdict(meter)}
    DynamoFeed("state_table").put_heartbeat({**beat, **more, "time": beat["time"] + 1})
    deliveries = DynamoDeliveries("deliveries_table")
    event = f"{seeded.signals[0].signal_id}#opened"
    sent = now - SETTLED_MS
    for address in ("telegram:1", "telegram:2"):
        done = delivered(
            Delivery(event, address, sent, attempts=1),
            receipt="7",
            now=sent,
            decided_at=sent - 900,
            committed_at=sent - 400,
            published_at=sent - 350,
        )
        deliveries.save(done)
    parked = AddressState("telegram:3", parked_until=now + 10**9, parked_reason="blocked")
    deliveries.save_address_state(parked)
    labels: dict[str, set[str]] = {}
    for name, of, _ in samples():
        labels.setdefault(name, set()).update(of)
    return labels


def samples() -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(ask("/metrics").text):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def value(metric: str, **labels: str) -> float:
    (found,) = (value for name, of, value in samples() if name == metric and of == labels)
    return found


def nodes(node: promql_parser.Expr) -> Iterator[promql_parser.Expr]:
    """Yield an expression and what it is made of."""
    yield node
    parts = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    for one in (*parts, *getattr(node, "args", ())):
        if isinstance(one, promql_parser.Expr):
            yield from nodes(one)


def selectors(tree: promql_parser.Expr) -> list[promql_parser.VectorSelector]:
    """Return what a query reads, in its order."""
    return [one for one in nodes(tree) if isinstance(one, promql_parser.VectorSelector)]


def groups(tree: promql_parser.Expr) -> set[str]:
    """Return the labels by which a query adds up or joins."""
    found: set[str] = set()
    for one in nodes(tree):
        modifier = getattr(one, "modifier", None)
        for part in (modifier, getattr(modifier, "matching", None)):
            found.update(getattr(part, "labels", None) or ())
    return found


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in RULES), *queries()])
def test_each_metric_and_label_of_a_query_exists(running: dict[str, set[str]], query: str) -> None:
    known = running | OF_PROMETHEUS
    tree = promql_parser.parse(query.replace("$__interval", "30s"))
    found = selectors(tree)
    assert found, query
    for one in found:
        assert one.name in known, query
        assert {matcher.name for matcher in one.matchers.matchers} <= known[one.name]
    assert groups(tree) <= set().union(*(known[one.name] for one in found))


def test_a_name_that_no_answer_has_would_be_found(running: dict[str, set[str]]) -> None:
    tree = promql_parser.parse('sum by (shoe) (rate(feed_lags{size="9"}[5m])) > 1 and on (hat) up')
    assert [one.name for one in selectors(tree)] == ["feed_lags", "up"]
    assert "feed_lags" not in running
    assert groups(tree) == {"shoe", "hat"}


def test_latencies_are_those_of_todays_receipts(running: dict[str, set[str]]) -> None:
    hop = {"hop": "commit_to_delivery", "channel": "telegram"}
    assert value("signal_latency_seconds_count", **hop) == 2
    assert value("signal_latency_seconds_sum", **hop) == pytest.approx(0.8)
    assert value("signal_latency_seconds_bucket", le="0.25", **hop) == 0
    assert value("signal_latency_seconds_bucket", le="0.5", **hop) == 2
    assert value("signal_latency_seconds_bucket", le="+Inf", **hop) == 2
    assert value("signal_latency_seconds_sum", hop="close_to_commit") == pytest.approx(0.5)
    assert value("signal_latency_seconds_sum", hop="commit_to_publication") == pytest.approx(0.05)


def test_the_service_is_told_by_stage_channel_and_queue(running: dict[str, set[str]]) -> None:
    assert value("service_component_ok", component="feed") == 1
    assert value("addresses_parked", channel="telegram") == 1
    assert value("messages_sent_total", queue="telegram") == 40
    assert value("queue_messages", queue="telegram") == 0
    assert value("dead_letters", queue="records") == value("dead_letters", queue="telegram") == 0
    assert value("signals_unpublished") > 0  # nothing is published here
    assert value("cost_month_usd") > 1
    assert 0 < value("cost_usd") < value("cost_month_usd")
