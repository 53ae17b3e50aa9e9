"""`.bench`: the peers, in environments of their own."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from machine.files import write

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".bench"
UV: Final = ROOT / ".venv" / "bin" / "uv"
SHARED: Final = "shared"
ENVIRONMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    SHARED: {
        "talipp": "talipp>=2.7,<3",
        "TA-Lib": "TA-Lib>=0.8,<0.9",  # stream handles came with 0.8
        "nautilus_trader": "nautilus_trader>=1.221,<1.222",  # its names change with every minor
        "vectorbt": "vectorbt>=1.2,<2",
        "backtesting": "backtesting>=0.6.6,<0.7",
        "cryptofeed": "cryptofeed>=2.4,<3",
        "python-binance": "python-binance>=1.0.36,<2",
    },
    "freqtrade": {"freqtrade": "freqtrade[hyperopt]>=2026.9,<2027"},
    "jesse": {"jesse": "jesse>=3.5.3,<3.6"},
}
"""Packages that are measured beside the engine; the last two need versions of their own."""

Missing: TypeAlias = Mapping[str, str]
"""Peers that could not be installed here, and why."""


def home_of(peer: str) -> Path:
    """Return the folder of the environment that holds a peer."""
    return FOLDER / next(name for name, peers in ENVIRONMENTS.items() if peer in peers)


def python_of(peer: str) -> Path:
    """Return the interpreter that runs a peer."""
    return home_of(peer) / "bin" / "python"


def install(say: Callable[[str], None], wanted: Collection[str]) -> Missing:
    """Bring the environments of these peers up to date; returns what could not be installed."""
    missing: dict[str, str] = {}
    for name, peers in ENVIRONMENTS.items():
        if not peers.keys().isdisjoint(wanted):
            missing |= _installed(say, FOLDER / name, peers)
    return missing


def _installed(say: Callable[[str], None], home: Path, peers: Mapping[str, str]) -> Missing:
    wanted = hashlib.sha256(json.dumps([sys.version, dict(peers)]).encode()).hexdigest()
    stamp = home / "bench.json"
    if stamp.exists():
        done = json.loads(stamp.read_text(encoding="utf-8"))
        if done["wanted"] == wanted:
            return {str(name): str(why) for name, why in done["missing"].items()}
    say(f"Making .bench/{home.name} with {', '.join(peers)}")
    _uv("venv", "--clear", "--quiet", "--python", sys.executable, str(home))
    missing = {}
    for name, requirement in peers.items():
        python = str(home / "bin" / "python")
        why = _uv("pip", "install", "--quiet", "--python", python, requirement)
        if why is not None:
            missing[name] = why
    write(stamp, json.dumps({"wanted": wanted, "missing": missing}))
    return missing


def versions(wanted: Collection[str]) -> dict[str, str]:
    """Return the versions of these peers, and of what the shared ones compute with."""
    found: dict[str, str] = {}
    for name, peers in ENVIRONMENTS.items():
        chosen = [peer for peer in peers if peer in wanted]
        if chosen:
            more = ["numpy", "numba", "pandas"] if name == SHARED else []
            found |= _versions(FOLDER / name / "bin" / "python", [*chosen, *more])
    return found


def _versions(python: Path, names: Collection[str]) -> dict[str, str]:
    code = (
        "import json, sys; from importlib.metadata import version, PackageNotFoundError\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = version(name)\n"
        "    except PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(  # noqa: S603 - our venv
        [str(python), "-c", code, *names],
        capture_output=True, encoding="utf-8", errors="replace", check=True,
    )  # fmt: skip
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
