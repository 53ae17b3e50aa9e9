"""The documents of `strategy list` and `strategy show`."""

import ast
import os
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from signalengine.policy import CLASSIC, default_policy
from signalengine.strategy.finder import Found
from signalengine.strategy.form import Parameter, Value
from signalengine.strategy.loading import Loaded, shipped
from signalengine.strategy.sets import set_of

from infra.cli.strategies.folder import file_of, finder, folder, strategy_of


def listed() -> dict[str, Any]:
    """Return every strategy, broken files with their reason."""
    rows = [_row(one) for one in finder().all() if one.name != CLASSIC]
    return {"folder": str(folder()), "strategies": [_classic(), *rows]}


def on_stack(stack: str | None, region: str | None, state_dir: Path) -> dict[str, Any] | None:
    """Return the sets of a stack by its API; None when none is named and none runs here."""
    from infra.cli.reading.client import Api
    from infra.cli.reading.target import LOCAL, Where, resolve
    from infra.local.stack.running import find

    named = stack or os.environ.get("SIGNALENGINE_STACK")
    if named in (None, "", LOCAL) and find(state_dir) is None:
        return None
    target = resolve(Where(stack=stack, region=region, state_dir=state_dir))
    return {"name": target.name, "strategies": Api(target).get("/strategies")["strategies"]}


def shown(text: str) -> dict[str, Any]:
    """Return one strategy in full; raises CommandError."""
    loaded, file = strategy_of(text), file_of(text)
    one = loaded.strategy
    row = _classic() if loaded.name == CLASSIC else _of(loaded)
    return {
        **row,
        "ships": loaded.name in shipped(),
        "path": str(file),
        "text": docstring(file),
        "warm_up": dict(one.warm_up),
        "ttl_minutes": one.ttl_minutes,
        "components": dict(one.components),
        "values": [_value(value) for value in one.values.declared],
        "state": one.size,
        "one_open": one.one_open,
        "mirror": one.mirror,
        "scale": one.scale,
    }


def docstring(file: Traversable) -> str:
    """Return what a file says about itself."""
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8-sig"))) or ""


def _row(found: Found) -> dict[str, Any]:
    if found.loaded is None:
        return {"name": found.name, "ships": not found.own, "problem": found.problem}
    return {**_of(found.loaded), "ships": not found.own}


def _of(loaded: Loaded) -> dict[str, Any]:
    one = loaded.strategy
    return {
        "name": loaded.name,
        "version": one.version,
        "digest": set_of(loaded).digest,
        "about": one.about,
        "every": one.every,
        "intervals": list(loaded.intervals),
        "features": list(one.features),
        "needs": list(one.needs),
        "parameters": [_parameter(each) for each in one.parameters.declared],
    }


def _classic() -> dict[str, Any]:
    policy = default_policy()
    return {
        "name": CLASSIC, "version": 1, "digest": policy.digest, "ships": True,
        "about": "Seven components, scored when an event backs a direction (docs/policy.md).",
        "every": "1m", "intervals": [], "features": list(policy.intervals), "needs": [],
        "parameters": [],
    }  # fmt: skip


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name, "default": one.default, "least": one.least, "most": one.most,
        "whole": one.whole, "about": one.about,
    }  # fmt: skip


def _value(one: Value) -> dict[str, Any]:
    kind = "price" if one.price else "rank" if one.rank_of is not None else "number"
    return {"name": one.name, "kind": one.symbol or kind, "about": one.about}
