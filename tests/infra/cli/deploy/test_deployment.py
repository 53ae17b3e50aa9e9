"""deploy and destroy: checks, confirmation, and the CDK commands they run."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from infra.cli.cloud import Resource, StackState
from infra.cli.deploy.deployment import DeployOptions, checked, deploy, destroy
from infra.errors import CommandError
from infra.names import REGION, STACK

DONE = StackState("UPDATE_COMPLETE", {"HttpUrl": "https://api", "SiteUrl": "http://site"})
BUCKET = Resource("Archive", "prod-archive", "AWS::S3::Bucket", retained=True)
TABLE = Resource("SignalsTable", "prod-signals", "AWS::DynamoDB::Table", retained=True)
QUEUE = Resource("Queue", "prod-queue", "AWS::SQS::Queue", retained=False)


@dataclass
class FakeCloud:
    """An account in memory."""

    region: str = REGION
    there: StackState | None = None
    ready: bool = True

    def account(self) -> str:
        return "123456789012"

    def bootstrapped(self) -> bool:
        return self.ready

    def stack(self, name: str) -> StackState | None:
        return self.there if name == STACK else None

    def resources(self, name: str) -> list[Resource]:
        return [QUEUE, TABLE, BUCKET]


@dataclass
class FakeMachine:
    """A machine that records its commands; command number `fails` fails."""

    docker_version: str | None = "27.1"
    fails: int | None = None
    ran: list[list[str]] = field(default_factory=list)
    published: list[Mapping[str, str]] = field(default_factory=list)

    def cdk(self) -> list[str]:
        return ["python", "-m", "infra.build.cdk"]

    def docker(self) -> str | None:
        return self.docker_version

    def run(self, command: Sequence[str]) -> int:
        self.ran.append(list(command))
        return 3 if len(self.ran) - 1 == self.fails else 0

    def publish(self, region: str, outputs: Mapping[str, str]) -> None:
        self.published.append(outputs)

    def set_up_bot(self, region: str, outputs: Mapping[str, str]) -> str:
        return f"@TheBot answers at {outputs['HttpUrl']}"


@dataclass
class Confirmation:
    """Answers the confirmation, and records the questions."""

    agrees: bool = True
    questions: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees


OPTIONS = DeployOptions(REGION, {"Symbols": "BTCUSDT,ETHUSDT"})
DEPLOY = [
    "python", "-m", "infra.build.cdk", "deploy", STACK, "-c", f"region={REGION}",
    "--parameters", "Symbols=BTCUSDT,ETHUSDT",
]  # fmt: skip


def tried(
    cloud: FakeCloud, machine: FakeMachine, confirm: Confirmation, *, dry: bool = False
) -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=200)
    return deploy(OPTIONS, cloud, machine, console, confirm, dry=dry), out.getvalue()


def test_it_prints_the_commands_confirms_and_runs_them() -> None:
    machine, confirm = FakeMachine(), Confirmation()
    code, result = tried(FakeCloud(), machine, confirm)
    assert (code, machine.ran) == (0, [DEPLOY])
    assert confirm.questions == [f"deploy {STACK} to 123456789012 in {REGION}?"]
    assert "python -m infra.build.cdk deploy SignalEngine -c region=ap-northeast-1" in result
    assert "does not exist yet" in result


def test_an_existing_stack_is_printed_with_its_addresses() -> None:
    machine = FakeMachine()
    code, result = tried(FakeCloud(there=DONE), machine, Confirmation())
    assert (code, "exists: UPDATE_COMPLETE" in result, "https://api" in result) == (0, True, True)
    assert "@TheBot answers at https://api" in result
    assert machine.published == [DONE.outputs]  # the dashboard gets the stack's addresses


def test_a_no_runs_nothing() -> None:
    machine = FakeMachine()
    code, _ = tried(FakeCloud(), machine, Confirmation(agrees=False))
    assert (code, machine.ran) == (1, [])


def test_a_dry_run_confirms_nothing_and_runs_nothing() -> None:
    machine, confirm = FakeMachine(), Confirmation()
    code, result = tried(FakeCloud(), machine, confirm, dry=True)
    assert (code, machine.ran, confirm.questions) == (0, [], [])
    assert "infra.build.cdk deploy" in result


def test_an_account_is_bootstrapped_first() -> None:
    machine = FakeMachine()
    assert tried(FakeCloud(ready=False), machine, Confirmation())[0] == 0
    words = ["bootstrap", f"aws://123456789012/{REGION}"]
    bootstrap = ["python", "-m", "infra.build.cdk", *words]
    assert machine.ran == [bootstrap, DEPLOY]


def test_a_failing_command_ends_it_with_its_exit_code() -> None:
    machine = FakeMachine(fails=0)
    assert tried(FakeCloud(ready=False), machine, Confirmation())[0] == 3
    assert len(machine.ran) == 1
    assert machine.published == []


def test_without_docker_nothing_is_confirmed() -> None:
    confirm = Confirmation()
    code, result = tried(FakeCloud(), FakeMachine(docker_version=None), confirm)
    assert (code, confirm.questions) == (1, [])
    assert "start Docker" in result


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_is_reported_with_the_fix(status: str) -> None:
    code, result = tried(FakeCloud(there=StackState(status)), FakeMachine(), Confirmation())
    assert code == 1
    assert "signalengine destroy" in result or "wait" in result


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "ca-central-1"])
def test_a_region_that_binance_refuses_is_refused_before_anything(region: str) -> None:
    with pytest.raises(CommandError, match="HTTP 451") as caught:
        checked(region)
    assert caught.value.code == 2


def test_destroy_prints_what_is_retained_before_it_confirms() -> None:
    machine, confirm, out = FakeMachine(), Confirmation(), io.StringIO()
    cloud = FakeCloud(there=DONE)
    code = destroy(REGION, cloud, machine, Console(file=out, width=200), confirm)
    result = out.getvalue()
    assert (code, len(confirm.questions)) == (0, 1)
    assert machine.ran[0][3:6] == ["destroy", STACK, "--force"]
    assert "prod-signals" in result
    assert "prod-queue" not in result
    assert f"aws dynamodb delete-table --region {REGION} --table-name prod-signals" in result
    assert f"aws s3 rb --region {REGION} --force s3://prod-archive" in result
    assert result.index("except:") < result.index("will run:")


def test_destroying_a_missing_stack_is_an_error() -> None:
    with pytest.raises(CommandError, match="there is no stack"):
        destroy(REGION, FakeCloud(), FakeMachine(), Console(file=io.StringIO()), Confirmation())
