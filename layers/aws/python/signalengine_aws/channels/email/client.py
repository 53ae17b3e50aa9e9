"""The transports: an SMTP server, or SES. Each sends one mail once; the caller decides on repeats.

What a failure means is known by how far it came: before the mail's last line was sent, nothing was
delivered; after it, without an answer, it may have been.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPException,
    SMTPNotSupportedError,
    SMTPResponseException,
)
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from ...delivery.errors import UnauthorizedError, UnavailableError
from ...runtime.aws_errors import code_of, status_of
from .mail import Mail, composed
from .refusals import Stage, ses_error, smtp_error
from .settings import MailSettings

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

TIMEOUT_S: Final = 10.0
"""Of each call on a socket."""
DEADLINE_S: Final = 15.0
"""Of a mail by SMTP, however slowly its server answers."""
CONNECTED: Final = 220
ONCE: Final = Config(
    connect_timeout=3, read_timeout=10, max_pool_connections=10, retries={"total_max_attempts": 1}
)
"""Of SES: its client would send again by itself what may have been sent."""


class Transport(Protocol):
    """Sends mail; raises the errors of `delivery.errors`."""

    def send(self, mail: Mail) -> str:
        """Send a mail; return the message id that it has for its reader."""
        ...


class SmtpTransport:
    """One SMTP server, with a connection of its own for each mail."""

    def __init__(
        self,
        settings: MailSettings,
        *,
        timeout_s: float = TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._trust = trust

    def send(self, mail: Mail) -> str:
        smtp = self._unconnected()
        try:
            with _ended_after(self._deadline_s, smtp):
                self._connect(smtp)
                self._secured(smtp)
                self._logged_in(smtp)
                content = composed(mail).as_bytes()
                _said("sender", lambda: smtp.mail(mail.sender))
                _said("recipient", lambda: smtp.rcpt(mail.to))
                _said("content", lambda: smtp.data(content), sends=True)
        finally:
            with suppress(SMTPException, OSError):
                smtp.close()  # no QUIT: what it is answered is of no interest
        return mail.message_id

    def _unconnected(self) -> SMTP:
        chosen, timeout_s = self._settings, self._timeout_s
        if chosen.implicit_tls:
            trust = self._trust()
            made: SMTP = SMTP_SSL("", 0, chosen.domain, timeout=timeout_s, context=trust)
        else:
            made = SMTP("", 0, chosen.domain, timeout=timeout_s)
        made._host = chosen.host  # type: ignore[attr-defined] # noqa: SLF001 - that TLS checks
        return made

    def _connect(self, smtp: SMTP) -> None:
        try:
            code, text = smtp.connect(self._settings.host, self._settings.port)
            if code != CONNECTED:
                raise smtp_error("sender", code, text)
        except SMTPResponseException as error:
            raise _of(error, "sender") from None
        except (SMTPException, OSError) as error:
            raise UnavailableError(_why(error), ambiguous=False) from None

    def _secured(self, smtp: SMTP) -> None:
        """Begin TLS; a server that has none gets neither password nor mail."""
        if self._settings.implicit_tls or not self._settings.tls:
            return
        with _mapped("sender"):
            smtp.ehlo()
            if not smtp.has_extn("starttls"):
                raise UnauthorizedError("the server offers no TLS")
        _said("sender", lambda: smtp.starttls(context=self._trust()))

    def _logged_in(self, smtp: SMTP) -> None:
        with _mapped("login"):
            smtp.ehlo()
            if self._settings.user:
                smtp.login(self._settings.user, self._settings.password)


@contextmanager
def _ended_after(seconds: float, smtp: SMTP) -> Iterator[None]:
    """Cut the connection if the block lasts longer: time-outs of sockets are of each call."""
    done = Event()

    def watch() -> None:
        left_s = seconds
        while not done.wait(left_s):
            left_s = 0.1  # there may be no connection yet
            with suppress(OSError, AttributeError):
                socket.shutdown(smtp.sock, SHUT_RDWR)  # type: ignore[arg-type] # below TLS

    Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


@contextmanager
def _mapped(stage: Stage, *, ambiguous: bool = False) -> Iterator[None]:
    """Turn errors of smtplib into ours; `ambiguous`: the mail may have been sent."""
    try:
        yield
    except SMTPResponseException as error:
        raise _of(error, stage) from None
    except SMTPNotSupportedError:
        raise UnauthorizedError("the server takes no password") from None
    except (SMTPException, OSError) as error:
        raise UnavailableError(_why(error), ambiguous=ambiguous) from None


def _said(stage: Stage, command: Callable[[], tuple[int, bytes]], *, sends: bool = False) -> None:
    """Give a command; raises our error for any reply but a good one."""
    with _mapped(stage, ambiguous=sends):
        code, text = command()
    if code >= 400:
        raise smtp_error(stage, code, text)


def _of(error: SMTPResponseException, stage: Stage) -> Exception:
    text = error.smtp_error
    return smtp_error(stage, error.smtp_code, text if isinstance(text, bytes) else text.encode())


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the server's certificate is not valid"
    return type(error).__name__


class SesTransport:
    """SES by its API of version 2. It gives mails a message id and a date of its own."""

    def __init__(self, client: "SESV2Client", settings: MailSettings, region: str) -> None:
        self._client = client
        self._settings = settings
        self._region = region

    def send(self, mail: Mail) -> str:
        named = self._settings.configuration_set
        more: dict[str, Any] = {"ConfigurationSetName": named} if named else {}
        tags = {"contact": mail.tag, "mailbox": mail.mailbox}
        if mail.tag:
            more["EmailTags"] = [{"Name": name, "Value": tags[name]} for name in tags if tags[name]]
        try:
            answer = self._client.send_email(
                FromEmailAddress=mail.sender,
                Destination={"ToAddresses": [mail.to]},
                Content={"Raw": {"Data": composed(mail).as_bytes()}},
                **more,
            )
        except ClientError as error:
            text = str(error.response.get("Error", {}).get("Message", ""))
            raise ses_error(code_of(error) or "", text, status_of(error), mail.to) from None
        except NoCredentialsError:
            raise UnauthorizedError("there are no AWS credentials") from None
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise UnavailableError(type(error).__name__, ambiguous=False) from None
        except BotoCoreError as error:
            raise UnavailableError(type(error).__name__, ambiguous=True) from None
        host = "email" if self._region == "us-east-1" else self._region
        return f"<{answer['MessageId']}@{host}.amazonses.com>"
