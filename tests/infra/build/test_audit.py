"""The audit against a service of advisories that knows some, knows none, or does not answer.

pip-audit and npm run as they are; the service is a loopback server with their two protocols.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from infra.build import audit
from infra.build.audit import FINDING

pytestmark = pytest.mark.enable_socket

LOCK = f"requests==2.0.0 --hash=sha256:{0:064x}\nidna==3.0 --hash=sha256:{0:064x}\n"
KNOWN = {"urllib3", "minimist"}


class Advisories(ThreadingHTTPServer):
    """A service with advisories of some packages, in every version that is asked about."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.vulnerable = set(KNOWN)
        self.versions: dict[str, list[str]] = {}
        self.broken = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    """OSV's query, npm's bulk query, and what npm reads of a package that has an advisory."""

    server: Advisories

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        zipped = self.headers.get("Content-Encoding") == "gzip"
        asked = json.loads(gzip.decompress(body) if zipped else body)
        if self.server.broken:
            self._send({"message": "no such thing"}, 405)
        elif self.path == "/osv":
            self._send(self._osv(asked["package"]["name"]))
        else:
            self.server.versions |= asked
            self._send({name: [_npm(name)] for name in asked if name in self.server.vulnerable})

    def do_GET(self) -> None:
        name = unquote(self.path).strip("/")
        known = self.server.versions.get(name, [])
        versions = {text: {"name": name, "version": text} for text in known}
        self._send({"name": name, "versions": versions})

    def _osv(self, name: str) -> dict[str, Any]:
        if name not in self.server.vulnerable:
            return {}
        package = {"name": name, "ecosystem": "PyPI"}
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.0"}]}]
        affected = [{"package": package, "ranges": ranges}]
        return {"vulns": [{"id": f"PYSEC-{name}", "summary": "\x1b[2J", "affected": affected}]}

    def _send(self, answer: dict[str, Any], code: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def _npm(name: str) -> dict[str, Any]:
    url = f"https://github.com/advisories/GHSA-{name}"
    return {"id": 1, "url": url, "title": name, "severity": "high", "vulnerable_versions": "*"}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Advisories]:
    """Start a service, and audit two Python packages and the dashboard against it."""
    (tmp_path / "lock.txt").write_text(LOCK)
    for name in ("LOCK", "EMULATOR"):
        monkeypatch.setattr(audit, name, tmp_path / "lock.txt")
    with Advisories() as server:
        monkeypatch.setenv("npm_config_registry", server.url)
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def run(server: Advisories, *words: str) -> int:
    return audit.main([*words, "--osv-url", f"{server.url}/osv"])


def test_packages_without_advisories_pass(
    service: Advisories, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(service, "--strict") == 0
    python, npm = capsys.readouterr().out.splitlines()
    assert python == "Python: 0 findings in 2 packages"
    assert npm.startswith("npm: 0 findings in ")


def test_a_finding_fails_and_is_named_with_its_fix(
    service: Advisories, capsys: pytest.CaptureFixture[str]
) -> None:
    service.vulnerable |= {"requests", "vite"}
    assert run(service) == FINDING
    lines = capsys.readouterr().out.splitlines()
    assert "  requests 2.0.0: PYSEC-requests, fixed in 9.0" in lines
    assert any(line.startswith("  vite ") and "GHSA-vite" in line for line in lines)


@pytest.mark.parametrize(("broken", "words", "code"), [(False, [], 0), (True, ["--strict"], 2)])
def test_a_service_without_advisories_is_reported_and_no_strict_pass(
    service: Advisories,
    capsys: pytest.CaptureFixture[str],
    broken: bool,
    words: list[str],
    code: int,
) -> None:
    """A mirror answers every query with nothing, or refuses it."""
    service.vulnerable.clear()
    service.broken = broken
    assert run(service, *words) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(", ")[0] for line in lines] == ["Python: NOT AUDITED", "npm: NOT AUDITED"]


def test_a_finding_counts_also_where_the_other_source_is_silent(
    service: Advisories, capsys: pytest.CaptureFixture[str]
) -> None:
    service.vulnerable = {"urllib3", "idna"}
    assert run(service, "--strict") == FINDING
    assert "npm: NOT AUDITED" in capsys.readouterr().out
