"""Aims are ratios of medians of measured rows, and every contender exists."""

from importlib import import_module

from research.benchmarks.environment import ENVIRONMENTS, python_of
from research.benchmarks.measuring import Row
from research.benchmarks.tables import AIMS, LIMITS, TABLES, Aim, Limit


def test_an_aim_is_a_ratio_of_two_medians() -> None:
    aim = Aim("ahead", "us", "them", 0.5)
    us = Row("us", wall_us=(1.0, 2.0, 9.0), cpu_us=(1.0, 1.0, 3.0))
    them = Row("them", wall_us=(8.0,), cpu_us=(2.0,))
    assert aim.ratios({"us": us, "them": them}) == (0.25, 0.5)
    assert aim.ratios({"us": us}) is None
    assert aim.ratios({"us": us, "them": Row("them", "failed: x")}) is None


def test_a_limit_is_the_time_of_all_units_of_a_run() -> None:
    limit = Limit("in time", "us", 60.0)
    assert limit.seconds({"us": Row("us", units=1_000, wall_us=(1e3, 3e3, 9e4))}) == 3.0
    assert limit.seconds({}) is None
    assert limit.seconds({"us": Row("us", "failed: x")}) is None


def test_every_peer_has_one_environment() -> None:
    peers = {one.peer for table in TABLES.values() for one in table.contenders if one.peer}
    homes = [name for name, held in ENVIRONMENTS.items() for peer in held if peer in peers]
    assert len(homes) == len(peers)
    assert len({python_of(peer) for peer in peers}) == len(ENVIRONMENTS)


def test_every_aim_names_rows_that_are_measured() -> None:
    names = {one.name for table in TABLES.values() for one in table.contenders}
    assert {name for aim in AIMS for name in (aim.faster, aim.than)} <= names
    assert {limit.row for limit in LIMITS} <= names


def test_every_contender_is_a_class_of_a_module_of_ours() -> None:
    """Peers are imported when a contender is made, so their packages are not needed here."""
    places = [one.spec.split(":") for table in TABLES.values() for one in table.contenders]
    assert all(hasattr(import_module(module), name) for module, name in places)
    assert {module for module, _ in places} >= {
        "research.benchmarks.peers.backtest",
        "research.benchmarks.peers.fold",
        "research.benchmarks.peers.frames",
        "research.benchmarks.peers.sweep_freqtrade",
        "research.benchmarks.peers.sweep_jesse",
        "research.benchmarks.peers.sweep_vectorbt",
    }
