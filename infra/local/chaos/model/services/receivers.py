"""The services behind `send_channels`, at the port by which its channels send requests.

Two webhooks and a topic of ntfy: channels without and with digests, receipts and shared limits.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from signalengine_aws.channels.http.client import CONNECT_TIMEOUT_S, TIMEOUT_S, Response
from signalengine_aws.delivery.errors import UnavailableError

from .account import Account
from .outside import RETRY_AFTER_S, Arrivals, Outside, status_of

HOST: Final = "hooks.example.com"
DESTINATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "webhook:first": {"url": f"https://{HOST}/first", "secret": "s"},
    "webhook:second": {"url": f"https://{HOST}/second"},
    "ntfy:topic": {"url": "https://ntfy.example.com/topic"},
}
"""By channel key."""


class ReceiverServer:
    """Takes the place of the client of `send_channels`."""

    no_connection_s: Final = CONNECT_TIMEOUT_S
    no_answer_s: Final = TIMEOUT_S

    def __init__(self, account: Account, arrivals: Arrivals) -> None:
        self._outside = Outside(account, arrivals, "post")

    def post(self, url: str, body: bytes, _headers: Mapping[str, str]) -> Response:
        """Answer a request; raises UnavailableError as the client does."""
        place = urlsplit(url)
        if place.hostname == HOST:
            channel = f"webhook:{place.path.removeprefix('/')}"
        else:
            channel = f"ntfy:{json.loads(body)['topic']}"
        answer: Response = self._outside.send(channel, self)
        return answer

    def accepted(self, message_id: int) -> Response:
        return Response(status_of(message_id), {}, json.dumps({"id": f"m{message_id}"}).encode())

    def limited(self) -> Response:
        return Response(429, {"retry-after": str(RETRY_AFTER_S)}, b"")

    def failed(self, status: int) -> Response:
        return Response(status, {}, b"")

    def no_connection(self) -> Exception:
        return UnavailableError("no connection", ambiguous=False)

    def no_answer(self) -> Exception:
        return UnavailableError("no answer", ambiguous=True)


def secret() -> str:
    """Return the secret that names the destinations."""
    raw: dict[str, Any] = {"destinations": DESTINATIONS, "public_id_key": "key"}
    return json.dumps(raw)
