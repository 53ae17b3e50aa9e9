"""What a strategy's functions may use: numbers, functions of numbers, and the places of a bar."""

from importlib import import_module

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.loading import RefusedStrategyError, load_text
from signalengine.strategy.namespace import visible

from .texts import CHANNEL, with_line, with_top


def inside(line: str) -> str:
    """Return the channel's text with one more line in its fold."""
    return CHANNEL.replace("    top = nan\n", f"    {line}\n    top = nan\n")


def refused(text: str) -> list[str]:
    with pytest.raises(RefusedStrategyError) as found:
        load_text(text, "channel.py")
    return [str(one) for one in found.value.found]


def test_a_constant_that_is_no_place_of_a_bar_is_a_look_ahead() -> None:
    text = inside("x = bar[NEXT]").replace("P = Par", "NEXT = CLOSE + 7\nP = Par")

    (found,) = refused(text)

    assert found.startswith("line 33: bar[NEXT] looks beyond this bar: NEXT = 11; a fold sees one")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("x = helper(S)", "S is a State, which could carry hidden state"),
        ("x = helper(P)", "P is a Parameters, which could carry hidden state"),
        ("x = helper(STRATEGY)", "STRATEGY is a Strategy"),
        ("x = helper(Values)", "Values is a type"),
        ("x = NAMES", "NAMES is a tuple"),
        ("x = TABLE", "TABLE is a dict"),
    ],
)
def test_a_function_uses_no_object_that_could_carry_state(line: str, part: str) -> None:
    helper = '\n\ndef helper(x):\n    return 1.0\n\n\nNAMES = (1, 2)\nTABLE = {"a": 1}\n'

    (found,) = refused(inside(line) + helper)

    assert part in found
    assert "declare state with S.one" in found


def test_shared_features_are_declared() -> None:
    (found,) = refused(with_line("return f[3] > 1.0", inside="entry"))

    assert "f[3] is a shared feature, and none are declared; write features=" in found
    text = with_line("return f[3] > 1.0", inside="entry")
    assert load_text(text.replace("warm_up=", 'features=("1h",),\n    warm_up='), "channel.py")


@pytest.mark.parametrize(
    "line",
    ["s = p", "p = (1.0, 2.0)", "s, x = (p, 1.0)", "for s in range(3):\n        pass"],
)
def test_what_the_engine_passes_keeps_its_name(line: str) -> None:
    (found,) = {one.partition(":")[2] for one in refused(inside(line))}

    assert "an assignment to" in found


@pytest.mark.parametrize("calls", [("again",), ("other", "again")])
def test_a_function_that_calls_itself_is_found(calls: tuple[str, ...]) -> None:
    names = ("again", *calls)
    made = "".join(
        f"\n\ndef {a}(x):\n    return {b}(x)\n" for a, b in zip(names, calls, strict=False)
    )
    found = refused(CHANNEL + made)

    assert all("calls itself and may never end" in one for one in found)
    assert len(found) == len(calls)


def test_only_the_allowed_modules_are_visible() -> None:
    assert sorted(vars(visible("math", import_module))) == ["nan", "sqrt"]
    with pytest.raises(StrategyError, match="may not import os"):
        visible("os", import_module)


def test_an_import_shows_numbers_functions_and_declarations_only() -> None:
    form = vars(visible("signalengine.strategy.form", import_module))
    channels = vars(visible("signalengine.library.channels", import_module))
    features = vars(visible("signalengine.strategy.features", import_module))

    assert {"CLOSE", "Parameters", "Values", "State", "Strategy"} <= set(form)
    assert not {"Value", "field", "dataclass", "isfinite", "ENGINE_SLOTS"} & set(form)
    assert {"CHANNEL_UPPER", "fold_donchian", "donchian_slots"} <= set(channels)
    assert not {"Slots", "Buffer", "fold_atr", "sqrt"} & set(channels)
    assert {"PRICE", "H1"} <= set(features)
    assert not {"indicators", "snapshot"} & set(features)


def test_annotations_inside_functions_are_removed() -> None:
    text = inside("x: unknown = 1.0").replace("side > 0.0:", "side > 0.0:\n        y: gone", 1)

    assert load_text(text, "channel.py").code.entry([1.0, 0.0, 2.0], [], 1.0, ()) is True


def test_the_four_functions_of_python_are_known_at_the_top_level() -> None:
    assert load_text(with_top("A = int(2.5) + abs(-1)"), "channel.py")


WRITES = "\n\ndef helper(s, x):\n    s[0] = x\n"


@pytest.mark.parametrize(
    ("function", "line", "part"),
    [
        ("entry", "helper(v, 1.0)", "helper may write to v"),
        ("entry", "helper(f, 1.0)", "helper may write to f"),
        ("exits", "helper(p, 1.0)", "helper may write to p"),
        ("entry", "fold_ema(v, 0, 1.0, 3.0)", "fold_ema may write to v"),
        ("exits", "fold_ema(v, 0, 1.0, 3.0)", "fold_ema may write to v"),
    ],
)
def test_what_is_read_only_is_not_passed_to_be_written(function: str, line: str, part: str) -> None:
    text = with_line(line, inside=function) + WRITES
    text = text.replace(
        "from math import nan",
        "from math import nan\n\nfrom signalengine.library.averages import fold_ema",
    )

    (found,) = refused(text)

    assert part in found
    assert "pass s or out on" in found


def test_a_buffer_and_a_row_are_passed_on_to_be_written() -> None:
    text = inside("helper(s, 1.0)") + WRITES

    assert load_text(with_line("helper(out, 2.0)", inside="exits") + WRITES, "channel.py")
    assert load_text(text, "channel.py")
