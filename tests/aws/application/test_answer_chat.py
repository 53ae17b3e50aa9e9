"""answer_chat: deltas, then the whole answer, and an error for a refused question."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.answer_chat import DELTA_CHARS, AnswerChat, batched
from signalengine_aws.chat.engine import Answer, Chat
from signalengine_aws.chat.turns import Words
from signalengine_aws.chat.wiring import RateLimitedChat
from signalengine_aws.messaging.websockets import GoneError
from signalengine_aws.runtime.api_token import ApiTokenAuth
from signalengine_aws.stores.rate_limits import Limit, TooManyCallsError

from tests.aws.chat.test_engine import ScriptedModel
from tests.aws.fakes import MemoryConnections
from tests.chat_samples import MemoryReads

ME = "connection="


class MemoryLimits:
    """Counts calls; refuses them while `refuse` is set."""

    def __init__(self) -> None:
        self.refuse = False
        self.callers: list[str] = []

    def take(self, caller: str, _limit: Limit) -> int:
        self.callers.append(caller)
        if self.refuse:
            raise TooManyCallsError(12)
        return self.callers.count(caller)


class Posts:
    """Takes what is posted to one client."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.gone = False
        self.ended: list[str] = []

    def close(self, connection_id: str) -> None:
        self.ended.append(connection_id)

    def post(self, connection_id: str, data: bytes) -> None:
        assert connection_id == ME
        if self.gone:
            raise GoneError(ME)
        self.got.append(json.loads(data))


@pytest.fixture
def posts() -> Posts:
    return Posts()


def serve(
    posts: Posts,
    body: Any,
    chat: Chat | None = None,
    *,
    refuse: bool = False,
    token: str = "",
    counted: bool = False,
) -> str:
    limits = MemoryLimits()
    limits.refuse = refuse
    limited = RateLimitedChat(chat or Chat(reads=MemoryReads()), limits)
    text = body if isinstance(body, str) else json.dumps(body)
    connections = MemoryConnections()
    if counted:
        connections.open(ME)
    answering = AnswerChat(
        chat=limited, connections=connections, sockets=posts, access=ApiTokenAuth(lambda: token)
    )
    return answering.serve(ME, "1.2.3.4", text)


def ask(message: str, **more: Any) -> dict[str, Any]:
    return {"action": "chat", "id": "q1", "message": message} | more


def test_an_answer_comes_in_pieces_and_then_whole(posts: Posts) -> None:
    long = [Words("x" * (DELTA_CHARS - 1)), Words("y"), Words("z")]
    chat = Chat(reads=MemoryReads(), model=ScriptedModel(long))
    assert serve(posts, ask("top?"), chat) == "ollama"
    *deltas, done = posts.got
    assert [(d["type"], d["id"], len(d["delta"])) for d in deltas] == [
        ("chat", "q1", DELTA_CHARS), ("chat", "q1", 1),
    ]  # fmt: skip
    assert (done["type"], done["id"], done["source"]) == ("chat_done", "q1", "ollama")
    assert done["answer"] == "".join(d["delta"] for d in deltas)


def test_a_slow_answer_is_not_held_back() -> None:
    pieces: Iterator[str | Answer] = iter(["a", "b", Answer("ab", "rules", ())])
    times = iter([0.0, 0.4, 0.4, 0.5])
    assert list(batched(pieces, lambda: next(times)))[:2] == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "characters of JSON"), ("{", "not JSON"), ("[]", "id: "), ({"action": "chat"}, "id: "),
        ({"id": 5, "message": "x"}, "id: "), ({"id": "x" * 65, "message": "x"}, "id: "),
        (ask(""), "message: "), (ask("x" * 501), "message: "), (ask("x", history=5), "history: "),
        (ask("x", token=5), "token: "), ('{"id": "a", "message": "x", "more": 1e999}', "not JSON"),
        (ask("x", history=[{"role": "system", "content": "x"}]), "history: "),
        ("x" * 20_000, "1 to"),
    ],
)  # fmt: skip
def test_a_malformed_question_gets_an_error(posts: Posts, body: Any, words: str) -> None:
    assert serve(posts, body) == "error"
    (done,) = posts.got
    assert (done["type"], done["source"], done["used"]) == ("chat_done", "error", [])
    assert words in done["answer"]


def test_half_a_surrogate_pair_is_a_wrong_token(posts: Posts) -> None:
    assert serve(posts, ask("top?", token="\ud800"), token="secret") == "error"
    assert posts.got[0]["answer"] == "this is not the token"


def test_an_id_of_any_text_is_returned(posts: Posts) -> None:
    assert serve(posts, ask("top?") | {"id": "\ud800"}) == "rules"
    assert posts.got[-1]["id"] == "\ud800"


def test_a_caller_over_the_limit_gets_the_seconds_to_wait(posts: Posts) -> None:
    assert serve(posts, ask("top?"), refuse=True) == "error"
    assert (posts.got[0]["id"], posts.got[0]["retry_after"]) == ("q1", 12)


def test_when_the_engines_own_data_cannot_be_read_the_client_gets_an_error(posts: Posts) -> None:
    class Broken(MemoryReads):
        def symbols(self) -> dict[str, Any]:
            raise TransientError("down")

    with pytest.raises(TransientError):
        serve(posts, ask("top?"), Chat(reads=Broken()))
    assert posts.got[0]["answer"] == "no answer now: try again"


def test_a_client_that_left_raises_gone(posts: Posts) -> None:
    posts.gone = True
    with pytest.raises(GoneError):
        serve(posts, ask("top?"))


@pytest.mark.parametrize("body", [ask("top?"), ask("top?", token="other"), "{"])
@pytest.mark.parametrize(
    ("token", "counted", "ended"),
    [("secret", False, [ME]), ("secret", True, []), ("", False, [])],
)
def test_only_a_connection_that_counts_may_ask_without_the_token(
    posts: Posts, body: Any, token: str, counted: bool, ended: list[str]
) -> None:
    serve(posts, body, token=token, counted=counted)
    assert (posts.got[-1]["type"], posts.ended) == ("chat_done", ended)


def test_who_has_the_token_may_ask_on_any_connection(posts: Posts) -> None:
    assert serve(posts, ask("top?", token="secret"), token="secret") == "rules"
    assert posts.ended == []


def test_rules_answer_in_the_language_of_the_page(posts: Posts) -> None:
    serve(posts, {"id": "a", "message": "tasa de aciertos", "language": "es-MX"})
    assert "señales cerradas" in posts.got[-1]["answer"]
    serve(posts, {"id": "a", "message": "win rate", "language": "de"})
    assert "closed signals" in posts.got[-1]["answer"]
    serve(posts, {"id": "a", "message": "win rate", "language": ["es"]})
    assert (posts.got[-1]["source"], posts.got[-1]["answer"]) == (
        "error", "language: expected a code like en",
    )  # fmt: skip
