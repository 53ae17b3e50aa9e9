"""One message to a push service, and what its answers mean (`channels.http.refusals`).

RFC 8030: 201 and the other successes mean that the service has the message; 404 and 410 that the
browser has ended its subscription.
"""

from collections.abc import Mapping
from typing import Final

from ..http.refusals import Meaning, refused
from ..named import Poster

MAX_RECEIPT: Final = 200
_GONE: Final = 404
"""410 is known to every service."""


def post(poster: Poster, url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Return the receipt of a message; raises the errors of `delivery.errors`.

    It is the end of the address that the service gives the message, where it gives one.
    """
    response = poster.post(url, body, headers)
    if 200 <= response.status < 300:
        name = response.headers.get("location", "").rpartition("/")[2][:MAX_RECEIPT]
        return name or f"HTTP {response.status}"
    meaning = Meaning.LEAVE if response.status == _GONE else None
    raise refused(response, "from the push service", meaning)
