"""Compare the locked packages with published advisories: pip-audit (from OSV), and npm audit.

python -m infra.build.audit             report; fail on a finding
python -m infra.build.audit --strict    fail also where no advisories can be had

Without access to the advisories, or with a mirror that has none, every package would look fine.
Each source is therefore first asked about a version that is known to be vulnerable. One that does
not know this version has no advisories, and the report says so in one line.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.build.cdk import FOLDER as CDK
from infra.build.dashboard import WEB, run_npm
from infra.build.lock import EMULATOR, LOCK
from infra.errors import CommandError
from machine.files import write
from machine.terminal import program

OSV_URL = "https://api.osv.dev/v1/query"
TIMEOUT_S = 600
SHOWN = 160
FINDING, UNAVAILABLE = 1, 2

KNOWN_PYTHON = ("urllib3", "1.24.1")  # PYSEC-2019-133
KNOWN_NPM = ("minimist", "0.0.8")  # GHSA-vh95-rmgr-6w4m


class NoAdvisoriesError(RuntimeError):
    """A source of advisories does not answer, or has none; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Audit:
    """How many packages were compared, and one line for each finding."""

    packages: int
    findings: list[str]


def main(arguments: Sequence[str]) -> int:
    """Audit both kinds of packages and print what was found; return the exit code."""
    parser = argparse.ArgumentParser(description="Compare locked packages with advisories")
    parser.add_argument("--strict", action="store_true", help="fail without advisories too")
    parser.add_argument("--osv-url", default=OSV_URL, help="address of the OSV service")
    options = parser.parse_args(arguments)
    codes = {
        _report("Python", lambda: audit_python(options.osv_url), strict=options.strict),
        _report("npm", audit_npm, strict=options.strict),
    }
    return FINDING if FINDING in codes else max(codes)


def _report(kind: str, audit: Callable[[], Audit], *, strict: bool) -> int:
    try:
        done = audit()
    except (NoAdvisoriesError, CommandError) as error:
        reason = str(error).strip().splitlines()[0][:SHOWN]
        _say(f"{kind}: NOT AUDITED, the advisories cannot be had here: {reason}")
        return UNAVAILABLE if strict else 0
    _say(f"{kind}: {len(done.findings)} findings in {done.packages} packages")
    for line in done.findings:
        _say(f"  {line}")
    return FINDING if done.findings else 0


def audit_python(osv_url: str) -> Audit:
    """Audit both lock files for this Python; raises NoAdvisoriesError."""
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.txt"
        write(known, f"{'=='.join(KNOWN_PYTHON)} --hash=sha256:{0:064x}\n", durable=False)
        rows = _pip_audit([known, LOCK, EMULATOR], osv_url)
    found = {(row["name"], row["version"]): row["vulns"] for row in rows}
    if not found.pop(KNOWN_PYTHON, None):
        raise NoAdvisoriesError(f"{osv_url} does not know a version with a known advisory")
    findings = [
        f"{name} {version}: {one['id']}, {_fix(one['fix_versions'])}"
        for (name, version), advisories in sorted(found.items())
        for one in advisories
    ]
    return Audit(len(found), findings)


def _pip_audit(locks: Sequence[Path], osv_url: str) -> list[dict[str, Any]]:
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off",
        "--vulnerability-service", "osv", "--osv-url", osv_url, "--format", "json",
    ]  # fmt: skip
    command += [word for lock in locks for word in ("--requirement", str(lock))]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and our own files
            command, check=False, capture_output=True, encoding="utf-8", timeout=TIMEOUT_S
        )
        rows: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError as error:
        raise NoAdvisoriesError((done.stderr.strip().splitlines() or ["no answer"])[-1]) from error
    except subprocess.TimeoutExpired as error:
        raise NoAdvisoriesError(f"no end after {TIMEOUT_S} s") from error
    return rows


def _fix(versions: list[str]) -> str:
    return f"fixed in {', '.join(versions)}" if versions else "no fixed version yet"


def audit_npm() -> Audit:
    """Audit the packages of the dashboard and of the CDK's command; raises NoAdvisoriesError."""
    with tempfile.TemporaryDirectory() as folder:
        _write_known(Path(folder))
        if not _npm_audit(Path(folder))["vulnerabilities"]:
            raise NoAdvisoriesError("the registry does not know a version with a known advisory")
    answers = [_npm_audit(folder) for folder in (WEB, CDK)]
    findings = [
        f"{name} {row['range']}: {', '.join(_titles(row['via']))}"
        for answer in answers
        for name, row in sorted(answer["vulnerabilities"].items())
    ]
    total = sum(int(answer["metadata"]["dependencies"]["total"]) for answer in answers)
    return Audit(total, findings)


def _write_known(folder: Path) -> None:
    name, version = KNOWN_NPM
    root = {"name": "known", "dependencies": {name: version}}
    lock = {"": root, f"node_modules/{name}": {"version": version}}
    write(folder / "package.json", json.dumps(root), durable=False)
    document = {"name": "known", "lockfileVersion": 3, "packages": lock}
    write(folder / "package-lock.json", json.dumps(document), durable=False)


def _npm_audit(folder: Path) -> dict[str, Any]:
    done = run_npm(["audit", "--json", "--package-lock-only", "--loglevel=silent"], folder)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise NoAdvisoriesError(done.stdout.strip() or "npm gave no answer") from error
    if "vulnerabilities" not in answer:
        summary = answer.get("error", {}).get("summary")
        raise NoAdvisoriesError(str(answer.get("message") or summary or "npm gave no answer"))
    return answer


def _titles(via: list[dict[str, Any] | str]) -> list[str]:
    """Return the advisories behind a finding: their addresses, or the package that brings one."""
    return [one if isinstance(one, str) else str(one["url"]) for one in via]


def _say(text: str) -> None:
    """Print a line without control characters: it quotes text from outside."""
    print(re.sub(r"[^\x20-\x7e]", "?", text))  # noqa: T201 - this is a command


if __name__ == "__main__":
    program(lambda: main(sys.argv[1:]))
