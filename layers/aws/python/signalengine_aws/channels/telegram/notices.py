"""Notices to the operators, as Telegram shows them: alarms, and what else the topic brings (pure).

CloudWatch publishes an alarm as JSON, a budget is plain text with a subject.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from signalengine.text.formatting import joined, plain

MARKS: Final = {"ALARM": "🔴", "OK": "🟢"}
_LONGEST: Final = 1_500


def notice_text(subject: str | None, message: str) -> str:
    """Return a notice as HTML; one that is no alarm is shown as it is."""
    alarm = _alarm(message)
    if alarm is None:
        head = plain(subject or "Notice", 200)
        return joined(f"🔔 <b>{head}</b>", plain(message, _LONGEST))
    state = str(alarm["NewStateValue"])
    name = plain(str(alarm["AlarmName"]), 200)
    return joined(
        f"{MARKS.get(state, '⚪')} <b>{name}</b>: {plain(state, 40)}",
        plain(str(alarm.get("AlarmDescription") or ""), _LONGEST) or None,
        plain(str(alarm.get("NewStateReason") or ""), _LONGEST) if state == "ALARM" else None,
    )


def _alarm(message: str) -> Mapping[str, Any] | None:
    try:
        raw = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or not {"AlarmName", "NewStateValue"} <= raw.keys():
        return None
    return raw
