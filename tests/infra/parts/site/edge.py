"""Runs a CloudFront Function in Node, with the one module that CloudFront gives it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.build.node import node_folder

MODULE = """let chosen = null;
export default { selectRequestOriginById: (id) => { chosen = id; } };
export const taken = () => { const id = chosen; chosen = null; return id; };
"""
RUN = """
import { taken } from "cloudfront";
import { readFileSync } from "node:fs";
const events = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(events.map((event) => ({ ...handler(event), origin: taken() }))));
"""


def event(
    path: str, *, method: str = "GET", accept: str | None = None, **headers: str
) -> dict[str, Any]:
    """A viewer's request as CloudFront passes it to a function."""
    named = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    if accept is not None:
        named["accept"] = {"value": accept}
    request = {
        "method": method, "uri": path, "headers": named, "cookies": {},
        "querystring": {"limit": {"value": "5"}},
    }  # fmt: skip
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "198.51.100.7"},
        "request": request,
    }


def run(code: str, events: Sequence[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What the function returns for each event, with the origin that it selected."""
    package = folder / "node_modules" / "cloudfront"
    package.mkdir(parents=True, exist_ok=True)
    (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (package / "index.js").write_text(MODULE)
    file = folder / "function.mjs"
    file.write_text(code + RUN)
    done = subprocess.run(  # noqa: S603 - our own node and file
        [str(node_folder() / "node"), str(file)],
        input=json.dumps(events), capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
