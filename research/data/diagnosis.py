"""What a file is that is not what its name says, and a value that is not what its column holds."""

import re
from typing import Final

from .times import EARLIEST, NANOSECONDS

_HEAD: Final = 512
_SHOWN: Final = 40
"""Characters of a foreign value or file in an error."""
_AGAIN: Final = "Delete the file and download it again."
_FORMATS: Final = (
    (b"version https://git-lfs", "a pointer of Git LFS, not the file. Run `git lfs pull`."),
    (b"PK\x03\x04", "a zip. Name it .zip; a zip within a zip has to be unpacked once."),
    (b"\x1f\x8b", "compressed by gzip. Unpack it."),
    (b"ARROW1", "a feather file. Name it .feather."),
    (b"FEA1", "a feather file. Name it .feather."),
    (b"PAR1", "a Parquet file. Name it .parquet, and declare its layout in mapping.toml."),
    (b"7z\xbc\xaf", "compressed by 7-Zip. Unpack it."),
    (b"Rar!", "compressed by RAR. Unpack it."),
    (b"BZh", "compressed by bzip2. Unpack it."),
    (b"\xfd7zXZ", "compressed by xz. Unpack it."),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard. Unpack it."),
    (
        b"SQLite format 3",
        "a database of SQLite. Name it .db, and declare its layout in mapping.toml.",
    ),
    (b"\xff\xfe", "text in UTF-16. Save it as CSV in UTF-8."),
    (b"\xfe\xff", "text in UTF-16. Save it as CSV in UTF-8."),
)
_MARKUP: Final = re.compile(rb"\s*<[!?a-z]", re.IGNORECASE)
_JSON: Final = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"\d])')
_NUMBER: Final = re.compile(r"[-+]?\d[\d., ]*\d|\d")
_NAME: Final = re.compile(r"[A-Za-z_]{3,}")
_SEPARATORS: Final = {b";": "semicolons", b"\t": "tabs", b"|": "bars (|)"}


def foreign(content: bytes) -> str | None:
    """Return what a file is, and the fix, as the end of an error; None if it may hold rows."""
    head = content[:_HEAD]
    for magic, text in _FORMATS:
        if head.startswith(magic):
            return text
    if b"/annex/objects/" in head and b"\n" not in head.strip():
        return "a pointer of git-annex, not the file. Run `git annex get`."
    if head.count(b"\0") * 3 > len(head):
        return "text in UTF-16. Save it as CSV in UTF-8."
    if _MARKUP.match(head):
        return f"a page of HTML or XML, such as a server's error ({shown(head)}). {_AGAIN}"
    if _JSON.match(head):
        return f"JSON, such as a server's answer ({shown(head)}), not rows. {_AGAIN}"
    return None


def unusable(content: bytes) -> str | None:
    """Return what a file is that stands for another (a pointer, a server's page), else None."""
    head = content[:_HEAD]
    pointer = head.startswith(b"version https://git-lfs") or b"/annex/objects/" in head
    return foreign(content) if pointer or _MARKUP.match(head) else None


def other_separator(line: bytes) -> str | None:
    """Return what separates the fields of a first line that commas do not; None if they do."""
    for separator, name in _SEPARATORS.items():
        if line.count(separator) > max(2, line.count(b",")):
            return name
        if separator != b"|" and line.count(separator) > 2 and b"," not in line.split(separator)[0]:
            return name
    return None


def cause(value: str, column: str) -> str:
    """Return the likely reason why a column of numbers holds this text, and the fix."""
    if value.strip('" ').lower() == column.lower():
        return "The header is repeated: files were joined. Remove that row."
    if "," in value and _NUMBER.fullmatch(value.strip()):
        return "Write decimal points, not commas, and no commas between thousands."
    if _NAME.fullmatch(value.strip('" ')):
        return "Rows of something else were joined? Remove that row, or download the file again."
    return _AGAIN


def is_number(text: str, *, whole: bool) -> bool:
    """Return whether a text is a number; `whole`: an integer."""
    try:
        number = float(text)
    except ValueError:
        return False
    return not whole or number.is_integer()


def unit_of(time: int) -> str:
    """Return a time that is not in ms, with its likely unit, as the end of an error."""
    if time >= NANOSECONDS:
        return f"{time}, which looks like ns: in ms it is {time // 10**6}. Write ms."
    if time >= EARLIEST // 100:
        return f"{time}, which looks like seconds: in ms it is {time * 1000}. Write ms."
    return f"{time}, which is no time in ms since 1970. {_AGAIN}"


def shown(value: object) -> str:
    """Return a foreign value for an error: quoted, short and printable."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * _SHOWN])
    line = " ".join(line.split())
    return f"'{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}'"
