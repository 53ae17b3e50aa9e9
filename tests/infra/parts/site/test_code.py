"""The CloudFront Functions, executed by Node: they follow the table and the rule of routes.py."""

import random
import re
from pathlib import Path
from typing import Any

from infra.parts.live import STAGE
from infra.parts.site.code import MOST_BYTES, feed_code, request_code
from infra.parts.site.routes import route, table
from tests.infra.parts.site.edge import event, run
from tests.infra.parts.site.test_routes import BROWSER, REQUESTS

ACCEPTS = (
    BROWSER, "", "*/*", "application/json", "text/html;q=0", "TEXT/HTML;q=0.0, x/y", "a,text/html",
)  # fmt: skip


def outcome(answer: dict[str, Any]) -> tuple[str, str]:
    """Who answers, "site", "api" or "nothing", and the path that it is asked for."""
    if "statusCode" in answer:
        assert answer["statusCode"] == 404
        return "nothing", ""
    return answer["origin"] or "site", answer["uri"]


def wanted(method: str, path: str, accept: str) -> tuple[str, str]:
    target = route(method, path, accept)
    if target.kind == "nothing":
        return "nothing", ""
    return ("api" if target.kind == "api" else "site"), target.path


def test_the_function_follows_the_rule_for_every_request_of_the_table(tmp_path: Path) -> None:
    events = [event(path, method=m, accept=accept or None) for m, path, accept, *_ in REQUESTS]
    answers = run(request_code(), events, tmp_path)
    for (method, path, accept, *_), answer in zip(REQUESTS, answers, strict=True):
        assert outcome(answer) == wanted(method, path, accept), (method, path, accept)


def test_the_function_follows_the_rule_for_ten_thousand_other_requests(tmp_path: Path) -> None:
    rng = random.Random(7)
    rows = table()
    names = [
        "", "a", "A", "x.js", "%2e%2e", "api", *rows["pages"], *rows["unpaged"], *rows["files"],
        *rows["folders"], *rows["api"],
    ]  # fmt: skip
    requests = [
        (
            rng.choice(["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
            "/" + "/".join(rng.choices(names, k=rng.randint(1, 4))),
            rng.choice(ACCEPTS),
        )
        for _ in range(10_000)
    ]
    events = [event(path, method=m, accept=accept or None) for m, path, accept in requests]
    answers = run(request_code(), events, tmp_path)
    wrong = [
        (request, outcome(answer))
        for request, answer in zip(requests, answers, strict=True)
        if outcome(answer) != wanted(*request)
    ]
    assert wrong == []


def test_the_bucket_gets_no_query_and_the_api_all_of_it(tmp_path: Path) -> None:
    page, api = run(
        request_code(), [event("/signals", accept=BROWSER), event("/signals")], tmp_path
    )
    assert page["querystring"] == {}
    assert api["querystring"] == {"limit": {"value": "5"}}


def test_the_token_reaches_the_api_with_the_viewers_own_address(tmp_path: Path) -> None:
    asked = event("/api/signals", authorization="Bearer x", x_viewer_address="1.2.3.4")
    (answer,) = run(request_code(), [asked], tmp_path)
    assert answer["headers"]["authorization"] == {"value": "Bearer x"}
    assert answer["headers"]["x-viewer-address"] == {"value": "198.51.100.7"}


def test_the_api_learns_the_address_that_the_viewer_asked(tmp_path: Path) -> None:
    asked = event("/api/signals", host="signals.example", x_viewer_host="evil.example")
    (answer,) = run(request_code(), [asked], tmp_path)
    assert answer["headers"]["x-viewer-host"] == {"value": "signals.example"}


def test_a_repeated_header_is_read_whole(tmp_path: Path) -> None:
    asked = event("/signals")
    values = [{"value": "image/png"}, {"value": "text/html"}]
    asked["request"]["headers"]["accept"] = {"value": "image/png", "multiValue": values}
    (answer,) = run(request_code(), [asked], tmp_path)
    assert outcome(answer) == ("site", "/index.html")


def test_a_websocket_is_sent_to_the_stage_itself(tmp_path: Path) -> None:
    """API Gateway answers 403 to `/live/ws/feed`, and to `/ws/feed`."""
    (answer,) = run(feed_code(STAGE), [event(table()["feed"])], tmp_path)
    assert (answer["uri"], answer["origin"]) == (f"/{STAGE}", None)


def test_the_code_is_what_cloudfronts_runtime_takes() -> None:
    """Its size, and no syntax that the runtime (cloudfront-js-2.0) lacks."""
    for code in (request_code(), feed_code(STAGE)):
        assert len(code.encode()) <= MOST_BYTES
        assert "function handler(event)" in code
        lacking = r"\bfor\s*\(.*\bof\b|\.\.\.|\?\.|\?\?|\bclass\b|\bexport\b|\bconst [{\[]"
        assert not re.findall(lacking, "\n".join(
            line for line in code.splitlines() if "const ROUTES" not in line and "//" not in line
        ))  # fmt: skip
    assert "const ROUTES = {}" not in request_code()
    assert "STAGE" not in feed_code(STAGE)
