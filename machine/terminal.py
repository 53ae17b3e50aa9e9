"""How every program of ours starts and ends: its standard streams, signals and exit code.

A terminal or a pipe may have any encoding: what it lacks is written in ASCII. A reader that has
gone (`| head`) ends the program silently with 141, as the shell does; an output that cannot be
written (a full disk) ends it with one line. SIGTERM and SIGHUP end it like Ctrl-C: each block that
has to clean up does.
"""

import codecs
import errno
import io
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn, TextIO, TypeVar

FAILED: Final = 1
READER_GONE: Final = 128 + signal.SIGPIPE
INTERRUPTED: Final = 128 + signal.SIGINT
_OF_DISKS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOENT}
ERRORS: Final = "signalengine.plain"
"""Our name of the error handler for what an encoding lacks."""
_PLAIN: Final = {
    **dict.fromkeys("–—−─━┈╌⁻", "-"), **dict.fromkeys("│┃┤├┊", "|"),
    **dict.fromkeys("╭╮╯╰┌┐└┘┼", "+"),
    **dict.fromkeys("█▉▊▋▌", "#"), **dict.fromkeys("▍▎▏▒░", "="), **dict.fromkeys("●◆•", "*"),
    **dict.fromkeys("“”„", '"'), **dict.fromkeys("‘’", "'"),
    "·": ".", "×": "x", "µ": "u", "…": "...", "½": "1/2", "→": "->", "←": "<-", "↑": "^", "↓": "v",
    "≠": "!=", "≥": ">=", "≤": "<=", "▲": "^", "▼": "v", "○": "o", "✓": "+", "✗": "x",
    "√": "sqrt ", "σ": "sigma", "Σ": "sum ",
    "\N{VARIATION SELECTOR-16}": "",
}  # fmt: skip
_DEFAULT: Final = signal.SIG_DFL
_T = TypeVar("_T")


def program(main: Callable[[], int | None]) -> NoReturn:
    """Run the main function of a program, then end the process with its exit code."""
    _prepare()
    try:
        with _ended_by_signals():
            code = _code_of(main)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        if error.filename is None and error.errno not in _OF_DISKS:
            raise
        code = _reported(": ".join(str(part) for part in (error.filename, error.strerror) if part))
    sys.exit(_finished(code))


def in_ascii(text: str) -> str:
    """Return a text in ASCII: signs by the nearest ones, letters without accents, else `?`."""
    return "".join(c if c.isascii() else _sign(c) for c in text)


class Output(io.TextIOWrapper):
    """A standard stream; the first failure to write ends the program (SystemExit), later ones not.

    What cleans up afterwards may print: that is dropped.
    """

    _failed: OSError | None = None
    _ended = False

    def write(self, text: str) -> int:
        """Write a text; returns its length."""
        write = super().write
        return self._tried(lambda: write(text), len(text))

    def flush(self) -> None:
        """Pass on what was written."""
        self._tried(super().flush, None)

    @property
    def exit_code(self) -> int:
        """The exit code that the stream's failure leads to; 0 without one."""
        if self._failed is None:
            return 0
        return READER_GONE if isinstance(self._failed, BrokenPipeError) else FAILED

    def _tried(self, write: Callable[[], _T], dropped: _T) -> _T:
        if self._failed is None:
            try:
                return write()
            except OSError as error:
                self._failed = error
                self._to_nowhere()
        if not self._ended and threading.current_thread() is threading.main_thread():
            self._ended = True
            if self.exit_code == FAILED and self is not sys.stderr:
                _reported(f"the output cannot be written: {self._failed.strerror}")
            raise SystemExit(self.exit_code)
        return dropped

    def _to_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def _prepare() -> None:
    codecs.register_error(ERRORS, _replaced)
    sys.stdout = _output(sys.stdout, sys.__stdout__)
    sys.stderr = _output(sys.stderr, sys.__stderr__)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise SystemExit, unless they are ignored (nohup) or handled."""
    signs = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is _DEFAULT]
    for sign in signs:
        signal.signal(sign, _end)
    try:
        yield
    finally:
        for sign in signs:
            signal.signal(sign, _DEFAULT)


def _output(stream: TextIO | None, standard: TextIO | None) -> TextIO:
    """Return an `Output` on the file of a standard stream; one that was put in its place stays."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")  # it was closed by the parent
    if stream is not standard or type(stream) is not io.TextIOWrapper:
        return stream
    stream.flush()
    encoding, by_line, at_once = stream.encoding, stream.line_buffering, stream.write_through
    return Output(stream.detach(), encoding, ERRORS, line_buffering=by_line, write_through=at_once)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


def _sign(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return letters or ("*" if unicodedata.category(character) == "So" else "?")


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # the cleaning up is not interrupted
    raise SystemExit(128 + number)


def _code_of(main: Callable[[], int | None]) -> int:
    try:
        return main() or 0
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return FAILED


def _finished(code: int) -> int:
    """Flush the streams, which may fail only now; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code


def _reported(text: str) -> int:
    sys.stderr.write(f"error: {text}\n")
    return FAILED
