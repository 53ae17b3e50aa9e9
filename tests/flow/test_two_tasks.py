"""Two ingest tasks side by side, IAM enforced: downstream it is as if there were one."""

import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import pytest_socket
from signalengine.facts import BarsFact, HistoryFact, decode
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, evaluation_from_json

from infra.local.system import LocalSystem, RunOptions
from ingest_task.config import read_settings
from ingest_task.task import Task
from tests.ingest_task.samples import MemoryStream

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]
SYMBOLS = ("BTCUSDT", "ETHUSDT")
START = 1_767_571_200_000  # 2026-01-05T00:00Z
MINUTES = 45
MINUTE_MS = 60_000
PATIENCE_S = 60.0
RUN = RunOptions(
    source="sim", symbols=",".join(SYMBOLS), start="2026-01-05T00:00", end="2026-01-05T00:45",
    seed=7, auth=True, unpaced=True,
)  # fmt: skip
