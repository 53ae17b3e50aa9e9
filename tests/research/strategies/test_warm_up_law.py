"""The warm-up: one that is too short is found, with the one that would do."""

import re

from research.strategies.warm_up_law import warm_up

from .texts import GOOD, inside, line_of, subject


def averaged(period: str, warm: int) -> str:
    """Return the channel with an exponential average as its value `top`."""
    text = GOOD.replace('SEEN = S.one("seen")', 'SEEN = S.one("seen")\nEMA = ema_slots(S, "ema")')
    text = text.replace(
        "    s[TOP] = top\n", f"    s[TOP] = fold_ema(s, EMA, bar[CLOSE], {period})\n"
    )
    text = text.replace(
        "from signalengine.strategy.form",
        "from signalengine.library.averages import ema_slots, fold_ema\n"
        "from signalengine.strategy.form",
    )
    return text.replace('{"1h": 21}', f'{{"1h": {warm}}}')


def test_a_window_is_warm_when_it_is_full() -> None:
    assert list(warm_up(subject())) == []
    (found,) = warm_up(subject(GOOD.replace('{"1h": 21}', '{"1h": 1}')))
    assert "in being known" in found.found.text


def test_an_average_that_is_not_warm_names_the_value_and_a_warm_up_that_is() -> None:
    text = averaged("30.0", 32)

    (found,) = warm_up(subject(text))

    assert found.found.text.startswith("value 'top' with the declared warm-up and with 4 times it")
    assert found.found.line == line_of("s[TOP] =", text)
    enough = re.fullmatch(r'declare warm_up=\{"1h": (\d+)\}', found.found.fix)
    assert enough is not None
    assert list(warm_up(subject(averaged("30.0", int(enough[1]))))) == []


def test_a_sum_since_the_first_bar_is_never_warm() -> None:
    text = inside("s[BOTTOM] = s[BOTTOM] + bar[VOLUME]").replace("    s[BOTTOM] = bottom\n", "")
    text = text.replace("import CLOSE,", "import CLOSE, VOLUME,").replace(
        'V.price("bottom")', 'V.number("bottom")'
    )
    text = (
        text.replace("s[BOTTOM] = s[BOTTOM]", "s[SUM] = s[SUM]")
        .replace('SEEN = S.one("seen")', 'SEEN = S.one("seen")\nSUM = S.one("sum")')
        .replace("    s[TOP] = top\n", "    s[TOP] = top\n    s[BOTTOM] = s[SUM]\n")
    )

    (found,) = warm_up(subject(text))

    assert "value 'bottom'" in found.found.text
    assert "a sum since the first bar never ends" in found.found.fix
