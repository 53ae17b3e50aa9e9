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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.assets import ROOT, digest
from infra.build import markers, proxies, steps
from infra.names import REGION
from machine.files import write

from ...errors import CommandError
from ..storage.folder import Data, refusal_in
from ..storage.opening import stored_bytes
from .guard import HEALTH
from .private import UMASK, private_file, private_folder
from .process_groups import kill_group, signal_group

HOME = ROOT / ".ministack"
_LOCK = Path(__file__).with_name("requirements.txt")
START_TIMEOUT_S = 30.0
CHECKED_BYTES_PER_S = 5e6
"""How slowly stored data may be read and checked at the start, beyond START_TIMEOUT_S: two cores
check 300 MB a second."""
SLOW_S = 5.0
IN_USE = "ddress already in use"
STOP_TIMEOUT_S = 1.0
"""Short: what it has acknowledged is on the disk, and the rest nobody relies on."""
_CHILD = Path(__file__).with_name("ministack_child.py")


class EmulatorError(CommandError):
    """MiniStack could not be installed or does not answer; the text has the end of its log."""


def install(report: Callable[[str], None] = print) -> Path:
    """Create the virtual environment if it is missing; return its interpreter."""
    python = HOME / "bin" / "python"
    stamp = HOME / "installed.txt"
    expected = f"python{sys.version_info[0]}.{sys.version_info[1]} {digest([_LOCK])}"
    if python.exists() and _installed(stamp, expected):
        return python  # also where nothing can be written
    with steps.alone(private_folder(ROOT / ".local") / "ministack.lock", report) as lock:
        if not (python.exists() and _installed(stamp, expected)):
            stamp.unlink(missing_ok=True)
            problem = proxies.problem(os.environ)
            if problem:
                report(problem)
            report("Installing the embedded AWS")
            _install(python, lock)
            write(stamp, "\n".join([expected, *markers.installed(HOME)]))
    return python


def _installed(stamp: Path, expected: str) -> bool:
    """Return whether the stamp is of this version, and the packages it lists are there."""
    version, *packages = stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else [""]
    found = set(markers.installed(HOME))
    return version == expected and bool(packages) and set(packages) <= found


def _install(python: Path, lock: IO[str]) -> None:
    locked = ["--no-deps", "--require-hashes", "-r", str(_LOCK)]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        _run([str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME)], lock)
        _run([str(uv), "pip", "install", "--quiet", "--python", str(python), *locked], lock)
    else:
        _run([sys.executable, "-m", "venv", "--clear", str(HOME)], lock)
        _run([str(python), "-m", "pip", "install", "--quiet", *locked], lock)


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
    """One running MiniStack, on loopback only; without a data directory it keeps nothing.

    It enforces IAM: every function and the ingest task have the rights of their roles only.
    It and the workers that run the functions form one process group, which ends together, also when
    this process is killed.
    """

    def __init__(
        self,
        *,
        log: Path,
        port: int | None = None,
        proxies: Sequence[int] = (),
        data: Data | None = None,
    ) -> None:
        """`proxies`: the ports of proxies whose requests it accepts, as those to its own.

        `data` is where it keeps its state; None: in memory.
        """
        self.port = port or free_port()
        self._data = data
        self._proxies = proxies
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

    def start(self, report: Callable[[str], None] = print) -> None:
        """Start it and wait until it answers; raises EmulatorError."""
        python = install(report)
        report("Starting the embedded AWS")
        self._scratch = tempfile.TemporaryDirectory(
            prefix="signalengine-aws-", ignore_cleanup_errors=True
        )
        private_folder(self._log.parent)
        with private_file(self._log) as log:
            self._process = self._spawn(python, log)
        try:
            self._wait_until_it_answers(report)
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """Kill the whole process group, with no time to finish anything."""
        if self._process is not None:  # there is no group 0: that would be our own
            kill_group(self._process.pid)
        self.stop()

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
            **_proxy_variables(),
            "LANG": "C.UTF-8",
            "HOME": self._scratch.name,
            "TMPDIR": self._scratch.name,
            "GATEWAY_PORT": str(self.port),
            "PROXY_PORTS": " ".join(map(str, self._proxies)),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            **self.keys.environment(),
            "LOG_LEVEL": "INFO",
            # No other listeners, and no access to the machine's containers.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self._scratch.name}/no-docker.sock",
            **(self._data.environment() if self._data else {}),
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

    def check(self) -> None:
        """Raise EmulatorError if it has ended."""
        if self._process is not None and self._process.poll() is not None:
            tail = self._log_tail()
            refused = refusal_in(tail)
            if refused is not None:
                raise EmulatorError(*refused)
            fix = "Another program has taken its port: try again." if IN_USE in tail else ""
            raise EmulatorError(f"the embedded AWS has ended:\n{tail}", fix)

    def _wait_until_it_answers(self, report: Callable[[str], None]) -> None:
        began, slow, timeout_s = time.monotonic(), False, self._timeout_s()
        while time.monotonic() < began + timeout_s:
            self.check()
            if not slow and time.monotonic() > began + SLOW_S:
                slow = True
                last = self._log_tail().rpartition("\n")[2]
                report(f"Still waiting for the embedded AWS; the end of its log: {last[:300]}")
            try:
                with urllib.request.urlopen(f"{self.endpoint}{HEALTH}", timeout=2):  # noqa: S310 - http, loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise EmulatorError(f"MiniStack does not answer on port {self.port}:\n{self._log_tail()}")

    def _timeout_s(self) -> float:
        """Return how long the start may take: everything that is stored is read and checked."""
        stored = stored_bytes(self._data.folder) if self._data else 0
        return START_TIMEOUT_S + stored / CHECKED_BYTES_PER_S

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


def _proxy_variables() -> dict[str, str]:
    """Return the environment's proxy: the functions may send to the real Telegram."""
    return {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}


def _run(command: list[str], lock: IO[str]) -> None:
    done = steps.run(command, cwd=ROOT, lock=lock)
    if done.returncode != 0:
        raise EmulatorError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
