"""All laws together: a good strategy passes; what is put in on purpose is found, with its fix."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from signalengine.strategy.loading import SHIPPED, load_text, shipped

from research.strategies import check as checking
from research.strategies.check import LAWS, Checked, check, check_file, subject_of
from research.strategies.subject import Subject

from .texts import GOOD, bars, inside, line_of

FOLDER = Path(str(files(SHIPPED)))


@pytest.fixture(autouse=True)
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile nothing, unless a test is slow anyway."""

    def made(*given: Any) -> Subject:
        return replace(Subject(*given), compile=load_text)

    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(checking, "Subject", made)


@pytest.mark.slow  # numba compiles
@pytest.mark.parametrize("name", [name for name in shipped() if name != "classic"])
def test_every_shipped_strategy_obeys_every_law(name: str) -> None:
    file = FOLDER / f"{name}.py"

    done = check(file.read_text(encoding="utf-8"), file.name)

    assert done.failures == ()
    assert done.tried == LAWS


def test_a_good_strategy_obeys_every_law_and_says_what_it_costs() -> None:
    laws: list[str] = []

    done = check(GOOD, "channel.py", {"bars": 4}, lambda _: [bars()], laws.append)

    assert done.failures == ()
    assert done.holds
    assert tuple(laws) == LAWS == done.tried
    assert done.subject is not None
    assert done.subject.p == (4.0, 0.02)
    assert len(done.subject.set_digest) == 12
    (recorded,) = done.recorded
    assert (recorded.symbol, recorded.closes) == ("calm", 350)
    assert 0 < recorded.entries < 350
    assert done.cost is not None


@pytest.mark.parametrize(
    ("line", "words", "fix"),
    [
        ("x = bar[CLOSE + 7]", "bar[CLOSE + 7] looks beyond this bar", "a fold sees one"),
        ("x = bar[NEXT]", "bar[NEXT] looks beyond this bar", "a fold sees one closed bar"),
        ("x = s[RING + (seen + 1) % 20]", "reads a place of 'ring' that no bar", "count the bars"),
        ("x = s[RING + 4000]", "a place that does not exist", "S.many"),
        ("COUNT[0] = 1.0", "writes to COUNT, which is hidden state", "declare state with S.one"),
        ("x = take(S)", "S is a State, which could carry hidden state", "declare state with S.one"),
        ("x = take(COUNT)", "COUNT is a tuple, which could carry hidden state", "S.one"),
        ("global COUNT", "global is hidden state", "declare it with S.one"),
        ("s[9] = bar[CLOSE]", "writes to place 9, which is not declared", "declare it"),
    ],
)  # fmt: skip
def test_a_look_ahead_and_a_hidden_state_are_found_with_line_and_fix(
    line: str, words: str, fix: str
) -> None:
    text = inside(line, GOOD.replace("P = Par", "NEXT = CLOSE + 7\nCOUNT = (0, 1)\nP = Par"))
    text += "\n\ndef take(x):\n    return 1.0\n"

    failures = check(text, "channel.py").failures

    assert [one.found.line for one in failures] == [line_of(line, text)]
    assert words in failures[0].found.text
    assert fix in failures[0].found.fix


def test_a_declaration_that_cannot_be_is_found_with_its_line() -> None:
    text = GOOD.replace(
        "S = State(V)", 'S = State(V) if P.whole("bars", 1, least=1, most=2) else 1'
    )

    (one,) = check(text, "channel.py").failures

    assert one.law == "declaration"
    assert one.found.text == "'bars' is declared twice"


def test_parameters_are_tried_at_their_bounds_too() -> None:
    text = inside("x = s[RING + 20 * (bars // 20) * 200]")

    (one,) = check(text, "channel.py").failures

    assert "a place that does not exist" in one.found.text


def test_a_parameter_that_is_out_of_bounds_is_refused() -> None:
    subject, failures = subject_of(GOOD, "channel.py", {"bars": 400})

    assert subject is None
    assert "bars = 400 must be from 1 to 20" in failures[0].found.text


def test_a_law_that_fails_leaves_the_others_to_be_tried() -> None:
    done = check(GOOD.replace('{"1h": 21}', '{"1h": 1}'), "channel.py")

    assert [one.law for one in done.failures] == ["warm-up"]
    assert done.tried == LAWS
    assert not done.holds


def test_laws_of_symmetry_hold_where_they_are_declared() -> None:
    text = GOOD.replace("v[PRICE] > v[TOP]", "v[PRICE] > v[TOP] and v[PRICE] > 128.0")
    declared = text.replace("warm_up=", "mirror=False,\n    scale=False,\n    warm_up=")

    assert {one.law for one in check(text, "channel.py").failures} == {"mirror", "scale"}
    assert check(declared, "channel.py").failures == ()


def test_a_file_is_checked_in_one_call(tmp_path: Path) -> None:
    file = tmp_path / "channel.py"
    file.write_text(GOOD, encoding="utf-8")
    assert check_file(file, {"bars": 5}) == []

    file.write_text(inside("x = max(1, 2)"), encoding="utf-8")
    (one,) = check_file(file)
    assert (
        str(one) == f"allow-list: line {line_of('max(', inside('x = max(1, 2)'))}: a call of max; "
        "write a comparison: what they return for NaN depends on the order"
    )


def test_warnings_do_not_fail() -> None:
    assert Checked((), ()).holds
