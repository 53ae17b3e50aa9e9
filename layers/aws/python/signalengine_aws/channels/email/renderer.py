"""Notifications as mails: a subject, plain text and HTML."""

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from signalengine.text.digests import digest_text
from signalengine.text.languages import in_language
from signalengine.text.messages import (
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)

from ...delivery.notifications import Notification
from ..unsigned import unsigned_text
from .texts import ENGLISH, words

SIGNALS: Final = "signals"
"""The dashboard's list of signals."""
_TAG: Final = re.compile(r"</?(?:b|i|code)>")
_STYLE: Final = "font:15px/1.5 system-ui,sans-serif;max-width:40em"


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says, before it is known to whom."""

    event_id: str
    sent_at: int
    subject: str
    lines: str
    """HTML of a chat's message: `b`, `i`, `code` and line breaks."""
    language: str = ENGLISH
    page: str = ""
    """Address of what it is about; "" for none."""

    def text(self, unsubscribe: str) -> str:
        """Return the plain text; `unsubscribe` is an address, "" for none."""
        said = words(self.language)
        page = f"\n\n{said.page}: {self.page}" if self.page else ""
        foot = f"\n\n-- \n{said.why}"
        end = f"\n{said.unsubscribe}: {unsubscribe}" if unsubscribe else ""
        return f"{without_tags(self.lines)}{page}{foot}{end}\n"

    def html(self, unsubscribe: str) -> str:
        """Return the HTML: text and links alone, so nothing is loaded when it is read."""
        said = words(self.language)
        page = f"<p>{link(self.page, said.page)}</p>" if self.page else ""
        end = f" {link(unsubscribe, said.unsubscribe)}" if unsubscribe else ""
        body = self.lines.replace("\n", "<br>\n")
        return document(
            self.language,
            f'<div style="{_STYLE}"><p>{body}</p>{page}'
            f"<hr><p><small>{html.escape(said.why)}{end}</small></p></div>",
        )


def render(notification: Notification, dashboard: str = "", language: str = ENGLISH) -> MailText:
    """Return the mail of a notification; `dashboard` is its address, "" for none (pure)."""
    with in_language(language):
        lines = _lines(notification, dashboard)
    return MailText(
        event_id=notification.event_id,
        sent_at=notification.committed_at,
        subject=without_tags(lines.partition("\n")[0]).strip(),
        lines=lines,
        language=language,
        page=_page(notification, dashboard),
    )


def _lines(notification: Notification, dashboard: str) -> str:
    signal = notification.signal
    if notification.digest is not None:
        return digest_text(notification.digest, urljoin(dashboard, SIGNALS) if dashboard else "")
    if signal is None:
        return unsigned_text(notification)
    texts = {"opened": opened_text, "progress": progress_text, "closed": closed_text}
    text = texts[notification.kind](signal)
    return repeated_text(text) if notification.repeat else text


def _page(notification: Notification, dashboard: str) -> str:
    if notification.signal is None or not dashboard:
        return ""
    return urljoin(dashboard, f"{SIGNALS}/{notification.signal.signal_id}")


def without_tags(lines: str) -> str:
    """Return the plain text of a chat's message."""
    return html.unescape(_TAG.sub("", lines))


def link(address: str, text: str) -> str:
    return f'<a href="{html.escape(address)}">{html.escape(text)}</a>'


def document(language: str, body: str) -> str:
    """Return a whole HTML document."""
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="color-scheme" content="light dark"></head><body>{body}</body></html>\n'
    )
