"""Lambda's account settings and Service Quotas, which moto has not, in their real protocols.

botocore reaches it by AWS_ENDPOINT_URL_LAMBDA and AWS_ENDPOINT_URL_SERVICE_QUOTAS.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

APPLIED, DEFAULT = "GetServiceQuota", "GetAWSDefaultServiceQuota"
MISSING = "NoSuchResourceException"


class LimitsServer(ThreadingHTTPServer):
    """The limits of one account; without its own value a quota has AWS's default."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Limits)
        self.concurrency = 1000
        self.applied: dict[str, float] = {}
        self.defaults = {"L-F678F1CE": 5.0, "L-3032A538": 6.0}
        self.denied = False

    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_port}"
        return {"AWS_ENDPOINT_URL_LAMBDA": url, "AWS_ENDPOINT_URL_SERVICE_QUOTAS": url}


class _Limits(BaseHTTPRequestHandler):
    server: LimitsServer

    def do_GET(self) -> None:
        """Lambda, GetAccountSettings: REST with JSON."""
        assert self.path == "/2016-08-19/account-settings"
        limit = {"ConcurrentExecutions": self.server.concurrency, "TotalCodeSize": 80530636800}
        self._answer(200, {"AccountLimit": limit, "AccountUsage": {"FunctionCount": 0}})

    def do_POST(self) -> None:
        """Service Quotas: JSON 1.1, the operation in a header."""
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].removeprefix("ServiceQuotasV20190624.")
        values = self.server.applied if operation == APPLIED else self.server.defaults
        value = values.get(wanted["QuotaCode"])
        if self.server.denied:
            self._answer(400, {"__type": "AccessDeniedException", "Message": "not authorized"})
        elif value is None:
            self._answer(400, {"__type": MISSING, "Message": "no such quota"})
        else:
            self._answer(200, {"Quota": {**wanted, "Value": value}})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Say nothing."""


@contextmanager
def limits_server() -> Iterator[LimitsServer]:
    """Run it in a thread of its own."""
    with LimitsServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
