"""Runs MiniStack until the other end of standard input is closed.

Runs inside MiniStack's own environment, and imports nothing of ours. The pipe closes however the
parent ends, so no emulator remains even after a killed parent.
"""

import os
import shutil
import signal
import sys
import threading


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGTERM)


if __name__ == "__main__":
    from ministack.app import main  # type: ignore[import-not-found]  # in its own environment

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    main()
