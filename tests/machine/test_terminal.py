"""Standard streams: any encoding, a reader that goes away, a full disk, no stream at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine.terminal import FAILED, INTERRUPTED, READER_GONE, in_ascii
from tests.architecture.source import INFRA, RESEARCH, modules, tree
from tests.architecture.test_words import texts
from tests.paths import ROOT

TEXT = "✓ 3 × 5 – naïve → ⠋ \udce4"
SHOWS = [INFRA / "cli", INFRA / "build", INFRA / "local" / "replay", RESEARCH]


def run(body: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    """Run a program whose main function has this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    code = (
        f"import os, sys\nfrom machine.terminal import program\ndef main():\n{lines}\nprogram(main)"
    )
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, **options)  # type: ignore[call-overload, no-any-return]  # noqa: S603 - our own code


@given(st.text())
def test_every_text_can_be_written_in_ascii(text: str) -> None:
    assert in_ascii(text).isascii()
    plain = text.encode("ascii", "ignore").decode()
    assert in_ascii(plain) == plain


def test_every_sign_of_our_programs_has_a_nearest_one() -> None:
    """Nothing that the command line prints becomes a question mark."""
    signs = {sign for path in modules(*SHOWS) for _, text in texts(tree(path)) for sign in text}
    assert len(signs) > 100
    assert {sign for sign in signs if "?" in in_ascii(sign)} == {"?"}


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "+ 3 x 5 - naive -> * ?"),
        ("latin-1", "+ 3 × 5 - naïve -> * ?"),
        ("cp1252", "+ 3 × 5 – naïve -> * ?"),
        ("utf-8", "✓ 3 × 5 – naïve → ⠋ ?"),
    ],
)
def test_a_stream_of_any_encoding_takes_every_text(encoding: str, shown: str) -> None:
    done = run(f"print({TEXT!r})", env={**os.environ, "PYTHONIOENCODING": encoding})
    assert (done.stdout.decode(encoding), done.stderr) == (f"{shown}\n", b"")


def test_a_reader_that_has_gone_ends_a_program_silently() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    body = "try:\n    print('x' * 10**6)\nfinally:\n    print('cleaned up')"
    done = run(body, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (READER_GONE, b"")


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run("print('short')", stdout=full)
        assert done.returncode == FAILED
        assert done.stderr == b"error: the output cannot be written: No space left on device\n"
        assert run("print('short')", stdout=full, stderr=full).returncode == FAILED


def test_a_thread_that_cannot_print_does_not_end_the_program() -> None:
    body = (
        "import threading\n"
        "thread = threading.Thread(target=lambda: print('x', flush=True))\n"
        "thread.start(); thread.join()\n"
        "sys.stderr.write('goes on')"
    )
    with Path("/dev/full").open("wb") as full:
        assert b"goes on" in run(body, stdout=full).stderr


def test_a_program_without_streams_runs() -> None:
    command = [
        sys.executable,
        "-c",
        "from machine.terminal import program; program(lambda: print(1))",
    ]
    closed = " ".join(["exec", *(f"'{word}'" for word in command), ">&-", "2>&-"])
    assert subprocess.run(["sh", "-c", closed], cwd=ROOT, check=False).returncode == 0  # noqa: S603, S607 - our own words


@pytest.mark.parametrize(
    ("body", "code", "error"),
    [
        ("return None", 0, ""),
        ("return 3", 3, ""),
        ("sys.exit('a reason')", 1, "a reason\n"),
        ("raise KeyboardInterrupt", INTERRUPTED, ""),
        ("os.kill(os.getpid(), 15)\nimport time; time.sleep(60)", 128 + signal.SIGTERM, ""),
        ("os.kill(os.getpid(), 1)\nimport time; time.sleep(60)", 128 + signal.SIGHUP, ""),
        ("open('/none/x', 'w')", 1, "error: /none/x: No such file or directory\n"),
    ],
)
def test_the_end_of_a_program_has_its_exit_code(body: str, code: int, error: str) -> None:
    done = run(body)
    assert (done.returncode, done.stderr.decode()) == (code, error)
