"""The verifiers that the documentation shows accept what is sent, and nothing else."""

import json
import re
import shutil
import subprocess
from typing import Any

from signalengine_aws.channels.webhook.signing import EVENT_ID, SIGNATURE, TIMESTAMP, signed

from infra.assets import ROOT

PAGE = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
SECONDS = 1_747_699_200
BODY = '{"text":"🟢 LONG"}'.encode()
HEADERS = {
    name.lower(): value for name, value in signed(BODY, "e", ["new", "old"], SECONDS).items()
}
WRONG = HEADERS | {SIGNATURE.lower(): HEADERS[SIGNATURE.lower()][:-1] + "x"}
CASES: list[tuple[dict[str, str], str, str, int, bool]] = [
    (HEADERS, BODY.decode(), "new", SECONDS + 10, True),
    (HEADERS, BODY.decode(), "old", SECONDS - 10, True),
    (HEADERS, BODY.decode(), "other", SECONDS, False),
    (HEADERS, BODY.decode() + " ", "new", SECONDS, False),
    (HEADERS, BODY.decode(), "new", SECONDS + 301, False),
    (HEADERS | {TIMESTAMP.lower(): str(SECONDS + 1)}, BODY.decode(), "new", SECONDS, False),
    (WRONG, BODY.decode(), "old", SECONDS, False),
    ({EVENT_ID.lower(): "e"}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {EVENT_ID.lower(): "f"}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {TIMESTAMP.lower(): "²"}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {TIMESTAMP.lower(): "9" * 5_000}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {TIMESTAMP.lower(): f"{SECONDS}\n"}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {SIGNATURE.lower(): "v1=é"}, BODY.decode(), "new", SECONDS, False),
    (HEADERS | {SIGNATURE.lower(): ""}, BODY.decode(), "new", SECONDS, False),
]


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return str(found)


def test_the_verifier_in_python() -> None:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "channels.md", "exec"), names)  # noqa: S102 - of the page
    for headers, body, secret, now, good in CASES:
        assert names["verify"](headers, body.encode(), secret, now) == good


def test_the_verifier_in_node() -> None:
    node = shutil.which("node")
    assert node is not None, "Node is a requirement of the dashboard's build"
    program = f"""{block("javascript")}
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([headers, body, secret, now]) =>
  verify(headers, Buffer.from(body), secret, now))));"""
    done = subprocess.run(  # noqa: S603 - the page's own program
        [node, "-e", program], input=json.dumps(CASES), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [good for *_, good in CASES]
