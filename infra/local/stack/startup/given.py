"""An emulator of AWS that runs already: LocalStack, or one that speaks as it does.

    signalengine up --endpoint http://localhost:4566

It takes the place of the embedded AWS. Nothing of it is started, restarted or stopped here, and
what is deployed into it stays there.
"""

import os
import socket
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from localstack_client.session import Session

from infra.errors import CommandError
from infra.local.stack.ministack import EmulatorError, Keys
from infra.names import REGION
from ingest_task.loopback import is_loopback

ACCOUNT: Final = "000000000000"
"""Of LocalStack, unless its key is an account's number."""
LOCALSTACK_KEY: Final = "test"
"""What LocalStack takes for its owner's key and secret."""
_ADDRESS: Final = "AWS_ENDPOINT_URL"
_CONNECT_S: Final = 5.0


class GivenEmulator:
    """An emulator at an address of this machine, with the interface of `MiniStack`.

    Its keys are those of the environment, else LocalStack's own.
    """

    process_group: Final = 0

    def __init__(self, endpoint: str) -> None:
        """Raises CommandError for an address that the functions and servers cannot use."""
        self.endpoint = endpoint.rstrip("/")
        parts = urlsplit(self.endpoint)
        if parts.scheme != "http" or not parts.hostname or parts.path or parts.query:
            raise CommandError(f"--endpoint {endpoint}: expected an address like {_EXAMPLE}")
        if not is_loopback(parts.hostname):
            fix = "Forward its port to this machine, with ssh -L for example."
            why = "the emulator and the servers that it calls have to be on one machine"
            raise CommandError(f"--endpoint {endpoint}: {why}", fix)
        other = os.environ.get(_ADDRESS, "").rstrip("/")
        if other not in ("", self.endpoint):
            fix = f"Unset {_ADDRESS}, or give its address."
            raise CommandError(f"{_ADDRESS} is {other}, and --endpoint is {endpoint}", fix)
        self._host, self.port = parts.hostname, parts.port or 80
        self.keys = Keys(
            os.environ.get("AWS_ACCESS_KEY_ID") or LOCALSTACK_KEY,
            os.environ.get("AWS_SECRET_ACCESS_KEY") or LOCALSTACK_KEY,
        )

    def session(self) -> boto3.Session:
        """Return a session whose clients and resources use this emulator."""
        made = Session(
            self.keys.access_key_id,
            self.keys.secret_access_key,
            region_name=REGION,
            localstack_host=f"{self._host}:{self.port}",
        )
        return cast("boto3.Session", made)  # for its two methods, which is all that is used

    def start(self, report: Callable[[str], None] = print) -> None:
        """Ask it who we are; raises EmulatorError when it does not answer, or with another."""
        report(f"Connecting to the AWS at {self.endpoint}")
        self.check()
        try:
            account = self.session().client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            fix = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys that it knows."
            raise EmulatorError(f"{self.endpoint} refuses these keys: {error}", fix) from error
        if account != ACCOUNT:
            fix = f"Use the keys of account {ACCOUNT}, or no AWS_ACCESS_KEY_ID at all."
            raise EmulatorError(f"{self.endpoint} knows these keys as account {account}", fix)

    def check(self) -> None:
        """Raise EmulatorError when nothing listens at its address."""
        try:
            with socket.create_connection((self._host, self.port), timeout=_CONNECT_S):
                return
        except OSError as error:
            fix = "Start the emulator first, or leave --endpoint out for the embedded one."
            raise EmulatorError(f"nothing answers at {self.endpoint}: {error}", fix) from error

    def stop(self) -> None:
        """Leave it running."""

    def kill(self) -> None:
        """Leave it running, as `stop` does."""
        self.stop()


_EXAMPLE: Final = "http://localhost:4566"
