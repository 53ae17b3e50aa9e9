"""answer_push: the paths of the HTTP API by which browsers subscribe to Web Push, and leave.

They are a function of their own because they write, and because the table of preferences has the
ids of chats: the function that serves everything else has no right to it.
"""

from functools import cache, cached_property
from typing import TYPE_CHECKING, cast

from ..api.endpoints.push import ROUTES
from ..api.routing import Text
from ..api.shared_answers import SharedAnswers
from ..runtime.api_token import ApiTokenAuth, access
from ..runtime.config import (
    ApiSecret,
    CallsTable,
    FrontKey,
    StateTable,
    SubscriptionsTable,
    load,
)
from .serve_api import Api

if TYPE_CHECKING:
    from ..api.queries.push import PushQueries
    from ..api.services import Services


class AnswerPush(StateTable, SubscriptionsTable, CallsTable, ApiSecret, FrontKey):
    """The environment of answer_push."""


class PushServices:
    """What the endpoints use; they need the API's token, as those of serve_api do."""

    budget = None
    """The route's throttle and the limit of each caller bound the costs."""
    shared_answers: SharedAnswers[Text] = SharedAnswers()

    def __init__(self, env: AnswerPush) -> None:
        self.env = env

    @cached_property
    def auth(self) -> ApiTokenAuth:
        return access(self.env.api_secret_arn, self.env.public_api)

    @cached_property
    def push(self) -> "PushQueries":
        from ..api.queries.push import PushQueries

        env = self.env
        return PushQueries(
            env.api_secret_arn, env.subscriptions_table, env.calls_table, env.state_table
        )


@cache
def api() -> Api:
    """Return the process's one API; raises ConfigError."""
    services = PushServices(load(AnswerPush))
    # the routes take these services; the rest of an answer is that of every path
    return Api(lambda: cast("Services", services), routes=ROUTES)
