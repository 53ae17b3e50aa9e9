"""`python -m ingest_task`: exit code 0 after SIGTERM, 1 after a failure, 78 when misconfigured."""

import json
import os
import secrets
import signal
import sys
import threading
from types import FrameType
from typing import Final

from botocore.exceptions import BotoCoreError
from signalengine.errors import SignalEngineError
from signalengine_aws.messaging.kinesis import KinesisStream, client
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.runtime.proxies import proxy_of
from signalengine_aws.stores import lease

from . import logs
from .config import Settings, read_settings
from .lease import NoLease, RenewedLease
from .startup import Startup
from .task import Task

MISCONFIGURED: Final = 78  # EX_CONFIG: restarting will not help


def main() -> int:
    """Read the environment, run, return the exit code."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    logs.configure("INFO")
    log = logs.Log("main")
    try:
        settings = read_settings(os.environ)
        logs.configure(settings.log_level)
        stream = KinesisStream(client(settings.aws_region), settings.feed_stream)
        for base in (settings.rest_base, settings.ws_base):
            proxy_of(base)  # an unsupported one is refused now
        startup = Startup(_status, clocks=settings.market == "live")
        task = Task(settings, stream, stop, _lease(settings, stop), startup)
        return 0 if task.run(_ready) else 1
    except (ConfigError, BotoCoreError) as error:
        _status(json.dumps({"failed": str(error)}))
        log.failure("misconfigured", reason=str(error))
        return MISCONFIGURED
    except (SignalEngineError, OSError) as error:
        _status(json.dumps({"failed": str(error)}))
        log.failure("failed", reason=str(error), trace=True)
        return 1


def _lease(settings: Settings, stop: threading.Event) -> NoLease | RenewedLease:
    if not settings.lease_table:
        return NoLease()
    me = f"{settings.task_name}-{secrets.token_hex(4)}"  # two tasks of one service share a name
    table = lease.DynamoLease(lease.client(settings.aws_region), settings.lease_table, me)
    return RenewedLease(table, stop)


def _ready(line: str) -> None:
    sys.stdout.write(f"READY {line}\n")
    sys.stdout.flush()


def _status(line: str) -> None:
    sys.stdout.write(f"STATUS {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
