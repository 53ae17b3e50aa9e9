"""A hostile model server: it neither breaks the chat, nor holds it beyond its time, nor fills it.

Each attack is a whole HTTP response over a real connection, and most of them never end.
"""

import gzip
import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from signalengine_aws.chat import engine
from signalengine_aws.chat.engine import MAX_ANSWER_CHARS, MODEL_FAILED, Chat
from signalengine_aws.chat.ollama import Ollama

from tests.chat_samples import MemoryReads
from tests.ollama_server import MODEL, OllamaServer, Raw, running_ollama

pytestmark = pytest.mark.enable_socket

TIME_S = 1.0
SLACK_S = 3.0
"""For a busy machine."""
MOST_BYTES = 5_000_000
"""Of memory, at any moment: a few lines and pieces, and the interpreter's own."""
BOMB = gzip.compress(b" " * 50_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
PLAIN = HEAD + b"Connection: close\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b'{"message":{"content":"BTC leads."},"done":true}\n'


def line(**message: Any) -> bytes:
    return json.dumps({"message": message, "done": False}).encode() + b"\n"


def calling(arguments: str, times: int = 1) -> bytes:
    """Return a line that calls `top`; the arguments are JSON, unchecked."""
    one = f'{{"function":{{"name":"top","arguments":{arguments}}}}}'
    return f'{{"message":{{"tool_calls":[{",".join([one] * times)}]}}}}\n'.encode()


def endless(head: bytes, *rest: bytes) -> Callable[[], Iterator[bytes]]:
    """Return a response that repeats its last part for ever."""
    *once, again = rest
    return lambda: chain([head, *once], repeat(again))


def complete(*parts: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([PLAIN, *parts])


ENDLESS = {
    "spaces": endless(PLAIN, line(content=" " * 4_000)),
    "controls": endless(PLAIN, line(content="\x00" * 4_000)),
    "no text": endless(PLAIN, line(content="") * 50),
    "calls": endless(PLAIN, calling('{"limit":1}', 40)),
    "a line": endless(PLAIN, b"x" * 60_000),
    "a chunk's size": endless(CHUNKED, b"0" * 60_000),
    "trailers": endless(CHUNKED, b"0\r\n", b"a: b\r\n" * 1_000),
    "headers": endless(HEAD, b"a: b\r\n" * 1_000),
    "interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "inflated": lambda: iter([HEAD + b"Content-Encoding: gzip\r\n\r\n", BOMB]),
    "deep JSON": complete(b"[" * 60_000 + b"\n"),
    "infinite time": complete(b'{"done":1e999,"total_duration":1e999}\n'),
}


@pytest.fixture
def memory() -> Iterator[Callable[[], int]]:
    """Return a function that returns the most bytes in use since the test began."""
    tracemalloc.start(1)
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def answered(server: OllamaServer) -> tuple[dict[str, Any], float]:
    """Return the chat's answer and how long it took; every thread of it has then ended."""
    began = time.monotonic()
    answer = Chat(reads=MemoryReads(), model=Ollama(server.base, MODEL)).answer("stats")
    took_s = time.monotonic() - began
    deadline = began + TIME_S + SLACK_S
    while _bounded() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert _bounded() == []
    return answer, took_s


def _bounded() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "bounded"]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TIME_S", TIME_S)


@pytest.mark.parametrize("name", ENDLESS)
def test_rules_answer_in_time_instead_of_a_hostile_server(
    name: str, memory: Callable[[], int]
) -> None:
    with running_ollama(*[Raw(ENDLESS[name])] * 9) as up:
        answer, took_s = answered(up)
    assert answer["source"] == "rules"
    assert answer["answer"].endswith(MODEL_FAILED)
    assert took_s < TIME_S + SLACK_S
    assert memory() < MOST_BYTES


@pytest.mark.parametrize(
    "response",
    [b"", PLAIN, PLAIN + b'{"message":{"content":"a', CHUNKED + b"5"],
    ids=["head", "body", "line", "chunk"],
)
def test_a_server_that_sends_a_byte_at_a_time_is_given_up_in_time(response: bytes) -> None:
    with running_ollama(Raw(endless(response, b"1"), pause_s=0.05)) as up:
        answer, took_s = answered(up)
        assert up.closed.wait(SLACK_S)
    assert answer["source"] == "rules"
    assert took_s < TIME_S + SLACK_S


def test_a_full_answer_ends_the_reading() -> None:
    with running_ollama(Raw(endless(PLAIN, line(content="word " * 700)))) as up:
        answer, took_s = answered(up)
        assert up.closed.wait(SLACK_S)
    assert answer["source"] == "ollama"
    assert MAX_ANSWER_CHARS - 5 <= len(answer["answer"]) <= MAX_ANSWER_CHARS
    assert took_s < TIME_S


def test_what_follows_a_finished_answer_is_not_read(memory: Callable[[], int]) -> None:
    with running_ollama(Raw(endless(PLAIN, LAST, b" " * 60_000))) as up:
        answer, took_s = answered(up)
        assert up.closed.wait(SLACK_S)
    assert answer["answer"] == "BTC leads."
    assert took_s < TIME_S
    assert memory() < MOST_BYTES


@pytest.mark.parametrize("limit", ["1e999", "-1e999", "NaN", "Infinity", "9" * 400, '"1e999"'])
def test_a_number_that_is_none_is_the_models_error(limit: str) -> None:
    with running_ollama(Raw(complete(calling(f'{{"limit":{limit}}}'), LAST)), ["Sorry."]) as up:
        answer, _ = answered(up)
    assert (answer["source"], answer["answer"]) == ("ollama", "BTC leads.Sorry.")


@pytest.mark.parametrize("depth", [100, 900, 960, 970, 975, 980, 985, 990, 2_000])
def test_a_call_of_any_depth_is_answered(depth: int) -> None:
    """What can be read can be too deep to be written again."""
    deep = calling('{"a":' * depth + "1" + "}" * depth)
    with running_ollama(Raw(complete(deep, LAST)), ["Sorry."]) as up:
        answer, _ = answered(up)
    assert answer["source"] in ("ollama", "rules")
