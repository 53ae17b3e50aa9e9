"""A receiver of webhooks: accepts what comes to `/hooks/{name}`, and shows how it was signed."""

import json
from collections.abc import Mapping
from typing import Any, Final

from .faults import Fault
from .service import Answer, Call, json_answer
from .shown import Line, Shown, line, plain

PREFIX: Final = "/hooks/"
_SIGNED: Final = "x-signalengine-"
ERRORS: Final = {
    "400": "bad request", "401": "unauthorized", "403": "forbidden", "404": "not found",
    "408": "request time-out", "410": "gone", "413": "too large", "422": "unprocessable",
    "425": "too early", "302": "found",
}  # fmt: skip


class Receiver:
    """Any name is a receiver; each answers 200."""

    name: Final = "webhook"
    prefixes: Final = (PREFIX,)
    errors: Final = tuple(ERRORS)

    @property
    def destination(self) -> Mapping[str, str]:
        return {"path": f"{PREFIX}demo"}

    def name_of(self, call: Call) -> str:
        return call.path.removeprefix(PREFIX)

    def answer(self, call: Call) -> Answer:
        return json_answer(200, {"accepted": True}, arrived=_shown(self.name_of(call), call))

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "429":
            seconds = {"Retry-After": f"{fault.retry_after:g}"} if fault.retry_after else {}
            return json_answer(429, {"error": "too many requests"}, seconds)
        if fault.kind == "error":
            where = {"Location": "/"} if fault.error == "302" else {}
            return json_answer(int(fault.error), {"error": ERRORS[fault.error]}, where)
        return json_answer(fault.status, {"error": "server error"})


def _shown(destination: str, call: Call) -> Shown:
    text = call.body.decode("utf-8", "replace")
    try:
        payload: Any = call.json()
    except ValueError:
        payload = text
    said = payload.get("text") if isinstance(payload, dict) else None
    if not isinstance(said, str):
        said = text if payload is text else json.dumps(payload, indent=2, ensure_ascii=False)
    signed: list[Line] = [
        line(f"{name}: {value}") for name, value in call.headers.items() if name.startswith(_SIGNED)
    ]
    return Shown(
        destination, line(f"POST {call.path}"), plain(said), footer=tuple(signed), payload=payload
    )
