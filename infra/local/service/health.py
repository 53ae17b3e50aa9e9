"""The health of a running service, by its API."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Final

TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """What /health says; `status` is `no answer` when there is none, with its reason."""

    status: str
    reason: str = ""
    components: tuple[str, ...] = ()
    """The names of those that are not well."""

    @property
    def is_ok(self) -> bool:
        """Whether all is well."""
        return self.status == "ok"


def health(port: int) -> Health:
    """Request /health of this machine; an unexpected answer is a health too."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/health", timeout=TIMEOUT_S) as answer:
            document = json.loads(answer.read())
        parts = document["components"].items()
        return Health(str(document["status"]), "", tuple(n for n, state in parts if state != "ok"))
    except OSError as error:
        return Health("no answer", str(getattr(error, "reason", error)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Health("no answer", f"another program answers on port {port}")
