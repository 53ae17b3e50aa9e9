"""alert_telegram: a notice of the topic of alarms is sent to the operators' private chats.

It needs neither the queue nor the table of deliveries, so that trouble of these is reported too. A
notice that nobody got is an error: it is retried, and then dead-lettered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from signalengine.errors import PermanentError, TransientError

from ..channels.telegram.config import AlertTelegram
from ..channels.telegram.notices import notice_text
from ..channels.telegram.wiring import client_of, secret_of
from ..runtime.config import load


@dataclass(frozen=True, slots=True)
class Alerted:
    """How many operators got a notice, and why others did not."""

    sent: int
    errors: tuple[str, ...] = ()


def alert(subject: str | None, message: str) -> Alerted:
    """Send a notice to the operators whom the secret names now; nobody without a token.

    Raises the error of the last one when none of them got it.
    """
    config = _config()
    secret = secret_of(config.telegram_secret_arn)()
    if not secret.token:
        return Alerted(0, ("no bot token is configured",))
    bot = client_of(secret, config.telegram_api_base)
    return send_to_each(bot.send_message, sorted(secret.admin_ids), notice_text(subject, message))


def send_to_each(
    send: Callable[[int, str], object], operators: Iterable[int], text: str
) -> Alerted:
    """Send a text to each; raises the last error when all fail."""
    sent, errors = 0, list[TransientError | PermanentError]()
    for operator in operators:
        try:
            send(operator, text)
        except (TransientError, PermanentError) as error:
            errors.append(error)
        else:
            sent += 1
    if errors and not sent:
        raise errors[-1]
    return Alerted(sent, tuple(f"{type(error).__name__}: {error}" for error in errors))


@cache
def _config() -> AlertTelegram:
    return load(AlertTelegram)
