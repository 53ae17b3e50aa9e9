"""A trained model as data: decision trees and a calibration, evaluated here to the last bit.

The file is JSON and holds no code. Trees split on named inputs (`inputs`), in the form of
LightGBM's own arrays: a child ≥ 0 is a node, below it is leaf −child − 1; a value ≤ the threshold
goes left; a NaN goes by `missing` (0: it counts as 0.0, 1: left, 2: right). The sum of one
leaf a tree, in their order, is the raw score; the calibration, a table of (raw, probability) read
with straight lines between its points, makes it a probability. No exp, no libm: live and research
agree.

::

    {"format": "signalengine-model", "version": 1, "name": "…", "predicts": "win",
     "inputs": ["15m_atr_share", …],
     "trees": [{"input": […], "threshold": […], "left": […], "right": […], "missing": […],
                "leaf": […]}, …],
     "calibration": [[-1.2, 0.31], …], "about": {…}}
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from ..errors import ModelError
from ..strategy.numbers import rounded
from .inputs import Input, find, of_close, read

FORMAT: Final = "signalengine-model"
VERSION: Final = 1
_KEYS: Final = (
    "format", "version", "name", "predicts", "inputs", "trees", "calibration", "about",
)  # fmt: skip
_MAX_NODES: Final = 200_000
_HUGE: Final = 1e300
"""What LightGBM writes for a split of NaN from all the rest."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One decision tree; a tree without nodes is its only leaf."""

    input: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    missing: tuple[int, ...]
    leaf: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model."""

    name: str
    digest: str
    """12 hex digits over all that decides: everything but name and about."""
    predicts: Literal["win", "direction"]
    """`win`: a signal on the given side nets a gain. `direction`: the long does better."""
    inputs: tuple[Input, ...]
    trees: tuple[Tree, ...]
    calibration: tuple[tuple[float, float], ...]
    about: Mapping[str, Any]
    """What it was trained on and how well it did; for people."""


def probability(model: Model, f: Sequence[float], side: float, out: Sequence[float]) -> float:
    """Return the probability (0..1, rounded to 1e-6) that the model gives a side.

    `f` is the flat snapshot, `out` the decision row with both sides' scores.
    """
    by_side = model.predicts == "win"
    values = [read(one, f, side if by_side else 1.0, out) for one in model.inputs]
    p = calibrated(model.calibration, raw_score(model.trees, values))
    return rounded(p if by_side or side > 0.0 else 1.0 - p)


def raw_score(trees: Sequence[Tree], values: Sequence[float]) -> float:
    """Return the sum of the leaves that the values lead to."""
    total = 0.0
    for tree in trees:
        total += tree.leaf[_leaf(tree, values)]
    return total


def _leaf(tree: Tree, values: Sequence[float]) -> int:
    if not tree.input:
        return 0
    node = 0
    while node >= 0:
        x = values[tree.input[node]]
        if x != x and tree.missing[node]:
            go_left = tree.missing[node] == 1
        else:
            go_left = (x if x == x else 0.0) <= tree.threshold[node]
        node = tree.left[node] if go_left else tree.right[node]
    return -node - 1


def calibrated(points: Sequence[tuple[float, float]], raw: float) -> float:
    """Return the probability of a raw score: straight lines between points, flat outside them."""
    if raw <= points[0][0]:
        return points[0][1]
    if raw >= points[-1][0]:
        return points[-1][1]
    low, high = 0, len(points) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if points[middle][0] <= raw else (low, middle)
    (x0, y0), (x1, y1) = points[low], points[high]
    return y0 + (y1 - y0) * ((raw - x0) / (x1 - x0))


# --- reading the file -----------------------------------------------------------------------------


def load_model(text: str) -> Model:
    """Read and check a model file; raises ModelError naming what is wrong with it."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model: not JSON: {error}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ModelError(f"model: not a {FORMAT} file")
    if raw.get("version") != VERSION:
        raise ModelError(f"model: version {raw.get('version')!r} is not {VERSION}")
    if sorted(raw) != sorted(_KEYS):
        raise ModelError(f"model: its fields must be {', '.join(_KEYS)}")
    inputs = tuple(find(_text(name, "inputs")) for name in _list(raw["inputs"], "inputs"))
    predicts = raw["predicts"]
    if predicts not in ("win", "direction"):
        raise ModelError("model: predicts must be win or direction")
    if predicts == "direction" and not all(of_close(one.name) for one in inputs):
        raise ModelError("model: one that predicts the direction reads no input of a side")
    if not isinstance(raw["about"], dict):
        raise ModelError("model: about is not an object")
    return Model(
        name=_text(raw["name"], "name"),
        digest=digest(raw),
        predicts=predicts,
        inputs=inputs,
        trees=_trees(raw["trees"], len(inputs)),
        calibration=_calibration(raw["calibration"]),
        about=raw["about"],
    )


