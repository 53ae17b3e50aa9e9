"""Compiled functions are the core's own, and their stored machine code is safe to share."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from machine.files import locked
from research import compiled
from research.backtest import strategy_loop, strategy_loops
from research.data.series import Floats
from tests.ingest_task.samples import full_disk


def doubled(x: float) -> float:
    return x + x


ENTRY = compiled.compiled_strategy("classic").code.entry


def asked(values: Floats) -> bool:
    return ENTRY(values, values, 1.0, values)


def test_every_numeric_module_is_compiled() -> None:
    modules = compiled.core()
    assert set(modules) == {*compiled.PLAIN, *compiled.NUMERIC}
    assert modules["rules"].cool_down.py_func.__module__ == "signalengine_compiled.rules"


def test_machine_code_is_stored_and_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    first, second = compiled.cached(doubled), compiled.cached(doubled)
    assert (first(2.0), second(2.0)) == (4.0, 4.0)
    assert (first.stats.cache_misses.total(), second.stats.cache_hits.total()) == (1, 1)


def test_threads_run_compiled_loops_side_by_side() -> None:
    assert compiled.cached(doubled).targetoptions["nogil"]


def test_another_process_loads_what_calls_a_strategy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the same process: that has the functions which the stored code names."""
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    assert compiled.cached(asked)(np.ones(500))
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from research import compiled; from tests.research.test_compiled import asked\n"
        "compiled._folder = lambda: Path(sys.argv[1])\n"
        "again = compiled.cached(asked); again(np.ones(500))\n"
        "print(again.stats.cache_hits.total(), again.stats.cache_misses.total())"
    )
    done = subprocess.run(  # noqa: S603 - fixed words
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["1", "0"]


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("left", [0, 1, 60])
def test_damaged_machine_code_is_made_again(
    suffix: str, left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    assert compiled.cached(doubled)(2.0) == 4.0
    (file,) = tmp_path.rglob(f"*.{suffix}")
    os.truncate(file, left)
    second, third = compiled.cached(doubled), compiled.cached(doubled)
    assert (second(2.0), third(2.0)) == (4.0, 4.0)
    assert (second.stats.cache_misses.total(), third.stats.cache_hits.total()) == (1, 1)


def test_a_full_disk_stores_no_machine_code_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    function = compiled.cached(doubled)
    with full_disk(100):
        assert function(2.0) == 4.0
    assert list(tmp_path.rglob("*.nbc")) == []


def test_one_process_at_a_time_compiles_a_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    function = compiled.cached(doubled)
    with locked(tmp_path / f"{doubled.__module__}.doubled.lock"):
        waiting = Thread(target=function, args=(2.0,))
        waiting.start()
        waiting.join(1.0)
        stored = list(tmp_path.rglob("*.nbi"))
    waiting.join()
    assert stored == []
    assert len(list(tmp_path.rglob("*.nbi"))) == 1


def test_the_machine_code_of_the_oldest_sources_is_removed(tmp_path: Path) -> None:
    for age, name in enumerate("abcdef"):
        (tmp_path / name).mkdir()
        at = time.time() - 100 - age
        os.utime(tmp_path / name, (at, at))
    assert compiled._made(tmp_path, "new") == tmp_path / "new"
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"new", "a", "b", "c"}
    assert compiled._made(tmp_path, "f") == tmp_path / "f"


STRATEGY = '''\
"""One value."""

from signalengine.exits.levels import bracket
from signalengine.strategy.form import CLOSE, State, Strategy, Values

V = Values()
PRICE = V.price("close")
STRATEGY = Strategy(
    name="tried", version=1, every="1h", values=V, state=State(V), warm_up={"1h": 5},
)


def fold_1h(s, bar, p):
    s[PRICE] = bar[CLOSE]


def entry(v, f, side, p):
    return side * v[PRICE] > 2.0


def exits(v, f, side, p, out):
    bracket(out, v[PRICE] * 2.0, v[PRICE] / 2.0)
'''


def entered(text: str, price: float) -> tuple[Any, bool]:
    """Compile a strategy as another process does; returns its loops, and whether a long enters."""
    loops = strategy_loop._made.__wrapped__(text, "tried.py")
    answers = np.zeros((1, strategy_loops.ANSWER_SIZE))
    answers[0, strategy_loops.CLOSED] = 1.0
    loops.answer_closes(
        np.array([[price]]), np.full((1, 1), np.nan), 60.0, np.empty(0), answers,
        np.empty((0, 2, 0)),
    )  # fmt: skip
    return loops, bool(answers[0, strategy_loops.LONG])


@pytest.mark.slow  # numba compiles
def test_machine_code_of_a_strategy_is_its_own_and_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", lambda: tmp_path)
    other = STRATEGY.replace("> 2.0", "> 5.0")
    assert [entered(text, 3.0)[1] for text in (STRATEGY, other)] == [True, False]

    again, long = entered(STRATEGY, 3.0)

    assert long
    assert again.answer_closes.stats.cache_hits.total() == 1
    assert again.answer_closes.stats.cache_misses.total() == 0
    assert {path.name for path in (tmp_path / "strategies").iterdir() if path.is_dir()} == {
        compiled._digest_of(text) for text in (STRATEGY, other)
    }


def test_machine_code_is_where_this_user_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checkout").touch()  # a file, where the folder would be: as good as read-only
    monkeypatch.setattr(compiled, "CACHE", tmp_path / "checkout" / "numba")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = compiled._folder.__wrapped__()
    assert folder.parent == tmp_path / "signalengine" / "numba"
    assert "cannot be written: using" in capsys.readouterr().err
