"""`.bench`: the peers, in an environment of their own."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from machine.files import write

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".bench"
PYTHON: Final = FOLDER / "bin" / "python"
UV: Final = ROOT / ".venv" / "bin" / "uv"
PEERS: Final[Mapping[str, str]] = {
    "talipp": "talipp>=2.7,<3",
    "TA-Lib": "TA-Lib>=0.8,<0.9",  # stream handles came with 0.8
    "nautilus_trader": "nautilus_trader>=1.221,<1.222",  # its Python names change with every minor
    "vectorbt": "vectorbt>=1.2,<2",
    "backtesting": "backtesting>=0.6.6,<0.7",
    "cryptofeed": "cryptofeed>=2.4,<3",
    "python-binance": "python-binance>=1.0.36,<2",
}
"""Packages that are measured beside the engine."""

Missing: TypeAlias = Mapping[str, str]
"""Peers that could not be installed here, and why."""


def install(say: Callable[[str], None], peers: Mapping[str, str] = PEERS) -> Missing:
    """Bring `.bench` up to date; returns the peers that could not be installed."""
    wanted = hashlib.sha256(json.dumps([sys.version, dict(peers)]).encode()).hexdigest()
    stamp = FOLDER / "bench.json"
    if stamp.exists():
        done = json.loads(stamp.read_text(encoding="utf-8"))
        if done["wanted"] == wanted:
            return {str(name): str(why) for name, why in done["missing"].items()}
    say(f"Making .bench with {', '.join(peers)}")
    _uv("venv", "--clear", "--quiet", "--python", sys.executable, str(FOLDER))
    missing = {}
    for name, requirement in peers.items():
        why = _uv("pip", "install", "--quiet", "--python", str(PYTHON), requirement)
        if why is not None:
            missing[name] = why
    write(stamp, json.dumps({"wanted": wanted, "missing": missing}))
    return missing


def versions(peers: Mapping[str, str] = PEERS) -> dict[str, str]:
    """Return the installed peers' versions."""
    code = (
        "import json, sys; from importlib.metadata import version, PackageNotFoundError\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = version(name)\n"
        "    except PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    command = [str(PYTHON), "-c", code, *peers, "numpy", "numba", "pandas"]
    done = subprocess.run(  # noqa: S603 - our venv
        command, capture_output=True, encoding="utf-8", errors="replace", check=True
    )
    return {str(name): str(version) for name, version in json.loads(done.stdout).items()}


def _uv(*words: str) -> str | None:
    """Run uv; returns None on success, else its last line of output."""
    command = [str(UV), *words] if UV.exists() else ["uv", *words]
    done = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode == 0:
        return None
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1].strip() if lines else f"uv ended with {done.returncode}"
