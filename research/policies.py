"""Policies made from the default one by naming what is different."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from signalengine.errors import PolicyError
from signalengine.policy import Policy, load_policy


def varied(changes: Mapping[str, Any]) -> Policy:
    """Return the default policy with `changes`, keyed by dotted path.

        varied({"threshold": 0.6, "events.ema_cross.full_atr": 0.5})

    Raises PolicyError for a path the policy does not have, and for values it refuses.
    """
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *folders, name = path.split(".")
        place = raw
        for folder in folders:
            place = place.get(folder) if isinstance(place, dict) else None
        if not isinstance(place, dict) or name not in place:
            raise PolicyError(f"policy: there is no field {path!r}")
        place[name] = value
    return load_policy(json.dumps(raw))
