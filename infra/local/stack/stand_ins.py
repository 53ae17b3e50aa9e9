"""The stand-ins of channels in a local run, and the destinations that are registered for them.

One destination of each channel, named `local`, is in the stack's secret and subscribed, so that
messages arrive at `/channels/` without any setup. Destinations that the operator added stay. One
that was removed or changed by hand is as it was left.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

NAME: Final = "local"
"""The name of each destination."""
HOST: Final = "127.0.0.1"
PARAMETERS: Final = {"ServesChannels": "true"}
"""Of the stack, so that the function for channels runs."""


def page_of(front: str, ready: Mapping[str, Any]) -> str:
    """Return the page's address for the person here: it holds the run's token."""
    return f"{front}#{ready['control_token']}"


def base_of(ready: Mapping[str, Any]) -> str:
    """Return the address of the server."""
    return f"http://{HOST}:{ready['port']}"


def secret_with(known: str, ready: Mapping[str, Any]) -> str:
    """Return the secret of destinations with those of the stand-ins.

    Theirs of an earlier run, at another port, are replaced.
    """
    raw = json.loads(known or "{}")
    others = {
        key: one
        for key, one in raw.get("destinations", {}).items()
        if key.partition(":")[2] != NAME
    }
    mine = {f"{name}:{NAME}": _destination(ready, one) for name, one in destinations(ready).items()}
    earlier = {one["url"].split("/")[2] for one in raw.get("destinations", {}).values()}
    kept = {one["url"].split("/")[2] for one in others.values() if one.get("url")}
    allowed = [one for one in raw.get("allowed", []) if one not in earlier - kept]
    opened = sorted({*allowed, f"{HOST}:{ready['port']}"})
    key = raw.get("public_id_key") or secrets.token_urlsafe(24)
    more = {"public_id_key": key, "allowed": opened, "destinations": {**others, **mine}}
    return json.dumps(raw | more)


def destinations(ready: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the destination of each channel, as the server describes it."""
    found: Mapping[str, Mapping[str, str]] = ready["destinations"]
    return found


def _destination(ready: Mapping[str, Any], one: Mapping[str, str]) -> dict[str, str]:
    """Return a destination of the secret; receivers are sent signed requests."""
    fields = {name: value for name, value in one.items() if name not in ("path", "guild")}
    return {"url": f"{base_of(ready)}{one['path']}", **fields}
