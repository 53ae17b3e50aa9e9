"""The local exchange of this project in a process of its own: where a peer reads the markets."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..child import OUR_PYTHON

_ROOT: Final = Path(__file__).parents[3]


@contextmanager
def running(symbols: Sequence[str]) -> Iterator[str]:
    """Yield the address of an exchange that lists the symbols."""
    command = [
        os.environ[OUR_PYTHON], "-m", "infra.local.exchange", "--port", "0",
        "--symbols", ",".join(symbols),
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=_ROOT, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None  # noqa: S101 - a pipe was requested
    try:
        ready = json.loads(process.stdout.readline().removeprefix("READY "))
        yield f"http://127.0.0.1:{ready['port']}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
