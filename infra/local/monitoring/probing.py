"""The probe's schedule on one machine, where AWS has one of its own."""

import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

EVERY_S: Final = 300.0
FIRST_S: Final = 30.0
"""After the start, when the functions that a heartbeat needs have started."""
_FUNCTION: Final = "probeservice"
"""In the name that CloudFormation gives the function."""


class Probing:
    """Starts probe_service every five minutes, so that `/health` covers the WebSocket."""

    def __init__(self, lambdas: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """`lambdas` is a client of AWS Lambda."""
        self._lambdas, self._clock = lambdas, clock
        self._due = clock() + FIRST_S
        self._name = ""

    def look(self) -> None:
        """Start a probe if one is due; a failure of that is one of the next health."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + EVERY_S
        try:
            self._name = self._name or self._find()
            self._lambdas.invoke(FunctionName=self._name, InvocationType="Event", Payload=b"{}")
        except (ClientError, BotoCoreError):
            self._due = self._clock() + FIRST_S

    def _find(self) -> str:
        pages = self._lambdas.get_paginator("list_functions").paginate()
        names = [str(one["FunctionName"]) for page in pages for one in page["Functions"]]
        return next(name for name in names if _FUNCTION in name.lower())
