"""The built files: their size, their addresses, and their sources."""

import gzip
import json
import re
from pathlib import Path

from infra.build.dashboard import BASE, STAMP, WEB, build_site, run_script
from infra.parts.site.routes import table

BUDGET_BYTES = 150_000
"""Everything that one reader can load in one language, without the charting library."""
FIRST_BYTES = 120_000
"""What is loaded before the first page is shown, with its font."""
OPERATOR_BYTES = 10_000
"""What an operator loads more: the operator's page, and the editor of parameter sets."""
CHARTS = "candles-"
OPERATOR = "operator-"
LANGUAGES = {"en": ("en-", "glossary-"), "es": ("es-", "terms_of_trading-")}
"""The chunks of each language: its texts, and its glossary."""
WEIGHED = (".js", ".css", ".html", ".svg", ".woff2")


def test_the_bundle_stays_below_its_budgets(site: Path) -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes()))
        for path in site.rglob("*")
        if path.suffix in WEIGHED
    }
    assert [name for name in sizes if name.startswith(CHARTS)], "the charts are no own chunk"
    operators = [size for name, size in sizes.items() if name.startswith(OPERATOR)]
    assert operators, "what is for operators alone is no own chunk"
    assert sum(operators) < OPERATOR_BYTES
    for language, own in LANGUAGES.items():
        assert all(any(name.startswith(one) for name in sizes) for one in own)
        others = [one for other, parts in LANGUAGES.items() if other != language for one in parts]
        whole = _total(sizes, without=(CHARTS, OPERATOR, *others))
        first = _total({name: sizes[name] for name in (*_first(site), *_texts(sizes, own[0]))})
        print(f"\ndashboard, {language}: {first} bytes gzipped at first, {whole} in all")  # noqa: T201 - the figures are the point
        assert first < FIRST_BYTES
        assert whole < BUDGET_BYTES


def _total(sizes: dict[str, int], without: tuple[str, ...] = ()) -> int:
    return sum(size for name, size in sizes.items() if not name.startswith(without or "/"))


def _texts(sizes: dict[str, int], begin: str) -> list[str]:
    return [name for name in sizes if name.startswith(begin)]


def _first(site: Path) -> set[str]:
    """Return the files that the page names, and what these import at once."""
    found = {"index.html"}
    open_names = re.findall(r'"\./(?:assets/)?([\w.-]+\.(?:js|css|svg|woff2))"', _html(site))
    while open_names:
        name = open_names.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith(".js"):
            script = (site / "assets" / name).read_text()
            open_names += re.findall(r'(?:from|import)\s*["`]\./([\w.-]+\.js)["`]', script)
    return found


def _html(site: Path) -> str:
    return (site / "index.html").read_text()


def test_the_weights_of_the_styles_are_those_of_the_font() -> None:
    styles = "".join(path.read_text() for path in (WEB / "src").rglob("*.css"))
    page = re.sub(r"@font-face \{[^}]*\}", "", styles)
    weights = {int(weight) for weight in re.findall(r"font-weight: (\d+);", page)}
    assert weights
    assert "font-weight: 400 700;" in styles
    assert "{ min: 400, max: 700 }" in (WEB / "vite.config.ts").read_text()
    assert min(weights) >= 400
    assert max(weights) <= 700


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
    """Their form and types are checked by `make check`, and the types by each build as well."""
    assert "passed" in run_script("unit", lambda _line: None)
