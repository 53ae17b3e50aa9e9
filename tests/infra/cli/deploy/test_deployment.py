"""deploy and destroy: checks, confirmation, and the CDK commands they run."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from rich.console import Console

from infra.cli.cloud import BOOTSTRAP_VERSION, Resource, StackState
from infra.cli.deploy.checks import Check
from infra.cli.deploy.deployment import (
    _DELETE,
    DeployOptions,
    checked,
    deploy,
    destroy,
    known_stage,
)
from infra.errors import CommandError
from infra.local.stack.assembly import Assembly
from infra.names import REGION, STACK
from infra.settings import ONLY

DATA = ONLY.data
DONE = StackState("UPDATE_COMPLETE", {"HttpUrl": "https://api", "SiteUrl": "http://site"})
BUCKET = Resource("Archive", "prod-archive", "AWS::S3::Bucket", retained=True)
SECRET = Resource("Api", "arn:prod-api", "AWS::SecretsManager::Secret", retained=True)
TABLE = Resource("SignalsTable", "prod-signals", "AWS::DynamoDB::Table", retained=True)
QUEUE = Resource("Queue", "prod-queue", "AWS::SQS::Queue", retained=False)


@dataclass
class FakeCloud:
    """An account in memory."""

    region: str = REGION
    there: StackState | None = None
    version: int | None = BOOTSTRAP_VERSION
    """None: these credentials may not look."""
    ecs_role: bool = True
    in_use: dict[str, str] = field(default_factory=dict)
    encrypted_texts: dict[str, str] = field(default_factory=dict)

    def parameter(self, stack: str, name: str) -> str | None:
        return None

    def secret(self, arn: str) -> str:
        return '{"api_token": "managed"}'

    def encrypted(self, name: str) -> str | None:
        return self.encrypted_texts.get(name)

    def encrypt(self, name: str, text: str) -> None:
        self.encrypted_texts[name] = text

    def account(self) -> str:
        return "123456789012"

    def bootstrap_version(self) -> int:
        if self.version is None:
            raise CommandError("AWS refused the check of the CDK bootstrap")
        return self.version

    def has_ecs_role(self) -> bool:
        return self.ecs_role

    def create_ecs_role(self) -> None:
        self.ecs_role = True

    def stack(self, name: str) -> StackState | None:
        return self.there if name in (STACK, DATA) else None

    def resources(self, name: str) -> list[Resource]:
        return [TABLE, BUCKET, SECRET] if name == DATA else [QUEUE]

    def tables_in_use(self) -> dict[str, str]:
        return self.in_use


@dataclass
class FakeMachine:
    """A machine that records its commands; command number `fails` fails."""

    fails: int | None = None
    ran: list[list[str]] = field(default_factory=list)

    def cdk(self) -> list[str]:
        return ["python", "-m", "infra.build.cdk"]

    def run(self, command: Sequence[str]) -> int:
        self.ran.append(list(command))
        return 3 if len(self.ran) - 1 == self.fails else 0

    def set_up_bot(self, region: str, stack: str, outputs: Mapping[str, str]) -> str:
        return f"@TheBot of {stack} answers at {outputs['HttpUrl']}"


@dataclass
class Confirmation:
    """Answers the confirmation, and records the questions."""

    agrees: bool = True
    questions: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees


OPTIONS = DeployOptions(REGION, {"Symbols": "BTCUSDT,ETHUSDT", "PublicApi": "true"})
DEPLOY = [
    "python", "-m", "infra.build.cdk", "deploy", DATA, STACK, "-c", f"region={REGION}",
    "--parameters", f"{STACK}:Symbols=BTCUSDT,ETHUSDT", "--parameters", f"{DATA}:PublicApi=true",
    "--parameters", f"{DATA}:SecretsIn=parameters",
]  # fmt: skip


FINE = (Check("region", REGION), Check("Lambda", "10 executions", "ask for more", required=False))


def tried(
    cloud: FakeCloud,
    machine: FakeMachine,
    confirm: Confirmation,
    *,
    checks: Sequence[Check] = FINE,
    dry: bool = False,
) -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=200)
    return deploy(OPTIONS, cloud, machine, checks, console, confirm, dry=dry), out.getvalue()


def test_it_prints_the_commands_confirms_and_runs_them() -> None:
    machine, confirm = FakeMachine(), Confirmation()
    code, result = tried(FakeCloud(), machine, confirm)
    assert (code, machine.ran) == (0, [DEPLOY])
    assert confirm.questions == [f"deploy {STACK} to 123456789012 in {REGION}?"]
    assert (
        "python -m infra.build.cdk deploy SignalEngineData SignalEngine -c region=ap-northeast-1"
        in result
    )
    assert "ask for more" in result  # advice is printed, and stops nothing


def test_a_deployed_stack_is_printed_with_its_addresses() -> None:
    code, result = tried(FakeCloud(there=DONE), FakeMachine(), Confirmation())
    assert (code, "https://api" in result, "http://site" in result) == (0, True, True)
    assert "@TheBot of SignalEngine answers at https://api" in result


def test_a_no_runs_nothing() -> None:
    machine = FakeMachine()
    code, _ = tried(FakeCloud(), machine, Confirmation(agrees=False))
    assert (code, machine.ran) == (1, [])


def test_a_dry_run_confirms_nothing_and_changes_nothing() -> None:
    """It compares templates: a change set would be created in the account."""
    machine, confirm, cloud = FakeMachine(), Confirmation(), FakeCloud(version=0, ecs_role=False)
    code, result = tried(cloud, machine, confirm, dry=True)
    assert (code, confirm.questions, cloud.ecs_role) == (0, [], False)
    assert machine.ran == [[*DEPLOY[:3], "diff", DATA, STACK, "--method=template", *DEPLOY[6:8]]]
    assert "infra.build.cdk bootstrap" in result
    assert "infra.build.cdk deploy" in result
    assert "create the role AWSServiceRoleForECS" in result


@pytest.mark.parametrize("version", [0, BOOTSTRAP_VERSION - 1])
def test_an_account_is_bootstrapped_first_and_an_old_bootstrap_renewed(version: int) -> None:
    machine = FakeMachine()
    assert tried(FakeCloud(version=version), machine, Confirmation())[0] == 0
    words = ["bootstrap", f"aws://123456789012/{REGION}"]
    bootstrap = ["python", "-m", "infra.build.cdk", *words]
    assert machine.ran == [bootstrap, DEPLOY]


def test_who_may_not_look_at_the_bootstrap_deploys_without_it() -> None:
    machine = FakeMachine()
    assert tried(FakeCloud(version=None), machine, Confirmation())[0] == 0
    assert machine.ran == [DEPLOY]


def test_the_version_is_the_one_that_the_stack_needs(assembly: Assembly) -> None:
    manifest = json.loads((assembly.folder / "manifest.json").read_text())
    for stack in ONLY.stacks:
        needed = manifest["artifacts"][stack]["properties"]["requiresBootstrapStackVersion"]
        assert needed == BOOTSTRAP_VERSION


def test_the_role_of_ecs_is_created_before_the_stack() -> None:
    cloud = FakeCloud(ecs_role=False)
    assert tried(cloud, FakeMachine(), Confirmation())[0] == 0
    assert cloud.ecs_role


def test_a_failing_command_ends_it_with_its_exit_code() -> None:
    machine = FakeMachine(fails=0)
    assert tried(FakeCloud(version=0), machine, Confirmation())[0] == 3
    assert len(machine.ran) == 1


def test_a_failed_check_is_printed_with_its_fix_and_nothing_is_confirmed() -> None:
    confirm, machine = Confirmation(), FakeMachine()
    checks = (*FINE, Check("Docker", "is not running", "start Docker"))
    code, result = tried(FakeCloud(), machine, confirm, checks=checks)
    assert (code, confirm.questions, machine.ran) == (1, [], [])
    assert "start Docker" in result


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "ca-central-1"])
def test_a_region_that_binance_refuses_is_refused_before_anything(region: str) -> None:
    with pytest.raises(CommandError, match="HTTP 451") as caught:
        checked(region)
    assert caught.value.code == 2


def test_destroy_prints_what_is_retained_before_it_confirms() -> None:
    machine, confirm, out = FakeMachine(), Confirmation(), io.StringIO()
    cloud = FakeCloud(there=DONE)
    code = destroy(REGION, ONLY, cloud, machine, Console(file=out, width=200), confirm)
    result = out.getvalue()
    assert (code, len(confirm.questions)) == (0, 1)
    assert machine.ran[0][3:6] == ["destroy", STACK, "--force"]
    assert "prod-signals" in result
    assert "prod-queue" not in result
    last = result.splitlines()[-5:]
    assert "--no-enable-termination-protection" in last[0]
    assert last[1:] == [
        f"  aws cloudformation delete-stack --region {REGION} --stack-name {DATA}",
        f"  aws dynamodb delete-table --table-name prod-signals --region {REGION}",
        f"  aws s3 rb --force s3://prod-archive --region {REGION}",
        f"  aws secretsmanager delete-secret --secret-id arn:prod-api --region {REGION}",
    ]
    assert result.index("except:") < result.index("will run:")


def test_a_table_that_another_stage_uses_is_not_among_what_may_be_deleted() -> None:
    out = io.StringIO()
    cloud = FakeCloud(there=DONE, in_use={"prod-signals": "SignalEngine-live"})
    console = Console(file=out, width=200)
    assert destroy(REGION, ONLY, cloud, FakeMachine(), console, Confirmation()) == 0
    assert "delete-table" not in out.getvalue()
    assert "prod-signals is used by SignalEngine-live and has to stay" in out.getvalue()


def test_destroying_a_missing_stack_is_an_error() -> None:
    with pytest.raises(CommandError, match="there is no stack"):
        destroy(
            REGION, ONLY, FakeCloud(), FakeMachine(), Console(file=io.StringIO()), Confirmation()
        )


def test_a_stage_has_stacks_of_its_own() -> None:
    options = DeployOptions(REGION, {}, known_stage("prod"))
    machine, confirm, out = FakeMachine(), Confirmation(), io.StringIO()
    assert deploy(options, FakeCloud(), machine, FINE, Console(file=out), confirm) == 0
    (command,) = machine.ran
    assert command[3:6] == ["deploy", "SignalEngineData-prod", "SignalEngine-prod"]
    assert command[6:10] == ["-c", f"region={REGION}", "-c", "stage=prod"]
    assert command[10:] == ["--parameters", "SignalEngineData-prod:SecretsIn=parameters"]
    assert confirm.questions == [f"deploy SignalEngine-prod to 123456789012 in {REGION}?"]


def test_a_stage_that_no_stack_can_have_is_refused_before_anything() -> None:
    with pytest.raises(CommandError, match="no stage") as caught:
        known_stage("Prod!")
    assert caught.value.code == 2


def test_a_protected_stack_is_not_destroyed_and_the_fix_is_named() -> None:
    cloud = FakeCloud(there=replace(DONE, protected=True))
    machine, out = FakeMachine(), Console(file=io.StringIO())
    with pytest.raises(CommandError, match="is protected") as caught:
        destroy(REGION, ONLY, cloud, machine, out, Confirmation())
    assert f"--no-enable-termination-protection --region {REGION}" in caught.value.fix
    assert machine.ran == []


def test_every_type_that_is_retained_has_a_command_that_deletes_it(assembly: Assembly) -> None:
    resources = assembly.data["Resources"].values()
    types = {one["Type"] for one in resources if "DeletionPolicy" in one}
    assert types | {"AWS::SSM::Parameter"} == set(_DELETE)  # of parameters those with secrets
