"""The stand-ins of channels of a running system: the faults ordered of them, and what arrived."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.local.operator_requests import operator_session
from infra.local.stack.running import find
from infra.local.stack.system import LocalSystem

Fault = Mapping[str, Any]
GUILD: Final = "1100000000000000001"
LIMITED: Final[Fault] = {"kind": "429", "retry_after": 1}
BROKEN: Final[Fault] = {"kind": "500", "status": 503}
CUT_BEFORE: Final[Fault] = {"kind": "reset_before"}
CUT_AFTER: Final[Fault] = {"kind": "reset_after_delivery"}
SILENT_BEFORE: Final[Fault] = {"kind": "timeout_before"}
SILENT_AFTER: Final[Fault] = {"kind": "timeout_after_delivery"}
CLOSING: Final[Fault] = {"kind": "error", "error": "closing"}
FAULTS: Final[Mapping[str, Sequence[Fault]]] = {
    "webhook": (LIMITED, BROKEN, CUT_AFTER, SILENT_AFTER),
    "discord": (LIMITED, BROKEN, CUT_AFTER),
    "slack": (LIMITED, CUT_BEFORE, CUT_AFTER),
    "ntfy": (LIMITED, BROKEN, SILENT_BEFORE),
    "push": (LIMITED, BROKEN, CUT_AFTER),
    "email": (CLOSING, CUT_BEFORE, CUT_AFTER),
}
"""What becomes of the first messages of each channel, in this order."""
AFTER_DELIVERY: Final = frozenset({CUT_AFTER["kind"], SILENT_AFTER["kind"]})


def prepare(system: LocalSystem) -> None:
    """Order every fault, and name the Discord server's id, by which closings link to openings.

    The market has to begin afterwards.
    """
    store, arn = system.aws.client("secretsmanager"), system.outputs["ChannelsSecretArn"]
    secret = json.loads(store.get_secret_value(SecretId=arn)["SecretString"])
    secret["destinations"]["discord:local"]["guild"] = GUILD
    store.put_secret_value(SecretId=arn, SecretString=json.dumps(secret))
    for channel, faults in FAULTS.items():
        for fault in faults:
            request(system, "POST", "/_local/faults", {"channel": channel, **fault})


def request(system: LocalSystem, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Return the JSON of a request to the operator's endpoints of the stand-ins."""
    running = find(system.options.state_dir)
    assert running is not None
    with operator_session(running.access.channels_token or "") as session:
        url = f"{system.addresses.channels}{path}"
        answer = session.request(method, url, json=body, timeout=20)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
