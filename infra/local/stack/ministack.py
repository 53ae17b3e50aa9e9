"""The process of the embedded AWS: MiniStack in a virtual environment of its own.

It has its own environment because it pins botocore, and because the functions it runs see its
site-packages: with only boto3 in there, a package missing from the vendor layer is detected.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.assets import ROOT, digest
from infra.names import REGION
from machine.files import locked, write

from ...errors import CommandError
from .guard import HEALTH
from .private import UMASK, private_file, private_folder
from .process_groups import kill_group, signal_group

HOME = ROOT / ".ministack"
_LOCK = Path(__file__).with_name("requirements.txt")
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 1.0
"""Short, because all its data is in memory only."""
_CHILD = Path(__file__).with_name("ministack_child.py")


class EmulatorError(CommandError):
    """MiniStack could not be installed or does not answer; the text has the end of its log."""


def install() -> Path:
    """Create the virtual environment if it is missing; return its interpreter."""
    python = HOME / "bin" / "python"
    stamp = HOME / "installed.txt"
    expected = f"python{sys.version_info[0]}.{sys.version_info[1]} {digest([_LOCK])}"

    def is_installed() -> bool:
        whole = python.exists() and stamp.exists()
        return whole and stamp.read_text(encoding="utf-8") == expected

    if is_installed():  # also where nothing can be written
        return python
    with _alone():
        if not is_installed():
            _install(python)
            write(stamp, expected)
    return python


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock, so that two runs do not install into the same place."""
    with locked(private_folder(ROOT / ".local") / "ministack.lock"):
        yield


def _install(python: Path) -> None:
    locked = ["--no-deps", "--require-hashes", "-r", str(_LOCK)]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        _run([str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME)])
        _run([str(uv), "pip", "install", "--quiet", "--python", str(python), *locked])
    else:
        _run([sys.executable, "-m", "venv", "--clear", str(HOME)])
        _run([str(python), "-m", "pip", "install", "--quiet", *locked])


def free_port() -> int:
    """Return a TCP port on loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys with all rights in one embedded AWS, new in each run."""

    access_key_id: str = field(default_factory=lambda: f"OWNER{secrets.token_hex(16).upper()}")
    secret_access_key: str = field(default_factory=lambda: secrets.token_urlsafe(30))

    def environment(self) -> dict[str, str]:
        """Return the environment variables that SDKs read."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }


class MiniStack:
    """One running MiniStack: in memory and on loopback only; stop() removes all of it.

    It enforces IAM: every function and the ingest task have the rights of their roles only.
    It and the workers that run the functions form one process group, which ends together, also when
    this process is killed.
    """

    def __init__(self, *, log: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.keys = Keys()
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def endpoint(self) -> str:
        """Base URL of every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process_group(self) -> int:
        """Process group of MiniStack and its workers; 0 when it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until it answers; raises EmulatorError."""
        python = install()
        self._scratch = tempfile.TemporaryDirectory(
            prefix="signalengine-aws-", ignore_cleanup_errors=True
        )
        private_folder(self._log.parent)
        with private_file(self._log) as log:
            self._process = self._spawn(python, log)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the whole process group and remove its scratch folder."""
        if self._process is not None:
            self._end(self._process)
            self._process = None
        if self._scratch is not None:
            # Every worker unpacks its layers there: tens of thousands of files; rm is fastest.
            subprocess.run(["rm", "-rf", self._scratch.name], check=False)  # noqa: S603, S607 - our own folder
            self._scratch.cleanup()
            self._scratch = None

    def _spawn(self, python: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
        assert self._scratch is not None  # noqa: S101 - start() made it
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "HOME": self._scratch.name,
            "TMPDIR": self._scratch.name,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            **self.keys.environment(),
            "LOG_LEVEL": "INFO",
            # No other listeners, and no access to the machine's containers.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self._scratch.name}/no-docker.sock",
        }
        return subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [str(python), "-I", str(_CHILD)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=UMASK,
        )

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None  # noqa: S101 - start() made it
        give_up = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                raise EmulatorError(f"MiniStack ended at once:\n{self._log_tail()}")
            try:
                with urllib.request.urlopen(f"{self.endpoint}{HEALTH}", timeout=2):  # noqa: S310 - http, loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise EmulatorError(f"MiniStack does not answer on port {self.port}:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
        process.stdin.close()
        for sign, timeout_s in ((signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, 5.0)):
            signal_group(process.pid, sign)
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                continue
            break
        kill_group(process.pid)  # workers that outlived it


def _run(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 - fixed words
        command, check=False, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode != 0:
        raise EmulatorError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
