"""Plans with every character that a path or an option may have."""

from pathlib import Path

from hypothesis import strategies as st

from infra.local.service.plan import Plan

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
NAMES = WORDS.map(lambda word: "x" + word.replace("/", "") + "x")
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Path("/", *names))
PLAIN = Path("/", "50% off", "$HOME", "ä b", "%h", "${PATH}", "{x}", "x;y", "*", "~", "x#y")
ODD = PLAIN / 'it\'s "x"' / "a\\b"
"""Folders with everything that means something to systemd or to a shell; it starts no program in
the second."""
PLANS = st.builds(
    Plan,
    program=PATHS,
    data_dir=PATHS,
    source=st.sampled_from(["live", "sim", "/a b/c"]),
    symbols=st.sampled_from(["", "top:20", "BTCUSDT,ETHUSDT", "币安人生USDT"]),
    port=st.integers(1, 65535),
    policy=st.none() | PATHS,
    path=st.just("/usr/bin:/bin") | PATHS.map(str),
)
