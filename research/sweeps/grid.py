"""The policies of a sweep: a base policy, and for some of its fields the values to try.

A grid file (YAML or JSON)::

    base: default            # or a policy file beside the grid
    set:
      threshold: [0.4, 0.5, 0.6]
      tp_atr: [1.5, 2]
      events.volume_spike.z: [3, 4]

On the command line the same is `--set threshold=0.4,0.5,0.6 --set tp_atr=1.5,2`.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from signalengine.errors import PolicyError, StrategyError
from signalengine.policy import load_policy
from signalengine.strategy.loading import Loaded
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import as_text, set_of


@dataclass(frozen=True, slots=True)
class Variant:
    """One policy of a grid: its file's text, and how it differs from the base."""

    text: str
    changes: Mapping[str, Any]
    policy: ParameterSet
    code: str = ""
    """Text of the strategy's file; empty for `classic`."""

    @property
    def digest(self) -> str:
        return self.policy.digest


def read_grid(path: Path | str) -> tuple[Variant, ...]:
    """Return the policies of a grid file; raises PolicyError naming what is wrong."""
    where = Path(path)
    try:
        raw = yaml.safe_load(where.read_text(encoding="utf-8-sig"))  # JSON is YAML
    except yaml.YAMLError as error:
        raise PolicyError(f"{where.name}: neither YAML nor JSON: {error}") from error
    if not isinstance(raw, dict) or set(raw) - {"base", "set"}:
        raise PolicyError(f"{where.name}: a grid has the fields base and set")
    values = raw.get("set") or {}
    if not isinstance(values, dict):
        raise PolicyError(f"{where.name}: set must name fields and the values to try")
    listed = {k: v if isinstance(v, list) else [v] for k, v in values.items()}
    return grid(listed, base=base_policy(raw.get("base", "default"), where.parent))


def grid(
    values: Mapping[str, Sequence[Any]], base: Mapping[str, Any] | None = None
) -> tuple[Variant, ...]:
    """Return one policy for each combination of values, by dotted field name.

    Combinations that make the same policy are one. Raises PolicyError for a field that there is
    not and for a combination that is no policy.
    """
    start = base if base is not None else base_policy("default")
    for name, row in values.items():
        if not row:
            raise PolicyError(f"{name}: no values to try")
    found: dict[str, Variant] = {}
    for combination in product(*values.values()):
        variant = policy_variant(start, dict(zip(values, combination, strict=True)))
        found.setdefault(variant.digest, variant)
    return tuple(found.values())


def strategy_grid(strategy: Loaded, values: Mapping[str, Sequence[Any]]) -> tuple[Variant, ...]:
    """Return one parameter set for each combination of values, by the parameter's name.

    Raises StrategyError for a parameter that there is not, or a value out of its bounds.
    """
    found: dict[str, Variant] = {}
    for combination in product(*values.values()):
        variant = strategy_variant(strategy, dict(zip(values, combination, strict=True)))
        found.setdefault(variant.digest, variant)
    return tuple(found.values())


def strategy_variant(strategy: Loaded, changes: Mapping[str, Any]) -> Variant:
    """Return a strategy's parameter set; raises as `strategy_grid`."""
    known = [one.name for one in strategy.strategy.parameters.declared]
    for name in changes:
        if name not in known:
            raise StrategyError(f"{strategy.name} has no parameter {name}{nearest(name, known)}")
    one = set_of(strategy, {"parameters": dict(changes)})
    return Variant(as_text(one), dict(changes), one, strategy.text)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` with the most similar name, or nothing where there are none."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"; did you mean {found[0]}?" if found else ""


def parse_sets(items: Iterable[str]) -> dict[str, list[Any]]:
    """Read `threshold=0.4,0.5`; a value is JSON where it is, else text."""
    values: dict[str, list[Any]] = {}
    for item in items:
        name, equals, text = item.partition("=")
        if not equals or not name or not text:
            raise PolicyError(f"{item!r}: write FIELD=VALUE,VALUE")
        if name in values:
            raise PolicyError(f"{name}: given twice")
        values[name] = [_value(part) for part in text.split(",")]
    return values


def base_policy(base: str | Mapping[str, Any], folder: Path = Path()) -> Mapping[str, Any]:
    """Return a policy as a mapping: `default`, the path of a policy file, or itself."""
    if isinstance(base, Mapping):
        return base
    if base == "default":
        raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    else:
        try:
            raw = json.loads((folder / base).read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise PolicyError(f"{base}: cannot be read as a policy: {error}") from error
    if not isinstance(raw, dict):
        raise PolicyError(f"{base}: not a policy")
    return raw


def policy_variant(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Variant:
    """Return a policy with some fields changed, by dotted name; raises as `grid`."""
    raw = copy.deepcopy(dict(base))
    for name, value in changes.items():
        _put(raw, name, value)
    text = json.dumps(raw, sort_keys=True)
    try:
        policy = load_policy(text)
    except PolicyError as error:
        text = ", ".join(f"{name}={value}" for name, value in changes.items())
        raise PolicyError(f"{text or 'base'}: {error}") from error
    if policy.ai.mode != "off":
        raise PolicyError("A sweep uses no model: ai.mode must be off.")
    return Variant(text, dict(changes), policy)


def _put(raw: dict[str, Any], name: str, value: Any) -> None:
    *folders, last = name.split(".")
    table: Any = raw
    for folder in folders:
        table = table.get(folder) if isinstance(table, dict) else None
    if not isinstance(table, dict) or last not in table:
        near = nearest(name, _fields(raw))
        raise PolicyError(f"{name}: a policy has no such field{near}")
    table[last] = value


def _fields(raw: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the names of all fields, those of tables dotted."""
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
