"""CloudFormation's custom resources: every request is answered, or the deployment waits for hours.

A request is an event with a `ResponseURL`, to which the answer is put within the resource's
`ServiceTimeout`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import Request, urlopen

from ..runtime.retries import TRIES, attempts

TIMEOUT_S: Final = 10.0
MAX_REASON: Final = 1000
"""Characters, of a byte or two in JSON each: the whole answer may have 4,096 bytes."""
_OTHER: Final = re.compile(r"[^ -~]")
"""JSON has up to twelve bytes for one of these."""


@contextmanager
def answered(request: Mapping[str, Any]) -> Iterator[None]:
    """Answer a request at the end of the block; an error in it becomes a failure with its reason.

    Raises OSError when the answer cannot be put. The error itself is not raised again: Lambda would
    repeat a request that is answered.
    """
    try:
        yield
    except Exception as error:
        reason = _OTHER.sub("?", f"{type(error).__name__}: {error}")
        _put(request, "FAILED", reason[:MAX_REASON])
    else:
        _put(request, "SUCCESS")


def _put(request: Mapping[str, Any], status: str, reason: str = "") -> None:
    answer = {
        "Status": status,
        "Reason": reason,
        # The same in every answer: another id would make CloudFormation delete the one before.
        "PhysicalResourceId": request.get("PhysicalResourceId") or request["LogicalResourceId"],
        **{key: request[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    # The address is signed for a request without a content type.
    put = Request(  # noqa: S310 - CloudFormation's own address
        request["ResponseURL"],
        data=json.dumps(answer).encode(),
        headers={"Content-Type": ""},
        method="PUT",
    )
    for number in attempts():
        try:
            with urlopen(put, timeout=TIMEOUT_S):  # noqa: S310 - the same
                return
        except OSError:
            if number == TRIES - 1:
                raise
