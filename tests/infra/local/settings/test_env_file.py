"""The file of settings: which one is read, what its lines mean, and what wins."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import CommandError
from infra.local.settings.env_file import EnvFile, found, read
from infra.local.settings.table import VARIABLES
from infra.local.storage.folder import default_root

NAMES = st.sampled_from(["LOG_LEVEL", "SYMBOLS", "AI_ENABLED"])
ANY_NAME = st.sampled_from([*VARIABLES, "LD_PRELOAD", "PYTHONPATH", "HTTPS_PROXY", "REDIS_URL"])
TEXT = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=3)
TEXTS = st.dictionaries(NAMES, st.text(st.characters(categories=["L", "N"]), max_size=3))


def of(tmp_path: Path, text: str) -> EnvFile:
    path = tmp_path / "some.env"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_the_example_of_version_3_is_read_without_its_comments(tmp_path: Path) -> None:
    text = """\
# ===== Core Settings =====
LOG_LEVEL=INFO                          # DEBUG, INFO, WARNING, ERROR
REDIS_URL=redis://localhost:6379/0      # Redis connection

SIGNAL_SCORE_THRESHOLD=0.50             # Minimum score (0.0-1.0) to emit signal
TELEGRAM_CHAT_ID=-1003497403947         # Your chat/channel ID
export OLLAMA_MODEL='llama3.2:3b'
AI_MODEL_PATH=
"""
    assert of(tmp_path, text).values == {
        "LOG_LEVEL": "INFO",
        "REDIS_URL": "redis://localhost:6379/0",
        "SIGNAL_SCORE_THRESHOLD": "0.50",
        "TELEGRAM_CHAT_ID": "-1003497403947",
        "OLLAMA_MODEL": "llama3.2:3b",
    }


def test_a_value_is_taken_as_it_is(tmp_path: Path) -> None:
    assert of(tmp_path, "A=$HOME ${B}\n").values == {"A": "$HOME ${B}"}


@pytest.mark.parametrize(
    ("text", "line"),
    [("A=1\n\n\nno sign\n", 4), ("LONELY\n", 1), ("A=1\nB='open\n", 2), ("\n# x\n= 3\n", 3)],
)
def test_a_line_that_is_no_setting_is_named(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"line {line}: expected NAME=value"):
        of(tmp_path, text)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=\xff\n")
    with pytest.raises(CommandError, match="cannot be read"):
        read(path)


@given(TEXTS, TEXTS)
def test_the_environment_wins_an_empty_variable_too(
    of_file: dict[str, str], environ: dict[str, str]
) -> None:
    file = EnvFile(Path(".env"), {name: text for name, text in of_file.items() if text})
    after = dict(environ)
    taken = file.apply(after)
    assert after == {**file.values, **environ}
    assert taken == file.values.keys() - environ.keys()


@given(st.dictionaries(st.text(st.characters(categories=["L"]), min_size=1) | ANY_NAME, TEXT))
def test_only_settings_that_a_stack_has_reach_the_environment(of_file: dict[str, str]) -> None:
    environ: dict[str, str] = {}
    assert EnvFile(Path(".env"), of_file).apply(environ) == environ.keys()
    settings = {one.name for one in VARIABLES.values() if one.place != "command"}
    assert environ == {name: text for name, text in of_file.items() if name in settings}


def test_the_working_directory_comes_before_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert found() is None
    default_root().mkdir(parents=True)
    (default_root() / ".env").touch()
    assert found() == tmp_path / "data" / "signalengine" / ".env"
    (here / ".env").touch()
    assert found() == here / ".env"


def test_a_file_that_others_may_read_is_known(tmp_path: Path) -> None:
    file = of(tmp_path, "A=1\n")
    file.path.chmod(0o644)
    assert file.open_to_others
    file.path.chmod(0o600)
    assert not file.open_to_others
