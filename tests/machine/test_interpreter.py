"""Finding a Python of a version: tried, not trusted by its name."""

import os
import sys
from pathlib import Path

import pytest

from machine import interpreter
from machine.interpreter import InterpreterMissingError, candidates, known, works

HERE = sys.version_info[:2]
OTHER = (3, 99)
"""A version that no machine has."""
SHIM = '#!/bin/sh\necho "command not found" >&2\nexit 127\n'
"""What a version manager leaves on PATH for a version that is not selected."""


def script(folder: Path, text: str, version: interpreter.Version = OTHER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "python{}.{}".format(*version)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_this_process_s_own_interpreter_is_the_first() -> None:
    assert known(HERE) == Path(sys.executable)
    assert works(Path(sys.executable), HERE)


def test_an_interpreter_of_another_version_does_not_count() -> None:
    assert not works(Path(sys.executable), OTHER)


def test_a_shim_without_its_version_is_passed_over(tmp_path: Path) -> None:
    """It is found by its name, and exits with 127."""
    shim = script(tmp_path / "shims", SHIM)
    real = script(tmp_path / "real", "#!/bin/sh\necho cpython-399\n")
    path = os.pathsep.join([str(shim.parent), str(real.parent)])
    environ = {"PATH": path, "HOME": str(tmp_path)}
    assert list(candidates(OTHER, environ)) == [shim, real]
    assert known(OTHER, environ) == real
    assert known(OTHER, {"PATH": str(shim.parent), "HOME": str(tmp_path)}) is None


@pytest.mark.parametrize("variable", ["PYENV_ROOT", "HOME"])
def test_a_version_that_pyenv_has_but_does_not_select_is_found(
    tmp_path: Path, variable: str
) -> None:
    root = tmp_path if variable == "PYENV_ROOT" else tmp_path / ".pyenv"
    real = script(root / "versions" / "3.99.2" / "bin", "#!/bin/sh\necho cpython-399\n")
    environ = {"PATH": "", "HOME": "/nowhere", variable: str(tmp_path)}
    assert known(OTHER, environ) == real


def test_without_one_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv knows no such version either: nothing is downloaded here."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(InterpreterMissingError, match=r"no Python 3\.99 .* uv could not") as caught:
        interpreter.interpreter(OTHER)
    assert "install Python 3.99" in caught.value.fix
