"""The routing rule: which requests get a page, a file, the API or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.api.operator_routes import OPERATOR_ROUTES
from signalengine_aws.api.routes import ROUTES

from infra.parts.site.routes import Target, accepts_html, route, table

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PAGE = Target("page", "/index.html")

REQUESTS = [
    # method, path, Accept → kind, path
    ("GET", "/", BROWSER, "page", "/index.html"),
    ("GET", "/", "*/*", "page", "/index.html"),
    ("HEAD", "/", "", "page", "/index.html"),
    ("GET", "/signals", BROWSER, "page", "/index.html"),
    ("GET", "/signals", "*/*", "api", "/signals"),
    ("GET", "/signals", "", "api", "/signals"),
    ("GET", "/signals", "application/json", "api", "/signals"),
    ("GET", "/signals/", BROWSER, "page", "/index.html"),
    ("GET", "/signals/abc", BROWSER, "page", "/index.html"),
    ("GET", "/signals/a%2Fb", BROWSER, "page", "/index.html"),
    ("GET", "/signals/abc", "application/json", "api", "/signals/abc"),
    ("GET", "/signals/stats", "*/*", "api", "/signals/stats"),
    ("GET", "/signals/stats", BROWSER, "api", "/signals/stats"),
    ("GET", "/performance/stats", BROWSER, "api", "/performance/stats"),
    ("GET", "/signals/a/b", BROWSER, "api", "/signals/a/b"),
    ("GET", "/dashboard", BROWSER, "page", "/index.html"),
    ("GET", "/dashboard", "*/*", "page", "/index.html"),
    ("GET", "/chat", BROWSER, "page", "/index.html"),
    ("POST", "/chat", "application/json", "api", "/chat"),
    ("POST", "/chat", BROWSER, "api", "/chat"),
    ("OPTIONS", "/signals", "*/*", "api", "/signals"),
    ("GET", "/health", "*/*", "api", "/health"),
    ("GET", "/health", BROWSER, "api", "/health"),
    ("GET", "/metrics", "text/plain;version=0.0.4", "api", "/metrics"),
    ("GET", "/metrics/legacy", "*/*", "api", "/metrics/legacy"),
    ("GET", "/openapi.json", BROWSER, "api", "/openapi.json"),
    ("GET", "/swagger", BROWSER, "api", "/swagger"),
    ("GET", "/swagger/ui.js", "*/*", "api", "/swagger/ui.js"),
    ("GET", "/api/signals", BROWSER, "api", "/signals"),
    ("GET", "/api/signals/abc", "*/*", "api", "/signals/abc"),
    ("POST", "/api/chat", "*/*", "api", "/chat"),
    ("GET", "/api", BROWSER, "api", "/"),
    ("GET", "/api/", "*/*", "api", "/"),
    ("GET", "/apis", BROWSER, "nothing", "/apis"),
    ("GET", "/config.json", "*/*", "file", "/config.json"),
    ("GET", "/sw.js", "*/*", "file", "/sw.js"),
    ("GET", "/index.html", BROWSER, "file", "/index.html"),
    ("GET", "/icons/192.png", "image/png", "file", "/icons/192.png"),
    ("GET", "/assets/index-1.js", "*/*", "file", "/assets/index-1.js"),
    ("GET", "/assets", BROWSER, "nothing", "/assets"),
    ("PUT", "/config.json", "*/*", "nothing", "/config.json"),
    ("POST", "/", BROWSER, "nothing", "/"),
    ("GET", "/release.json", "*/*", "nothing", "/release.json"),
    ("GET", "/wp-login.php", BROWSER, "nothing", "/wp-login.php"),
    ("GET", "//signals", BROWSER, "nothing", "//signals"),
    ("GET", "/Signals", BROWSER, "nothing", "/Signals"),
    ("GET", "/ws/other", "*/*", "nothing", "/ws/other"),
]
"""What the function on AWS is run against too."""


@pytest.mark.parametrize(("method", "path", "accept", "kind", "to"), REQUESTS)
def test_a_request_is_answered_by(method: str, path: str, accept: str, kind: str, to: str) -> None:
    target = route(method, path, accept)
    assert (target.kind, target.path) == (kind, to)


@pytest.mark.parametrize(
    ("accept", "html"),
    [("", False), ("*/*", False), ("text/*", False), ("TEXT/HTML", True), (" text/html ", True),
     ("application/json, text/html;level=1", True), ("text/html;q=0", False),
     ("text/html; q=0.000, */*", False), ("text/html;q=0.1", True), ("text/htmlx", False),
     ("x-text/html", False), ("text/html;q=0;x=1, */*", False)],
)  # fmt: skip
def test_html_is_accepted_only_by_name(accept: str, html: bool) -> None:
    assert accepts_html(accept) is html


def test_every_path_of_the_api_is_in_the_table() -> None:
    every = (*ROUTES, *OPERATOR_ROUTES)
    assert {one.path.split("/")[1] for one in every} == set(table()["api"])
    below = {one.path.removeprefix("/") for one in every if "{" not in one.path}
    assert set(table()["unpaged"]) == {
        path for path in below if "/" in path and path.split("/")[0] in table()["pages"]
    }


def test_the_table_names_each_path_once() -> None:
    rows = table()
    for name in ("pages", "unpaged", "files", "folders", "api"):
        assert sorted(set(rows[name])) == sorted(rows[name])
    own = [{rows["prefix"]}, {rows["feed"].split("/")[1]}, set(rows["files"]), set(rows["folders"])]
    for names in own:
        others = {one for more in own if more is not names for one in more}
        assert not names & (others | set(rows["pages"]) | set(rows["api"]))


@given(st.sampled_from([one.path for one in ROUTES]), st.text(max_size=30))
def test_below_the_prefix_everything_is_the_api(path: str, accept: str) -> None:
    assert route("GET", f"/api{path}", accept) == Target("api", path)


@given(st.text(max_size=40))
def test_an_address_that_is_answered_by_the_bucket_is_no_other_than_a_file(path: str) -> None:
    """No request lists the bucket, or asks it for anything but a file by its name."""
    target = route("GET", f"/{path}", BROWSER)
    if target.kind == "file":
        rows = table()
        assert target.path[1:] in rows["files"] or target.path.split("/")[1] in rows["folders"]
    elif target.kind == "page":
        assert target == PAGE
