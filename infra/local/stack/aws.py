"""The embedded AWS: starts it, deploys the synthesised stacks into it, and stops it.

    with EmbeddedAws() as aws:
        outputs = aws.deploy({"TelegramPace": "unlimited"})

The templates and the assets are the ones that go to AWS; only parameters differ.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from infra.assets import ROOT
from infra.names import REGION
from infra.settings import ONLY

from ..storage.folder import Data
from .assembly import Assembly, DeploymentError, synthesise
from .ministack import Keys, MiniStack
from .startup.given import GivenEmulator

ACCOUNT = "000000000000"
SESSION_S = 10 * 365 * 86_400
"""Of the ingest task's session, which it cannot renew here as it does on AWS, where it ends after
hours: MiniStack sets no limit."""
LOGS = ROOT / ".local" / "logs"
ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
"""The bucket of the CDK's bootstrap."""
_BOOTSTRAP = {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "30", "Type": "String"}
Report = Callable[[str], None]


class EmbeddedAws:
    """A MiniStack on a free port of 127.0.0.1."""

    def __init__(
        self,
        *,
        log_dir: Path = LOGS,
        port: int | None = None,
        proxies: Sequence[int] = (),
        report: Report = print,
        data: Data | None = None,
        given: GivenEmulator | None = None,
    ) -> None:
        """`proxies`: the ports of proxies whose requests it accepts, as those to its own.

        `data` is where it keeps its state; None: in memory. `given` is an emulator that runs
        already, in place of its own.
        """
        log = log_dir / "aws.log"
        self._given = given
        self._ministack = given or MiniStack(log=log, port=port, proxies=proxies, data=data)
        self._report = report
        self.outputs: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._ministack.port

    @property
    def keys(self) -> Keys:
        """The keys with all rights."""
        return self._ministack.keys

    @property
    def endpoint(self) -> str:
        """Base URL for SDKs."""
        return self._ministack.endpoint

    @property
    def process_group(self) -> int:
        """Process group of MiniStack and its workers."""
        return self._ministack.process_group

    @property
    def execute_api_base(self) -> str:
        """Base URL of deployed APIs; `localhost` because a browser opens it."""
        return f"http://localhost:{self.port}/_aws/execute-api"

    def start(self) -> None:
        """Install MiniStack if necessary, start it, wait until it answers; raises EmulatorError."""
        self._ministack.start(self._report)

    def check(self) -> None:
        """Raise EmulatorError when it has ended by itself."""
        self._ministack.check()

    def stop(self) -> None:
        """Stop it and everything it started; may be called twice."""
        self._ministack.stop()

    def kill(self) -> None:
        """Kill it and everything it started, with no time to finish anything."""
        self._ministack.kill()

    def deploy(
        self,
        parameters: Mapping[str, str] | None = None,
        assembly: Assembly | None = None,
    ) -> dict[str, str]:
        """Synthesise (cached), upload, create or update both stacks; returns the code's outputs.

        Raises SynthesisError or DeploymentError. No ingest container is started: the template
        has none when `ExecuteApiBase` is set.
        """
        assembly = assembly or synthesise(report=self._report)
        self._report("Deploying the stacks")
        self._upload(assembly)
        here = {"ExecuteApiBase": self.execute_api_base, "PublicApi": "true"}
        values = {**here, **(parameters or {})}
        for stack in ONLY.stacks:  # the second finds what the first publishes
            known = assembly.template_of(stack)["Parameters"]
            given = {name: value for name, value in values.items() if name in known}
            url = f"{self.endpoint}/{ASSETS}/{assembly.template_key(stack)}"
            self.outputs = self.deploy_template(stack, url, given)
        return self.outputs

    def deploy_template(
        self, stack: str, url: str, parameters: Mapping[str, str]
    ) -> dict[str, str]:
        """Create or update one stack from a template's URL; returns its outputs.

        A stack that is up to date stays as it is. Raises DeploymentError.
        """
        cloudformation = self.client("cloudformation")
        there = any(
            one["StackName"] == stack and one["StackStatus"] != "DELETE_COMPLETE"
            for one in cloudformation.list_stacks()["StackSummaries"]
        )
        change = cloudformation.update_stack if there else cloudformation.create_stack
        try:
            change(
                StackName=stack,
                TemplateURL=url,
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in parameters.items()
                ],
                Capabilities=["CAPABILITY_IAM"],
            )
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise DeploymentError(f"{stack} was refused: {error}") from error
        else:
            self._wait(cloudformation, stack, "update" if there else "create")
        (state,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in state["Outputs"]}

    def set_telegram(
        self, *, token: str, chat_id: str, webhook_secret: str, admin_ids: Sequence[int]
    ) -> None:
        """Set the secret that Telegram's two functions read."""
        secret = {
            "token": token,
            "chat_id": chat_id,
            "webhook_secret": webhook_secret,
            "admin_ids": list(admin_ids),
        }
        self.client("secretsmanager").put_secret_value(
            SecretId=self.outputs["TelegramSecretArn"], SecretString=json.dumps(secret)
        )

    def set_api_token(self, token: str) -> None:
        """Set the token that the API's callers and clients have to show; the rest stays."""
        secrets, arn = self.client("secretsmanager"), self.outputs["ApiSecretArn"]
        known = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
        text = json.dumps({**known, "api_token": token})
        secrets.put_secret_value(SecretId=arn, SecretString=text)

    def session(self) -> boto3.Session:
        """Return an administrator's session; its clients need `endpoint_url=aws.endpoint`."""
        if self._given is not None:
            return self._given.session()
        return boto3.Session(
            self.keys.access_key_id, self.keys.secret_access_key, region_name=REGION
        )

    def client(self, service: str) -> Any:
        """Return an administrator's boto3 client (typed by the caller)."""
        config = Config(retries={"mode": "standard", "max_attempts": 3}, max_pool_connections=20)
        return self.session().client(  # type: ignore[call-overload]  # the name is not a literal here
            service, endpoint_url=self.endpoint, config=config
        )

    def env(self, *, as_ingest_task: bool = False) -> dict[str, str]:
        """Return the environment for a child process that uses this AWS.

        As the ingest task it has that role's rights only.
        """
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {
            **inherited,
            **(self._task_environment() if as_ingest_task else self.keys.environment()),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def task_session(self) -> dict[str, Any]:
        """Return the credentials of a new session with the ingest task's role."""
        answer = self.client("sts").assume_role(
            RoleArn=self.outputs["IngestRoleArn"],
            RoleSessionName="ingest_task",
            DurationSeconds=SESSION_S,
        )
        return dict(answer["Credentials"])

    def _task_environment(self) -> dict[str, str]:
        session = self.task_session()
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }

    def bootstrap(self) -> Any:
        """Make what `cdk bootstrap` makes of which the stacks make use; returns the S3 client."""
        self.client("ssm").put_parameter(**_BOOTSTRAP, Overwrite=True)
        s3 = self.client("s3")
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            place = {"LocationConstraint": REGION}
            s3.create_bucket(Bucket=ASSETS, CreateBucketConfiguration=place)
        return s3

    def _upload(self, assembly: Assembly) -> None:
        """Upload the assets, as `cdk-assets publish` does."""
        s3 = self.bootstrap()
        for key, path in assembly.files().items():
            s3.put_object(Bucket=ASSETS, Key=key, Body=path.read_bytes())

    def _wait(self, cloudformation: Any, stack: str, change: str) -> None:
        waiter = cloudformation.get_waiter(f"stack_{change}_complete")
        try:
            waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
        except WaiterError as error:
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in reversed(events)
                if event["ResourceStatus"].endswith("FAILED")
            ]
            raise DeploymentError(f"{stack} was refused:\n" + "\n".join(reasons)) from error
