"""SES: the calls of its API of version 2 that send mail and that describe the account.

From botocore's own model of `sesv2`: `POST /v2/email/outbound-emails` with the whole mail in
`Content.Raw.Data` answers `{"MessageId"}`; `GET /v2/email/account` and
`GET /v2/email/identities/{name}` answer the state of `Account`. Errors are JSON with the code in
`x-amzn-errortype`. `GET /v2/email/configuration-sets/{name}` answers whether it sends, and
`…/event-destinations` below it where it reports what.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote
from uuid import uuid4

from .faults import Fault
from .mail import arrived, read
from .service import Answer, Call, json_answer
from .smtp import ERRORS as SMTP_ERRORS

UNVERIFIED: Final = "Email address is not verified. The following identities failed the check: "
ERRORS: Final[Mapping[str, tuple[int, str, str]]] = {
    "account_suspended": (400, "AccountSuspendedException", "Your account has been suspended."),
    "sending_paused": (400, "SendingPausedException", "Sending is paused for this account."),
    "rate": (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
    "quota": (400, "LimitExceededException", "Daily message quota exceeded."),
    "sandbox": (
        400, "MessageRejected",
        UNVERIFIED + "{to}",
    ),
    "sender_not_verified": (
        400, "MessageRejected",
        UNVERIFIED + "{sender}",
    ),
    "rejected": (400, "MessageRejected", "Transaction failed: invalid content."),
    "no_configuration_set": (404, "NotFoundException", "Configuration set does not exist."),
    "mail_from": (400, "MailFromDomainNotVerifiedException", "MAIL FROM domain is not verified."),
}  # fmt: skip
"""Status, code and text of each error; `{to}` and `{sender}` are filled in."""
PATH: Final = "/v2/email/outbound-emails"
ACCOUNT: Final = "/v2/email/account"
IDENTITIES: Final = "/v2/email/identities/"
SETS: Final = "/v2/email/configuration-sets/"
DESTINATIONS: Final = "/event-destinations"
SET: Final = "SignalEngine-email"
SENDER: Final = "signals@sender.example"


@dataclass
class Identity:
    """A domain or an address of the account; `dkim` is a status of SES."""

    verified: bool = True
    dkim: str = "SUCCESS"


@dataclass
class ConfigurationSet:
    """A configuration set, and what it reports to a topic of SNS."""

    sending: bool = True
    enabled: bool = True
    events: tuple[str, ...] = ("BOUNCE", "COMPLAINT")
    topic: str = "arn:aws:sns:eu-central-1:123456789012:SignalEngine-email"


@dataclass
class Account:
    """What SES says of an account: out of the sandbox, and with quota, if nothing is changed."""

    production: bool = True
    sending: bool = True
    enforcement: str = "HEALTHY"
    quota: float = 50_000.0
    sent: float = 0.0
    identities: dict[str, Identity] = field(default_factory=lambda: {"sender.example": Identity()})
    sets: dict[str, ConfigurationSet] = field(default_factory=lambda: {SET: ConfigurationSet()})


class Ses:
    """Its sending, where every identity is verified unless an error says otherwise; its account."""

    name: Final = "email"
    prefixes: Final = ("/v2/email/",)
    errors: Final = (*ERRORS, *SMTP_ERRORS)
    destination: Final[Mapping[str, str]] = {"path": PATH, "from": SENDER}

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or Account()
        self._last: Mapping[str, Any] = {}

    def name_of(self, call: Call) -> str:
        """Return the address that a mail is for."""
        self._last = _body(call)
        return _to(self._last)

    def answer(self, call: Call) -> Answer:
        body = _body(call)
        if call.path != PATH or not _to(body):
            return _error(400, "BadRequestException", "expected one recipient and a raw mail")
        message = read(b64decode(body["Content"]["Raw"]["Data"]))
        shown = arrived(message, _to(body))
        return json_answer(200, {"MessageId": str(uuid4())}, arrived=shown)

    def described(self, path: str) -> Answer:
        """Answer a `GET`: the account, one identity of it, or one configuration set."""
        one = self.account
        if path == ACCOUNT:
            quota = {"Max24HourSend": one.quota, "MaxSendRate": 14.0, "SentLast24Hours": one.sent}
            body = {
                "ProductionAccessEnabled": one.production, "SendingEnabled": one.sending,
                "EnforcementStatus": one.enforcement, "SendQuota": quota,
            }  # fmt: skip
            return json_answer(200, body)
        if path.startswith(SETS):
            return self._set(unquote(path.removeprefix(SETS)))
        name = unquote(path.removeprefix(IDENTITIES))
        found = one.identities.get(name) if path.startswith(IDENTITIES) else None
        if found is None:
            return _error(404, "NotFoundException", f"Email identity {name} does not exist.")
        dkim = {"SigningEnabled": found.dkim == "SUCCESS", "Status": found.dkim}
        body = {
            "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
            "VerifiedForSendingStatus": found.verified, "DkimAttributes": dkim,
        }  # fmt: skip
        return json_answer(200, body)

    def _set(self, words: str) -> Answer:
        name = words.removesuffix(DESTINATIONS)
        found = self.account.sets.get(name)
        if found is None:
            return _error(404, "NotFoundException", f"Configuration set <{name}> does not exist.")
        if name == words:
            sending = {"SendingEnabled": found.sending}
            return json_answer(200, {"ConfigurationSetName": name, "SendingOptions": sending})
        reports = {
            "Name": "reports", "Enabled": found.enabled,
            "MatchingEventTypes": list(found.events), "SnsDestination": {"TopicArn": found.topic},
        }  # fmt: skip
        return json_answer(200, {"EventDestinations": [reports] if found.events else []})

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "429":
            return _error(*ERRORS["rate"])
        if fault.kind == "500":
            return _error(fault.status, "InternalFailure", "an internal error")
        status, code, text = ERRORS.get(fault.error, ERRORS["rejected"])
        sender = str(self._last.get("FromEmailAddress", ""))
        return _error(status, code, text.format(to=_to(self._last), sender=sender))


def _body(call: Call) -> Mapping[str, Any]:
    try:
        body = call.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _to(body: Mapping[str, Any]) -> str:
    found = body.get("Destination", {}).get("ToAddresses", [])
    return str(found[0]) if len(found) == 1 else ""


def _error(status: int, code: str, text: str) -> Answer:
    return json_answer(status, {"message": text}, {"x-amzn-ErrorType": code})
