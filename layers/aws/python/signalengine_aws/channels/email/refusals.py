"""What mail servers and SES refuse, and what each refusal leads to.

Their texts often repeat the address, so none of it is passed on: a reason has the code and words of
our own. SMTP's enhanced code (RFC 3463) decides where there is one, since one reply code has many
meanings.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from ...delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

Stage: TypeAlias = Literal["login", "sender", "recipient", "content"]
LATER_S: Final = 120
"""A server that says "not now" mostly wants to see the same mail again some minutes later."""
QUOTA_S: Final = 3_600
"""SES's daily quota moves on with the hours."""
_ENHANCED: Final = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")
_MAILBOX: Final = ("5.1.", "5.2.1", "5.2.2", "5.4.1", "5.4.4")
"""Enhanced codes of a mailbox that is not there, disabled or full, or of a domain without mail."""
_TOO_LARGE: Final = ("5.2.3", "5.3.4")
_POLICY: Final = ("5.7.",)


def smtp_error(stage: Stage, code: int, text: bytes) -> Exception:
    """Return our error for a reply to a command of a stage: nothing was delivered."""
    found = _ENHANCED.match(text.strip())
    enhanced = found[1].decode() if found else ""
    said = f"{code} {enhanced}".strip()
    if code == 421:
        return UnavailableError(f"{said}: the server is closing", ambiguous=False)
    if 400 <= code < 500:
        if stage in ("login", "sender"):
            return UnavailableError(f"{said}: the server accepts no mail now", ambiguous=False)
        return RetryAfterError(LATER_S)
    if stage in ("login", "sender"):
        return UnauthorizedError(f"{said}: the server does not accept this sender")
    if enhanced.startswith(_TOO_LARGE) or (code == 552 and not enhanced and stage == "content"):
        return RejectedError(f"{said}: the mail is too large")
    if enhanced.startswith(_MAILBOX) or (not enhanced and code in (550, 551, 552, 553)):
        return UnreachableError(f"{said}: the mailbox does not take mail")
    if enhanced.startswith(_POLICY):
        return RejectedError(f"{said}: refused by the receiver's policy", unknown=True)
    return RejectedError(f"{said}: refused", unknown=True)


_SES_SENDER: Final[Mapping[str, str]] = {
    "AccountSuspendedException": "SES has suspended the account",
    "SendingPausedException": "sending is paused in SES",
    "MailFromDomainNotVerifiedException": "the MAIL FROM domain is not verified in SES",
    "NotFoundException": "SES has no such configuration set",
    "AccessDeniedException": "the role may not send by SES",
    "AccessDenied": "the role may not send by SES",
    "UnrecognizedClientException": "the credentials are not AWS's",
    "InvalidClientTokenId": "the credentials are not AWS's",
    "SignatureDoesNotMatch": "the credentials are not AWS's",
}
"""Codes about the sender: no mail can be sent."""
_SES_SLOW: Final = ("TooManyRequestsException", "ThrottlingException", "Throttling")
NOT_VERIFIED: Final = "not verified"


def ses_error(code: str, text: str, status: int, to: str) -> Exception:
    """Return our error for an answer of SES; `to` is whom the sandbox refuses."""
    if code in _SES_SENDER:
        return UnauthorizedError(f"{code}: {_SES_SENDER[code]}")
    words = text.lower()
    if code in _SES_SLOW:
        return RetryAfterError(1)
    if code == "LimitExceededException":
        return RetryAfterError(QUOTA_S if "quota" in words else 1)
    if code == "MessageRejected" and NOT_VERIFIED in words:
        if to.lower() in words:
            reason = "the SES sandbox sends to verified addresses only"
            return UnreachableError(f"{code}: {reason}")
        return UnauthorizedError(f"{code}: the sender's identity is not verified in SES")
    if status >= 500 or status == 0:
        return UnavailableError(f"{code or 'no code'}: SES failed", ambiguous=True)
    return RejectedError(
        f"{code}: SES does not accept this mail", unknown=code != "MessageRejected"
    )
