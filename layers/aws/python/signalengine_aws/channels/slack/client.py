"""Slack's incoming webhooks, and how their answers map to the errors of `delivery.errors`.

Source: docs.slack.dev, "Sending messages using incoming webhooks" and "Rate limits". An answer is a
word of plain text; there is no receipt, no reply, and no message without a sound.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ...delivery.destinations import Destination
from ..http.client import Response
from ..http.refusals import Meaning, refused, unreadable
from ..named import AGENT, JSON, Poster

ACCEPTED: Final = "ok"
"""The answer to every message, and so its receipt."""
WORDS: Final[Mapping[str, Meaning]] = {
    "action_prohibited": Meaning.PARK,
    "channel_is_archived": Meaning.PARK,
    "channel_not_found": Meaning.PARK,
    "invalid_blocks": Meaning.REJECT,
    "invalid_blocks_format": Meaning.REJECT,
    "invalid_payload": Meaning.REJECT,
    "invalid_token": Meaning.PARK,
    "missing_text_or_fallback_or_attachments": Meaning.REJECT,
    "no_active_hooks": Meaning.LEAVE,
    "no_service": Meaning.LEAVE,
    "no_service_id": Meaning.LEAVE,
    "no_team": Meaning.PARK,
    "no_text": Meaning.REJECT,
    "posting_to_general_channel_denied": Meaning.PARK,
    "team_disabled": Meaning.PARK,
    "too_many_attachments": Meaning.REJECT,
    "user_not_found": Meaning.PARK,
}
"""Words of refusals."""
_WORD: Final = re.compile(r"[a-z_]{1,60}")


class SlackClient:
    """Posts to webhooks. Does not retry: the caller decides what a failure means."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def send(self, to: Destination, message: Mapping[str, Any]) -> str:
        """Send a message; return `ACCEPTED`. Raises the errors of `delivery.errors`."""
        body = json.dumps(message, ensure_ascii=False).encode()
        response = self._poster.post(to.url, body, {"Content-Type": JSON, "User-Agent": AGENT})
        word = _word(response)
        if not 200 <= response.status < 300:
            raise refused(response, word or "no description", WORDS.get(word))
        if word != ACCEPTED:
            raise unreadable(response)
        return ACCEPTED


def _word(response: Response) -> str:
    """Return the word that an answer consists of; "" for any other text."""
    text = response.body.decode("utf-8", "replace").strip()
    return text if _WORD.fullmatch(text) else ""
