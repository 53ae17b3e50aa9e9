"""The ingest tasks of a scenario: start, end as the fault, and final stop."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import boto3

from infra.errors import CommandError
from infra.local.faults.scenarios import Ending
from infra.local.stack.ministack import MiniStack
from infra.local.stack.processes import Child

READY_S: Final = 120.0
LEAVES_WITHIN_S: Final = 30.0
"""Seconds that Fargate allows a task between SIGTERM and SIGKILL."""
REGION: Final = "ap-northeast-1"
LEASES: Final = "leases"
_KEYS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def environment(
    market: str, exchange: str, stream: str, follow: str, folder: Path
) -> dict[str, str]:
    """Return a task's environment, without AWS settings of this machine."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return plain | _KEYS | {
        "AWS_ENDPOINT_URL": stream, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
        "FEED_STREAM": "feed", "SYMBOLS": follow, "MARKET": market,
        "SPOOL_DIR": str(folder / "spool"), "TASK_NAME": "bench",
        "BINANCE_REST_BASE": exchange, "BINANCE_WS_BASE": exchange.replace("http://", "ws://"),
    }  # fmt: skip


@contextmanager
def leases(folder: Path) -> Iterator[Mapping[str, str]]:
    """A table of leases in an embedded AWS; yields the environment variables for it."""
    aws = MiniStack(log=folder / "aws.log")
    aws.start()
    try:
        client = boto3.client(
            "dynamodb", region_name=REGION, endpoint_url=aws.endpoint,
            aws_access_key_id=aws.keys.access_key_id,
            aws_secret_access_key=aws.keys.secret_access_key,
        )  # fmt: skip
        client.create_table(
            TableName=LEASES, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "symbol", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "symbol", "KeyType": "HASH"}],
        )  # fmt: skip
        yield {
            "LEASE_TABLE": LEASES, "AWS_ENDPOINT_URL_DYNAMODB": aws.endpoint,
            **aws.keys.environment(),
        }  # fmt: skip
    finally:
        aws.stop()


class Tasks:
    """The running tasks and their successors; the first one started holds the lease."""

    def __init__(
        self, env: Mapping[str, str], folder: Path, ending: Ending | None = None, count: int = 1
    ) -> None:
        self._env, self._folder, self._ending = env, folder, ending
        self._alone = count == 1
        self._lead_over: float | None = None
        self._leaving: tuple[Child, float] | None = None
        self.logs: list[Path] = []
        self._running = [self._started()]
        for _ in range(count - 1):
            self._running[-1].ready(READY_S)
            self._running.append(self._started())

    @property
    def exit_code(self) -> int | None:
        """The first task's exit code; None while it runs."""
        return self._running[0].exit_code

    def ready(self) -> None:
        """Wait until the last task is subscribed."""
        self._running[-1].ready(READY_S)

    def poll(self, *, lead_over: bool) -> bool:
        """Take the steps that are due; return whether a task was ended now.

        Raises CommandError when a task has ended by itself, or does not end when it should.
        """
        for child in self._running:
            if child.exit_code is not None:
                raise CommandError(f"the task ended with {child.exit_code}: {child.log}")
        self._follow_up()
        if self._ending is None or not lead_over:
            return False
        now = time.monotonic()
        self._lead_over = now if self._lead_over is None else self._lead_over
        if now < self._lead_over + self._ending.after_s:
            return False
        self._end(self._ending)
        return True

    def stop(self) -> None:
        """Terminate all tasks, and wait."""
        for child in [*self._running, *([] if self._leaving is None else [self._leaving[0]])]:
            child.stop()

    def _end(self, ending: Ending) -> None:
        self._ending = None
        child = self._running.pop(0)
        if ending.how == "terminated":
            child.terminate()
        else:
            child.kill()
        self._leaving = child, time.monotonic() + LEAVES_WITHIN_S

    def _follow_up(self) -> None:
        """Start a successor when the ended task has exited, unless another task runs."""
        if self._leaving is None:
            return
        child, give_up = self._leaving
        if child.exit_code is not None:
            self._leaving = None
            child.stop()
            if self._alone:
                self._running.append(self._started())
        elif time.monotonic() > give_up:
            raise CommandError(f"the task did not end in {LEAVES_WITHIN_S:.0f} s: {child.log}")

    def _started(self) -> Child:
        name = f"ingest-{len(self.logs) + 1}"
        env = {**self._env, "SPOOL_DIR": f"{self._env['SPOOL_DIR']}{self._beside()}"}
        child = Child(name, ["ingest_task"], env=env, log_dir=self._folder)
        self.logs.append(child.log)
        return child

    def _beside(self) -> str:
        """Return a suffix for the spool folder: tasks side by side do not share one."""
        return "" if self._alone else f"-{len(self.logs) + 1}"
