"""answer_email: the paths of the HTTP API that subscribe and end e-mail addresses.

They are a function of their own because they write, send, and read a secret: the function that
serves everything else only reads.
"""

from functools import cache, cached_property
from typing import TYPE_CHECKING, cast

from ..api.endpoints.email import ROUTES
from ..api.routing import Text
from ..api.shared_answers import SharedAnswers
from ..runtime.api_token import ApiTokenAuth
from ..runtime.config import (
    CallsTable,
    ChannelsSecret,
    DashboardUrl,
    FrontKey,
    SubscriptionsTable,
    load,
)
from .serve_api import Api

if TYPE_CHECKING:
    from ..api.services import Services
    from ..channels.email.opt_in import OptIn


class AnswerEmail(SubscriptionsTable, CallsTable, ChannelsSecret, FrontKey, DashboardUrl):
    """The environment of answer_email."""


class EmailServices:
    """What the endpoints use; all of them are open, and their limits are those of `opt_in`."""

    budget = None
    shared_answers: SharedAnswers[Text] = SharedAnswers()

    def __init__(self, env: AnswerEmail) -> None:
        self.env = env

    @cached_property
    def auth(self) -> ApiTokenAuth:
        return ApiTokenAuth(lambda: "", public=False)  # admits nobody

    @property
    def opt_in(self) -> "OptIn | None":
        """Subscriptions by e-mail; None where no sender is configured.

        Made for each request: the settings are a secret that may change.
        """
        from ..channels.email.wiring import opt_in_of
        from ..stores.rate_limits import DynamoLimits

        limits = DynamoLimits(self.env.calls_table)
        return opt_in_of(self.env.channels_secret_arn, self.env.subscriptions_table, limits)


@cache
def api() -> Api:
    """Return the process's one API; raises ConfigError."""
    services = EmailServices(load(AnswerEmail))
    # the routes take these services; the rest of an answer is that of every path
    return Api(lambda: cast("Services", services), routes=ROUTES)
