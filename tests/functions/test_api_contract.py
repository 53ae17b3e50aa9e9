"""The API against its OpenAPI document: every answer, and every invalid input."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.openmetrics.parser import text_string_to_metric_families as modern
from prometheus_client.parser import text_string_to_metric_families as classic
from signalengine.signals import Fill, Outcome, Signal, public, settled
from signalengine_aws.api.operator_routes import OPERATOR_ROUTES
from signalengine_aws.api.queries.operations import hops
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.api.routing import Route
from signalengine_aws.channels.push.services import id_of
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.stores.performance import DynamoPerformance

from functions.serve_api.handler import services
from tests.aws.world import Trouble
from tests.examples import examples
from tests.functions.api_requests import Answer, ask
from tests.functions.conftest import Seeded, forget_processes
from tests.functions.seeded_tables import POLICY
from tests.functions.test_answer_push import ENDPOINT, configure
from tests.functions.test_answer_push import post as post_browser
from tests.telegram_samples import NOON, end, stepped

pytestmark = pytest.mark.slow

ENDED = end(
    outcome=Outcome.LEFT,
    fills=(Fill("target1", NOON, 51_234.56, 0.5), Fill("left", NOON, 51_000.0, 0.5, NOON - 1)),
)
GETS = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture(scope="module")
def document(seeded: object) -> dict[str, Any]:
    found: dict[str, Any] = ask("/openapi.json").body
    return found


def validate(document: dict[str, Any], answer: Answer, route: Route) -> None:
    """Check an answer against what the document says of it."""
    responses = document["paths"][route.path][route.method.lower()]["responses"]
    assert str(answer.status) in responses, f"{route.path} may not answer {answer.status}"
    content = responses[str(answer.status)]["content"]
    assert answer.kind in content
    schema = content[answer.kind]["schema"]
    if "json" in answer.kind:
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole).validate(answer.body)


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_the_document(document: dict[str, Any]) -> None:
    assert {(path, method) for path, of in document["paths"].items() for method in of} == {
        (route.path, route.method.lower()) for route in (*ROUTES, *OPERATOR_ROUTES)
    }


EXAMPLES: dict[str, list[dict[str, str]]] = {
    "/signals": [{"status": "closed"}, {"status": "open"}, {"symbol": "BTCUSDT", "limit": "1"}],
    "/decisions": [{"verdict": "below_threshold"}, {"symbol": "ETHUSDT"}],
    "/events": [{"type": "ema_cross"}, {"symbol": "ETHUSDT", "limit": "3"}],
    "/events/stats": [{"day": "2025-05-19"}],
    "/performance": [{"days": "1"}, {"symbol": "ETHUSDT"}, {"direction": "short"}],
    "/performance/what-if": [
        {"tp": "2", "sl": "1", "ttl_minutes": "60", "threshold": "0.5"},
        {"symbol": "ETHUSDT", "limit": "1", "direction": "long"},
    ],
    "/gaps": [{"day": "2025-05-19"}],
    "/feed.atom": [{"symbol": "ETHUSDT", "min_score": "0.5"}],
    "/feed.rss": [{"direction": "short", "limit": "3"}],
    "/bars": [{"symbol": "BTCUSDT"}, {"symbol": "ETHUSDT", "interval": "1h"}],
}


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
def test_every_answer_matches_the_document(
    seeded: Seeded, document: dict[str, Any], route: Route
) -> None:
    signal_id = seeded.signals[0].signal_id
    path = route.path.replace("{signal_id}", signal_id).replace("{name}", "classic")
    needs = any(one.required and one.place == "query" for one in route.parameters)
    if "{push_id}" in path:
        configure(seeded.world)
        forget_processes()
        assert post_browser().status == 200
        path = path.replace("{push_id}", id_of(ENDPOINT))
    for query in [*([] if needs else [{}]), *EXAMPLES.get(route.path, [])]:
        answer = ask(path, query)
        assert answer.status == 200, answer.text
        validate(document, answer, route)


ODD = st.one_of(
    st.sampled_from(["", "0", "-1", "x", "1e3", "NaN", "null", "[]", "é", "%", "\n", "9" * 99]),
    st.text(max_size=40),
)


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
@settings(examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_input_is_answered_as_documented(
    seeded: Seeded, document: dict[str, Any], route: Route, data: st.DataObject
) -> None:
    names = [one.name for one in route.parameters if one.place == "query"]
    query = {name: data.draw(ODD, label=name) for name in names if data.draw(st.booleans())}
    path = route.path.replace("{signal_id}", data.draw(st.sampled_from(["x", "0" * 24])))
    answer = ask(path, query)
    assert answer.status in (200, 400, 404)
    validate(document, answer, route)
    if answer.status == 400 and "detail" in answer.body:
        named = answer.body["detail"].split(":")[0]
        assert named in {one.name for one in route.parameters}


READS = {"GetItem", "BatchGetItem", "Query", "GetQueueAttributes", "GetSecretValue"}


def test_every_endpoint_only_reads_by_key_or_index(seeded: Seeded) -> None:
    seeded.world.trouble = counter = Trouble(-1, "before")
    for route in GETS:
        path = route.path.replace("{signal_id}", seeded.signals[0].signal_id)
        ask(path, {"symbol": "BTCUSDT"} if route.path in ("/bars", "/chart") else None)
    seeded.world.trouble = None
    assert {"Query", "GetItem", "BatchGetItem"} <= set(counter.names) <= READS


@pytest.mark.parametrize("one", [stepped(), settled(stepped(), ENDED)], ids=["open", "left"])
def test_a_signal_with_exits_matches_the_document(document: dict[str, Any], one: Signal) -> None:
    shape = {"$ref": "#/components/schemas/Signal", "components": document["components"]}
    Draft202012Validator(shape).validate(json.loads(json.dumps(public(one))))
    assert len(public(one)["progress"]) == 2


def test_metrics_that_are_switched_off_are_not_found(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(services().env), "enable_prometheus", "false")
    assert ask("/metrics").status == 404
    assert ask("/metrics/legacy").status == 200


def test_metrics_have_the_format_that_the_request_accepts(seeded: Seeded) -> None:
    plain = ask("/metrics")
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    open_metrics = ask(
        "/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"}
    )
    assert open_metrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")
    for answer, read in ((plain, classic), (open_metrics, modern)):
        families = {one.name: one for one in read(answer.text)}
        told = {name: family.samples[0].value for name, family in families.items()}
        assert told["signals_emitted"] == 40 + len(seeded.signals)
        assert told["signals_tp_hit"] + told["signals_sl_hit"] + told["signals_expired"] == 40
        assert (told["telegram_sent"], told["telegram_queue_size"]) == (40, 0)
        assert (told["cpu_percent"], told["memory_rss_bytes"]) == (1.5, 50_000_000)
        assert told["feed_age_seconds"] == 3.0
        labels = families["signals_emitted"].samples[0].labels
        assert labels == {"policy_digest": POLICY.digest, "market": "live"}


def test_the_json_of_earlier_versions_has_the_same_numbers(seeded: Seeded) -> None:
    body = ask("/metrics/legacy").body
    emitted = 40 + len(seeded.signals)
    assert body["counters"]["signals_emitted"] == emitted
    assert body["system"]["rss_mb"] == 50.0
    sides = [body["counters"][f"signal_{side}"] for side in ("long", "short")]
    assert sum(sides) == emitted
    assert min(sides) >= 13  # of the forty closed ones
    assert body["gauges"]["signal_queue_size"] == emitted  # nothing is published here
    statistics = ask("/signals/stats").body
    assert statistics["total_signals"] == emitted == sum(statistics["by_status"].values())
    assert statistics["by_direction"] == {"long": sides[0], "short": sides[1]}


def test_an_unknown_number_is_null(seeded: Seeded) -> None:
    assert ask("/metrics/legacy").body["system"]["threads"] is None  # the heartbeat has none
    cost = ask("/system").body["cost"]
    assert cost["usd_estimate"] is cost["since"] is None
    assert cost["basis"] == "Not known: no heartbeat has been counted yet."


def test_latencies_are_those_of_receipts(seeded: Seeded) -> None:
    hops = {hop["name"]: hop for hop in ask("/system").body["hops"]}
    commit, telegram = hops["bar close to commit"], hops["commit to Telegram"]
    assert commit["n"] == telegram["n"] > 0
    assert (commit["p50_ms"], telegram["p50_ms"], telegram["p95_ms"]) == (500, 400, 400)
    published, sent = hops["commit to publication"], hops["publication to Telegram"]
    assert published["n"] == sent["n"] == commit["n"]
    assert (published["p50_ms"], sent["p50_ms"]) == (50, 350)


def test_a_replay_reports_wall_time_latencies_only() -> None:
    """Its bars close by the market's clock; the commit and the message do not."""
    done = Delivery(
        "a#opened",
        "telegram:1",
        0,
        status=Status.DELIVERED,
        close_latency_ms=9_000,
        commit_latency_ms=400,
    )
    found = {hop["name"]: hop for hop in hops([done], live=False)}
    commit, telegram = found["bar close to commit"], found["commit to Telegram"]
    assert (commit["p50_ms"], commit["n"]) == (None, 0)
    assert (telegram["p50_ms"], telegram["n"]) == (400, 1)
    counts = {hop["name"]: hop["n"] for hop in hops([done], live=True)}
    assert counts["bar close to commit"] == counts["commit to Telegram"] == 1
    assert sum(counts.values()) == 2  # of no other channel


def test_a_record_of_a_window_counts_only_its_days(seeded: Seeded) -> None:
    whole = ask("/performance", {"days": "366"}).body
    week = ask("/performance", {"days": "7"}).body
    assert whole["n"] == 40
    assert 0 < week["n"] < 40
    assert sum(row["n"] for row in week["by_symbol"]) == week["n"]
    btc = ask("/performance", {"days": "366", "symbol": "BTCUSDT"}).body
    assert btc["n"] == next(row["n"] for row in whole["by_symbol"] if row["key"] == "BTCUSDT")
    stats = ask("/performance/stats").body
    assert sum(row["total_signals"] for row in stats.values()) == 40
    nets = DynamoPerformance("performance_table").nets_by_day(f"{POLICY.digest}:live")
    for symbol, row in stats.items():
        assert sum(nets[symbol].values()) / 1e6 == pytest.approx(row["total_return"])
    equity = ask("/equity").body["equity"]
    assert equity[-1]["equity_pct"] == pytest.approx(whole["summary"]["total_return"])
    assert ask("/performance", {"days": "366", "policy": "0" * 12}).body["n"] == 0
