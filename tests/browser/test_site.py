"""The built files: their size, their addresses, and their sources."""

import gzip
import json
import re
from pathlib import Path

from infra.build.dashboard import BASE, STAMP, WEB, build_site, run_script
from infra.parts.site.routes import table

BUDGET_BYTES = 150_000
"""Without the charting library, which is loaded when a signal is opened."""


def test_the_bundle_stays_far_below_its_budget(site: Path) -> None:
    files = [
        path
        for path in site.rglob("*")
        if path.suffix in (".js", ".css", ".html", ".svg", ".woff2")
    ]
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
    charts = sum(size for name, size in sizes.items() if name.startswith("candles-"))
    page = sum(sizes.values()) - charts
    print(f"\ndashboard: {page} bytes gzipped, and {charts} with a chart")  # noqa: T201 - the figure is the point
    assert charts > 0, "the charting library is not a chunk of its own"
    assert page < BUDGET_BYTES


def test_every_address_in_the_page_is_below_its_base(site: Path) -> None:
    html = (site / "index.html").read_text()
    assert html.count(BASE.format("/")) == 1
    assert html.index("<base ") < html.index("<link ") < html.index("<script ")
    below = html.replace(BASE.format("/"), "")
    assert 'src="./assets/' in below
    assert 'href="./assets/' in below
    assert 'src="/' not in below
    assert 'href="/' not in below


def test_the_table_of_routes_has_the_files_of_the_site(site: Path) -> None:
    paths = [path.relative_to(site) for path in site.rglob("*") if path.is_file()]
    names = {path.as_posix() for path in paths if len(path.parts) == 1} - {STAMP}
    assert names | {"config.json"} == set(table()["files"])
    assert {path.parts[0] for path in paths if len(path.parts) > 1} == set(table()["folders"])


def test_only_scripts_of_the_site_itself_may_run(site: Path) -> None:
    policy = found_policy(site)
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "connect-src 'self' http: https: ws: wss:" in policy
    assert "worker-src 'self'" in policy
    assert "font-src 'self'" in policy
    assert "base-uri 'self'" in policy
    assert "unsafe" not in policy
    assert not [p for p in (WEB / "src").rglob("*.tsx") if "dangerously" in p.read_text()]


def found_policy(site: Path) -> str:
    html = (site / "index.html").read_text()
    found = re.search(r'Content-Security-Policy"\s+content="([^"]*)"', html)
    assert found
    return found[1]


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert "registry" not in (WEB / "package-lock.json").read_text()


def test_the_site_has_the_licence_of_each_bundled_package(site: Path) -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    bundled = {name: package for name, package in lock.items() if name and not package.get("dev")}
    text = (site / "third_party.txt").read_text()
    for name in bundled:
        assert f"`{name.removeprefix('node_modules/')}`" in text
    for licence in ("SIL OPEN FONT LICENSE", "Apache License", "The MIT License"):
        assert licence in text


def test_an_unchanged_page_is_not_built_again(site: Path) -> None:
    output: list[str] = []
    assert build_site(output.append) == site
    assert output == []


def test_the_pages_own_unit_tests_pass(site: Path) -> None:
    assert "passed" in run_script("test", lambda _line: None)
