"""One writer: whole files, links that stay, and devices and pipes that are written into."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from machine import files
from machine.files import is_stdout, replacing, write
from tests.paths import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.none() | st.binary(max_size=9), links=st.integers(0, 3), content=st.binary())
def test_what_is_written_is_read_by_every_link(tmp_path, before, links, content):
    target = tmp_path / "target"
    target.unlink(missing_ok=True)
    if before is not None:
        target.write_bytes(before)
    path = target
    for number in range(links):
        link = tmp_path / f"link{number}"
        link.unlink(missing_ok=True)
        link.symlink_to(path.name)
        path = link
    write(path, content, durable=False)
    assert path.read_bytes() == target.read_bytes() == content
    assert not target.is_symlink()
    assert all((tmp_path / f"link{number}").is_symlink() for number in range(links))
    assert not [name for name in names(tmp_path) if name.endswith(files.PART)]


def test_text_is_utf8_with_its_own_line_ends(tmp_path):
    write(tmp_path / "new" / "folder" / "a.txt", "é\r\n–\n")
    assert (tmp_path / "new" / "folder" / "a.txt").read_bytes() == "é\r\n–\n".encode()


def test_a_mode_remains_and_a_new_file_has_that_of_the_umask(tmp_path):
    old, new, private = (tmp_path / name for name in ("old", "new", "private"))
    old.touch()
    private.touch()
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write(old, "x")
        write(new, "x")
        write(private, "x", private=True)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (old, new, private)]
    assert modes == [0o640, 0o640, 0o600]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_no_part(tmp_path, error):
    target = tmp_path / "target"
    target.write_text("old")

    def fail(part: Path) -> None:
        part.write_text("half")
        raise error

    with pytest.raises(error), replacing(target) as part:
        fail(part)
    assert (target.read_text(), names(tmp_path)) == ("old", ["target"])
    with replacing(target) as part:
        part.unlink()
    assert (target.read_text(), names(tmp_path)) == ("old", ["target"])


def test_two_writers_at_once_have_parts_of_their_own(tmp_path):
    target = tmp_path / ("long" * 60)
    with replacing(target) as one, replacing(target) as two:
        one.write_text("1")
        two.write_text("2")
        assert one.parent == two.parent == tmp_path
    assert target.read_text() == "1"
    assert names(tmp_path) == [target.name]


def test_a_folder_and_a_circle_of_links_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"):
        write(tmp_path, "x")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(OSError) as refused:
        write(tmp_path / "circle", "x")
    assert refused.value.errno == errno.ELOOP


def test_a_pipe_is_written_into_and_remains(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("pipe")
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    reader.start()
    write(link, "content")
    reader.join(10.0)
    assert (found, pipe.is_fifo(), link.is_symlink()) == (["content"], True, True)
    assert names(tmp_path) == ["link", "pipe"]


def test_a_device_is_written_into_and_remains(tmp_path):
    """A terminal of the test's own: nothing in /dev could be replaced, not by root either."""
    master, slave = os.openpty()
    device, link = Path(os.ttyname(slave)), tmp_path / "link"
    link.symlink_to(device)
    write(link, "content")
    assert os.read(master, 99) == b"content"
    assert device.is_char_device()
    assert (names(tmp_path), link.is_symlink()) == (["link"], True)
    os.close(master)
    os.close(slave)


def test_a_mount_point_is_written_in_place(tmp_path, monkeypatch):
    target = tmp_path / "mounted"
    target.write_text("a longer text")
    number = target.stat().st_ino

    def busy(_part: Path, _target: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)
    write(target, "new")
    assert (target.read_text(), target.stat().st_ino) == ("new", number)
    assert names(tmp_path) == ["mounted"]


def run(code: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-c", f"from machine.files import *\n{code}"]
    return subprocess.run(command, cwd=ROOT, check=False, **options)  # type: ignore[call-overload, no-any-return]  # noqa: S603 - our own code


def test_the_standard_output_is_written_in_order_wherever_it_leads(tmp_path):
    code = "print(1); write(Path('/dev/stdout'), '2\\n'); print(3)"
    assert run(code, stdout=subprocess.PIPE).stdout == b"1\n2\n3\n"
    with (tmp_path / "out").open("wb") as out:
        run(code, stdout=out)
    assert (tmp_path / "out").read_bytes() == b"1\n2\n3\n"
    assert names(tmp_path) == ["out"]
    (tmp_path / "link").symlink_to("/dev/stdout")
    assert is_stdout(tmp_path / "link")
    assert not is_stdout(tmp_path / "out")


def test_sigterm_in_a_program_leaves_no_part(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from machine.terminal import program\n"
        "def main():\n"
        f"    with replacing(Path({str(tmp_path / 'target')!r})) as part:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        part.write_text('x' * 10**6)\n"
        "program(main)"
    )
    assert run(code).returncode == 128 + signal.SIGTERM
    assert names(tmp_path) == []
