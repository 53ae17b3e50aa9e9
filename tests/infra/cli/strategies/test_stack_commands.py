"""`strategy shadow | promote | retire | resume | history | status`, as a person runs them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from signalengine.strategy.lifecycle import changed
from signalengine.strategy.promotion import Promotion
from signalengine_aws.stores.registry import DynamoRegistry

from infra.cli.deliveries import stack as stacks
from infra.cli.deliveries.stack import StackAccess
from infra.cli.strategies import stack_commands
from research.evidence.protocol import Evidence
from research.evidence.result import write_result
from research.simulations.verdicts import STRATEGY
from tests.aws.world import World, new_world
from tests.infra.cli.conftest import Cli
from tests.infra.cli.stand_in import Stack
from tests.research.evidence.samples import examination, registered, short_market

TRIAL = "a month on paper"
CHANGED = {"name", "before", "status", "digest", "changes", "notes"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def registry(world: World, monkeypatch: pytest.MonkeyPatch) -> DynamoRegistry:
    """The registry that the commands find."""
    world.reset()
    found = StackAccess({"StrategiesTable": "strategies_table"}, {"region_name": "eu-west-1"})
    monkeypatch.setattr(stacks, "access", lambda *_: found)
    monkeypatch.setattr("infra.cli.strategies.lifecycle.operator", lambda _: "ann")
    return DynamoRegistry("strategies_table")


def status(registry: DynamoRegistry, name: str) -> str | None:
    found = registry.get(name)
    return None if found is None else found.status


def test_a_set_goes_its_whole_way_and_every_step_has_its_author(
    registry: DynamoRegistry, cli: Cli
) -> None:
    begun = cli("strategy", "shadow", "donchian@fast", "--set", "days=10", width=200)
    assert begun.code == 0, begun.err
    assert "donchian@fast: not registered → shadow" in begun.out
    assert "the functions read it within a minute" in begun.out
    assert "it needs 120 × 1d; until it has them, its closes are decided as not_warm" in begun.out
    assert "older ones come when the ingest task starts again" in begun.out
    found = registry.get("donchian@fast")
    assert found is not None
    assert json.loads(found.text)["parameters"]["days"] == 10

    live = cli("strategy", "promote", "donchian@fast", "--override", TRIAL, "--yes", "--json")
    document = json.loads(live.out)
    assert f"promoted without evidence: {TRIAL}" in document["notes"]
    assert set(document) == CHANGED
    assert (document["before"], document["status"]) == ("shadow", "live")
    again = json.loads(cli("strategy", "shadow", "donchian@fast", "--json").out)
    assert "open signals are still published; the next ones are not" in again["notes"]
    assert cli("strategy", "off", "donchian@fast", "--yes").code == 0
    assert status(registry, "donchian@fast") == "off"

    answer = json.loads(cli("strategy", "history", "donchian@fast", "--json").out)
    rows = [(one["before"], one["status"], one["who"]) for one in answer["changes"]]
    assert rows == [
        ("shadow", "off", "ann"), ("live", "shadow", "ann"), ("shadow", "live", "ann"),
        (None, "shadow", "ann"),
    ]  # fmt: skip
    assert answer["changes"][2]["evidence"]["override"] == TRIAL
    assert [one["evidence"] is None for one in answer["changes"]] == [True, True, False, True]
    shown = cli("strategy", "history", "donchian@fast", width=300).out
    assert "days=10" in shown
    assert f"promoted without evidence: {TRIAL}" in shown


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Evidence]:
    """The result of a final look at `pulse`."""
    folder = tmp_path_factory.mktemp("looked")
    registered(folder)
    found = examination(folder, short_market(), look=True)
    write_result(folder / "result.json", found)
    return folder / "result.json", found


@pytest.fixture
def pulse_here(registry: DynamoRegistry, cli: Cli, folder: Path) -> None:
    """The strategy of the result, in shadow."""
    folder.mkdir(exist_ok=True)
    (folder / "pulse.py").write_text(STRATEGY)
    assert cli("strategy", "shadow", "pulse").code == 0


@pytest.mark.usefixtures("pulse_here")
def test_a_verdict_of_exactly_this_set_is_recorded_with_its_chain(
    registry: DynamoRegistry, cli: Cli, looked: tuple[Path, Evidence]
) -> None:
    file, found = looked
    assert found.found.verdict == "no edge shown"
    refused = cli("strategy", "promote", "pulse", "--evidence", str(file), "--yes")
    assert "no edge shown: a reason is needed" in refused.err
    assert "--evidence FILE --override" in refused.err
    assert status(registry, "pulse") == "shadow"
    done = cli(
        "strategy", "promote", "pulse", "--evidence", str(file), "--override", TRIAL, "--yes"
    )
    assert done.code == 0, done.err
    assert f"evidence: {found.statement}" in done.err
    one = registry.get("pulse")
    assert one is not None
    assert one.promotion == Promotion(
        TRIAL, "no edge shown", one.digest, found.registration.digest, found.look.digest,
        *found.registration.spans.final,
    )  # fmt: skip
    words = f"no edge shown (final span 2025-01-15 to 2025-01-21), promoted nevertheless: {TRIAL}"
    (change, _) = json.loads(cli("strategy", "history", "pulse", "--json").out)["changes"]
    assert change["evidence"]["text"] == words


@pytest.mark.usefixtures("pulse_here")
def test_evidence_of_other_parameters_and_edited_evidence_are_refused(
    registry: DynamoRegistry, cli: Cli, looked: tuple[Path, Evidence], tmp_path: Path
) -> None:
    file, found = looked
    cli("strategy", "shadow", "donchian")
    other = cli("strategy", "promote", "donchian", "--evidence", str(file), "--override", "x")
    assert f"the evidence is of parameter set {found.one.digest}, this one is" in other.err
    assert "its parameters: signalengine strategy history donchian" in other.err
    edited = tmp_path / "edited.json"
    edited.write_text(file.read_text().replace("no edge shown", "shown"))
    for path, why in ((edited, "was changed after it was written"),
                      (tmp_path / "none.json", "No such file")):  # fmt: skip
        refused = cli("strategy", "promote", "pulse", "--evidence", str(path), "--yes")
        assert why in refused.err
    assert (status(registry, "pulse"), status(registry, "donchian")) == ("shadow", "shadow")


@pytest.mark.usefixtures("pulse_here")
def test_without_the_file_of_looks_its_copy_is_checked_and_that_is_said(
    cli: Cli, tmp_path: Path
) -> None:
    registered(tmp_path)
    found = examination(tmp_path, short_market(), look=True)
    write_result(tmp_path / "result.json", found)
    words = ("strategy", "promote", "pulse", "--evidence", str(tmp_path / "result.json"))
    found.looks_file.unlink()
    done = cli(*words, "--override", TRIAL, "--yes")
    assert done.code == 0, done.err
    assert "is not on this machine: its chain was checked by the copy" in done.err


def test_the_evidence_of_classic_is_that_of_the_deployed_policy(
    registry: DynamoRegistry, cli: Cli, looked: tuple[Path, Evidence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file, found = looked
    cli("strategy", "shadow", "classic")
    words = ("strategy", "promote", "classic", "--evidence", str(file), "--override", TRIAL)
    monkeypatch.setattr(stack_commands, "deployed_digest", lambda *_: "5dd6a6097a63")
    assert "this one is 5dd6a6097a63" in cli(*words, "--yes").err
    monkeypatch.setattr(stack_commands, "deployed_digest", lambda *_: found.one.digest)
    assert cli(*words, "--yes").code == 0
    assert status(registry, "classic") == "live"


def test_what_publishes_or_ends_is_confirmed(
    registry: DynamoRegistry, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("strategy", "shadow", "donchian")
    asked: list[str] = []

    def refuse(question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr(stack_commands.typer, "confirm", refuse)
    assert cli("strategy", "promote", "donchian", "--override", TRIAL).code == 1
    assert cli("strategy", "retire", "donchian").code == 1
    assert asked == [
        f"publish the signals of donchian from now on (promoted without evidence: {TRIAL})?",
        "open no more signals of donchian?",
    ]
    assert status(registry, "donchian") == "shadow"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("shadow", "Donchian"), "no name of a strategy"),
        (("shadow", "nothing"), "there is no strategy 'nothing'"),
        (("shadow", "donchian", "--set", "days=4"), "days"),
        (("shadow", "donchian", "--set", "days"), "write a parameter and a number"),
        (("shadow", "classic", "--set", "days=4"), "--set is for `shadow` of another strategy"),
        (("promote", "donchian", "--override", "x", "--yes"), "the set is not registered"),
        (("promote", "donchian", "--yes"), "no evidence was given: a reason is needed"),
        (("promote", "donchian", "--override", " ", "--yes"), "say why it goes live"),
        (("history", "donchian"), "donchian was never registered"),
    ],
)
def test_what_cannot_be_is_said(
    registry: DynamoRegistry, cli: Cli, words: tuple[str, ...], message: str
) -> None:
    refused = cli("strategy", *words)
    assert refused.code != 0
    assert message in refused.err
    assert [*registry.read()] == ["classic"]


def test_one_set_has_one_name(registry: DynamoRegistry, cli: Cli) -> None:
    """Signals of two sets with one digest would have the same ids."""
    assert cli("strategy", "shadow", "donchian@fast").code == 0
    again = cli("strategy", "shadow", "donchian@default")
    assert "donchian@fast has the same code, parameters and rules" in again.err
    running = cli("strategy", "shadow", "donchian@fast", "--set", "days=30")
    assert running.code != 0
    assert [*registry.read()] == ["classic", "donchian@fast"]


def test_changed_code_is_taken_when_a_parked_set_resumes(
    registry: DynamoRegistry, cli: Cli, folder: Path
) -> None:
    cli("strategy", "new", "my_idea")
    assert cli("strategy", "shadow", "my_idea").code == 0
    cli("strategy", "promote", "my_idea", "--override", TRIAL, "--yes")
    file = folder / "my_idea.py"
    file.write_text(file.read_text().replace('"fast", 10', '"fast", 11'), encoding="utf-8")
    registry.change("my_idea", "x", lambda one: changed(one, "park", 5, reason="line 7"))
    resumed = json.loads(cli("strategy", "resume", "my_idea", "--json").out)
    assert (resumed["before"], resumed["status"]) == ("parked", "shadow")
    assert "code or parameters are others now: its results begin anew" in resumed["notes"]


def test_classic_can_be_in_shadow(registry: DynamoRegistry, cli: Cli) -> None:
    assert json.loads(cli("strategy", "history", "classic", "--json").out)["changes"] == []
    assert "was never changed" in cli("strategy", "history", "classic").out
    assert cli("strategy", "shadow", "classic").code == 0
    assert status(registry, "classic") == "shadow"


@pytest.mark.enable_socket
def test_the_sets_of_a_stack_stand_side_by_side(cli: Cli, stack: Stack) -> None:
    shown = cli("strategy", "status", "--url", stack.url, width=160)
    assert shown.code == 1  # one is parked
    lines = shown.out.splitlines()
    assert [line.split()[:2] for line in lines[2:5]] == [
        ["classic", "live"], ["donchian@fast", "shadow"], ["my_idea", "parked"],
    ]  # fmt: skip
    assert "✗ my_idea: my_idea.py, line 7: ZeroDivisionError" in shown.out
    assert "· classic: no edge shown (the default policy, docs/evidence.md)" in shown.out
    assert "below 30 closed signals, results say next to nothing" in shown.out
    one = cli("strategy", "status", "classic", "--url", stack.url, "--json")
    assert one.code == 0
    assert json.loads(one.out)["count"] == 1
    lost = cli("strategy", "status", "keltner", "--url", stack.url)
    assert "keltner is not registered on this stack" in lost.err


@pytest.mark.enable_socket
def test_the_deployed_policy_is_that_of_the_stacks_api(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from infra.cli.reading import target

    found = target.Target("SignalEngine", stack.url)
    monkeypatch.setattr(target, "resolve", lambda _: found)
    assert stack_commands.deployed_digest(None, "eu-west-1", tmp_path) == "0f3c58a1d2b4"


@pytest.mark.enable_socket
def test_the_list_has_the_sets_of_a_stack(
    cli: Cli, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.cli.reading import target

    found = target.Target("SignalEngine", stack.url)
    monkeypatch.setattr(target, "resolve", lambda _: found)
    shown = cli("strategy", "list", "--stack", "SignalEngine", width=160)
    assert shown.code == 0, shown.err
    assert "on SignalEngine" in shown.out
    assert "donchian@fast  shadow" in shown.out
