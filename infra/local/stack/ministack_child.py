"""Runs MiniStack behind its guard until the other end of standard input is closed.

Runs inside MiniStack's own environment, and imports nothing of ours that needs a package. The pipe
closes however the parent ends, so no emulator remains even after a killed parent.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
DENIED = "IAM denied"
"""How a line of the log begins for each call that the caller's role does not allow."""
ALLOWED = "IAM allowed"
"""How a line begins for what a role allows: once for each role, action and resource."""


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    # Tens of thousands of files, beside busy threads: a thread here would take a minute for them.
    subprocess.run(["rm", "-rf", os.environ["TMPDIR"]], check=False)  # noqa: S603, S607 - our own folder
    os.killpg(0, signal.SIGTERM)


def _guard(emulator: Any) -> None:
    """Put the guard in front of the emulator's application."""
    sys.path.insert(0, str(ROOT))  # the functions run in processes of their own, without it
    from infra.local.stack.guard import Emulator, Guard

    sys.path.remove(str(ROOT))
    from ministack.core.router import extract_access_key_id  # type: ignore[import-not-found]
    from ministack.services import sts  # type: ignore[import-not-found]

    # This version has no other way to read them: it is pinned, and tests/flow uses both.
    sessions = sts._sessions  # noqa: SLF001

    emulator.app = Guard(
        Emulator(emulator.app, extract_access_key_id, sessions.__contains__),
        [int(os.environ["GATEWAY_PORT"]), *map(int, os.environ["PROXY_PORTS"].split())],
        os.environ["AWS_ACCESS_KEY_ID"],
    )


def _make_sessions_secret() -> None:
    """Give the functions' sessions keys that cannot be computed.

    MiniStack makes them of a function's ARN and its role's; the role's path is taken into account,
    and has no other use.
    """
    from ministack.core import lambda_runtime  # type: ignore[import-not-found]

    of_arns, path = lambda_runtime.execution_credentials, secrets.token_hex(16)

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        role = config.get("Role", "").rsplit("/", 1)[-1]
        return dict(of_arns({**config, "Role": f"role/{path}/{role}"}))

    lambda_runtime.execution_credentials = execution_credentials


def _share_layers() -> None:
    """Let all workers use one copy of each layer: a second of work and 2,000 files less each."""
    sys.path.insert(0, str(ROOT))
    from infra.local.stack.shared_layers import SharedLayers

    sys.path.remove(str(ROOT))
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = SharedLayers(Path(os.environ["TMPDIR"]))


def _log_denials() -> None:
    """Write every call that IAM denies to the log."""
    from ministack.core import iam_actions

    answer = iam_actions.access_denied_response

    def access_denied_response(
        service: str, action: str, principal: str, *more: Any, **named: Any
    ) -> Any:
        sys.stderr.write(f"{DENIED} {action or service} to {principal or 'nobody'}\n")
        sys.stderr.flush()
        return answer(service, action, principal, *more, **named)

    iam_actions.access_denied_response = access_denied_response


def _log_permissions() -> None:
    """Write each right of a role that is used to the log, once."""
    from ministack.core import iam_evaluator

    decide, known = iam_evaluator.evaluate, set()

    def evaluate(call: Any, *policies: Any) -> Any:
        decided = decide(call, *policies)
        resource = call.resource_arn.partition("/@connections/")[0]  # one for all clients
        right = (call.action, resource, call.principal_arn)
        if decided.decision == "Allow" and right not in known:
            known.add(right)
            sys.stderr.write(f"{ALLOWED} {call.action} on {resource} to {call.principal_arn}\n")
            sys.stderr.flush()
        return decided

    iam_evaluator.evaluate = evaluate


def _keep() -> None:
    """Keep the state in the data directory, if there is one; end with the reason if it fails."""
    folder = os.environ.get("DATA_DIR")
    if not folder:
        return
    sys.path.insert(0, str(ROOT))
    from infra.local.storage.emulator import keep, refuse
    from infra.local.storage.errors import StorageError

    sys.path.remove(str(ROOT))
    try:
        keep(Path(folder), os.environ["DATA_MARKET"])
    except StorageError as error:
        refuse(error)
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    _make_sessions_secret()
    _log_denials()
    _log_permissions()
    _share_layers()
    from ministack import app  # type: ignore[import-not-found]

    _keep()
    _guard(app)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    app.main()