def digest(raw: Mapping[str, Any]) -> str:
    """Return 12 hex digits over everything but the name and the notes about the model."""
    body = {key: value for key, value in raw.items() if key not in ("name", "about")}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _trees(raw: Any, inputs: int) -> tuple[Tree, ...]:
    listed = _list(raw, "trees")
    if not listed:
        raise ModelError("model: it has no trees")
    trees = tuple(_tree(item, inputs) for item in listed)
    if sum(len(tree.leaf) for tree in trees) > _MAX_NODES:
        raise ModelError(f"model: more than {_MAX_NODES} leaves")
    return trees


def _tree(raw: Any, inputs: int) -> Tree:
    if not isinstance(raw, dict) or sorted(raw) != sorted(Tree.__slots__):
        raise ModelError(f"model: a tree's fields must be {', '.join(Tree.__slots__)}")
    tree = Tree(
        input=_whole(raw["input"], 0, inputs),
        threshold=_floats(raw["threshold"], "threshold"),
        left=_whole(raw["left"], -_MAX_NODES, _MAX_NODES),
        right=_whole(raw["right"], -_MAX_NODES, _MAX_NODES),
        missing=_whole(raw["missing"], 0, 3),
        leaf=_floats(raw["leaf"], "leaf"),
    )
    nodes = len(tree.input)
    sizes = {len(part) for part in (tree.threshold, tree.left, tree.right, tree.missing)}
    if sizes != {nodes} or len(tree.leaf) != nodes + 1:
        raise ModelError("model: a tree whose arrays do not fit together")
    for node, children in enumerate(zip(tree.left, tree.right, strict=True)):
        for child in children:  # a later node or a leaf: no walk can run in circles
            if not (node < child < nodes or 0 <= -child - 1 < nodes + 1):
                raise ModelError("model: a tree whose nodes do not lead to its leaves")
    return tree


def _calibration(raw: Any) -> tuple[tuple[float, float], ...]:
    points = [_floats(item, "calibration") for item in _list(raw, "calibration")]
    if len(points) < 2 or any(len(point) != 2 for point in points):
        raise ModelError("model: calibration must be two or more pairs of raw score, probability")
    pairs = tuple((point[0], point[1]) for point in points)
    for (x0, y0), (x1, y1) in pairwise(pairs):
        if not (x0 < x1 and 0.0 <= y0 <= y1 <= 1.0):
            raise ModelError("model: calibration must ascend, with probabilities in 0..1")
    return pairs


def _list(raw: Any, name: str) -> list[Any]:
    if not isinstance(raw, list):
        raise ModelError(f"model: {name} is not a list")
    return raw


def _text(raw: Any, name: str) -> str:
    if not isinstance(raw, str):
        raise ModelError(f"model: {name} is not a text")
    return raw


def _whole(raw: Any, low: int, high: int) -> tuple[int, ...]:
    values = _list(raw, "a tree's array")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
            raise ModelError(f"model: {value!r} is no index of a tree")
    return tuple(values)


def _floats(raw: Any, name: str) -> tuple[float, ...]:
    values = _list(raw, name)
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not abs(value) <= _HUGE:
            raise ModelError(f"model: {name} holds {value!r}, which is not a number")
    return tuple(float(value) for value in values)
