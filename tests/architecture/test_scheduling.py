"""Tests of one played market run in one worker, and no others do."""

from tests.paths import ROOT
from tests.scheduling import FLOW, scope_of

FILES = sorted(one.relative_to(ROOT).as_posix() for one in (ROOT / FLOW).glob("test_*.py"))


def test_what_requests_the_played_market_is_one_group() -> None:
    requesting = [one for one in FILES if "(played: Played" in (ROOT / one).read_text()]
    assert len(requesting) >= 4
    assert {scope_of(one) for one in requesting} == {FLOW}


def test_a_file_without_it_is_a_group_of_its_own() -> None:
    for file in ("tests/flow/test_up.py", "tests/flow/test_restart.py", "tests/core/test_rules.py"):
        assert scope_of(file) == file
