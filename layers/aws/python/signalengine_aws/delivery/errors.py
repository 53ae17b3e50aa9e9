"""What sending fails with, whatever the channel: each client maps its service's answers to these.

TransientError
├── RetryAfterError     rate limited: nothing was sent; try again in `seconds`
└── UnavailableError    no answer, or a server fault; `ambiguous` when the message may have arrived
PermanentError
├── UnauthorizedError   the credentials (or the base URL) are wrong: no message can be sent
├── UnreachableError    this address cannot be written to; `by_recipient` when it blocked us
├── MovedError          this address was replaced by `address`
└── RejectedError       this message cannot be sent; `unknown` when the reason is not a known one
"""

from signalengine.errors import PermanentError, TransientError


class RetryAfterError(TransientError):
    """Rate limited: nothing was sent, and nothing may be sent for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"rate limited: try again in {seconds} s")
        self.seconds = seconds


class UnavailableError(TransientError):
    """No answer, or a server fault; `ambiguous` when the message may have arrived."""

    def __init__(self, reason: str, *, ambiguous: bool) -> None:
        super().__init__(reason)
        self.ambiguous = ambiguous


class UnauthorizedError(PermanentError):
    """The credentials are not (or no longer) valid, or the base URL is not the service's."""


class UnreachableError(PermanentError):
    """The address cannot be written to; `by_recipient` when the recipient blocked the sender."""

    def __init__(self, reason: str, *, by_recipient: bool = False) -> None:
        super().__init__(reason)
        self.by_recipient = by_recipient


class MovedError(PermanentError):
    """The address was replaced by `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(f"the address moved to {address}")
        self.address = address


class RejectedError(PermanentError):
    """The service does not accept this message; the text says why.

    `unknown`: the reason is none that the client knows, so the address may be the cause.
    """

    def __init__(self, reason: str, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.unknown = unknown
