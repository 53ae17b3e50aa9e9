"""Ollama over real HTTP, and Bedrock's Converse by its own client's model of requests."""

import json
from typing import Any

import pytest
from botocore.stub import Stubber
from signalengine_aws.chat.bedrock import Bedrock, pieces, request
from signalengine_aws.chat.engine import Chat
from signalengine_aws.chat.ollama import MAX_LINE_BYTES, Ollama
from signalengine_aws.chat.tools import TOOLS
from signalengine_aws.chat.turns import (
    Call,
    ModelUnavailableError,
    Text,
    ToolCalls,
    ToolResults,
    Words,
)

from tests.chat_samples import MemoryReads
from tests.ollama_server import MODEL, Fault, running_ollama

TURNS = (
    Text("user", "What's trending?"),
    ToolCalls("", (Call("call0", "top", {"limit": 5}),)),
    ToolResults(((Call("call0", "top", {"limit": 5}), '{"tool":"top"}'),)),
)


# --- Ollama --------------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_ollama_gets_question_and_tools_and_is_read_line_by_line() -> None:
    with running_ollama([{"name": "top", "arguments": {"limit": 2}}], ["BTC", "USDT leads."]) as up:
        chat = Chat(reads=MemoryReads(), model=Ollama(up.base + "/", MODEL))
        *deltas, last = chat.stream("What's trending?")
    assert deltas == ["BTC", "USDT leads."]
    assert not isinstance(last, str)
    assert (last.source, last.used) == ("ollama", ("top",))
    first, second = up.requests
    assert [tool["function"]["name"] for tool in first["tools"]] == [
        "top", "signals", "stats", "explain",
    ]  # fmt: skip
    assert [message["role"] for message in second["messages"]] == [
        "system", "user", "assistant", "tool",
    ]  # fmt: skip
    assert json.loads(second["messages"][3]["content"])["tool"] == "top"


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "fault",
    [
        Fault(500), Fault(200, b"no json\n"), Fault(200, b'{"error":"out of memory"}\n'),
        Fault(200, b'{"message":{"content":"half"},"done":false}\n'),
        Fault(200, b"x" * (MAX_LINE_BYTES + 10_000)), Fault(200, b"[]\n"), Fault(307),
    ],
)  # fmt: skip
def test_an_ollama_that_fails_is_unavailable_and_rules_answer(fault: Fault) -> None:
    with running_ollama(fault) as up:
        answer = Chat(reads=MemoryReads(), model=Ollama(up.base, MODEL)).answer("stats")
    assert answer["source"] == "rules"


@pytest.mark.enable_socket
def test_an_ollama_that_hangs_or_is_not_there_is_given_up_in_time() -> None:
    with running_ollama(Fault(200, b"", wait_s=5)) as up, pytest.raises(ModelUnavailableError):
        list(Ollama(up.base, MODEL).stream("s", TURNS[:1], TOOLS, 0.2))
    with pytest.raises(ModelUnavailableError):
        list(Ollama(up.base, MODEL).stream("s", TURNS[:1], TOOLS, 0.2))
    with running_ollama(["x"]) as up, pytest.raises(ModelUnavailableError, match="HTTP 404"):
        list(Ollama(up.base, "another").stream("s", TURNS[:1], TOOLS, 1.0))


@pytest.mark.enable_socket
@pytest.mark.parametrize("form", ["http://{}", "http://{}/", "{}"])
def test_a_servers_address_may_be_short(form: str) -> None:
    with running_ollama(["x"]) as up:
        address = form.format(f"127.0.0.1:{up.port}")
        assert list(Ollama(address, MODEL).stream("s", TURNS[:1], TOOLS, 5.0)) == [Words("x")]


@pytest.mark.parametrize("address", ["http://[", "http://127.0.0.1:x", "http://127.0.0.1:99999"])
def test_an_address_that_is_none_is_unavailable(address: str) -> None:
    with pytest.raises(ModelUnavailableError):
        list(Ollama(address, MODEL).stream("s", TURNS[:1], TOOLS, 5.0))


# --- Bedrock -------------------------------------------------------------------------------------


def converse(*content: dict[str, Any]) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }


@pytest.fixture
def bedrock() -> tuple[Bedrock, Stubber]:
    """A client whose requests are checked against AWS's own model of Converse, and not sent."""
    model = Bedrock("vendor.model-v1:0")
    return model, Stubber(model._client)


def test_bedrock_gets_a_valid_request_and_its_answer_is_read(
    bedrock: tuple[Bedrock, Stubber],
) -> None:
    model, stub = bedrock
    expected = {"modelId": "vendor.model-v1:0"} | request("s", TURNS, TOOLS)
    use = {"toolUse": {"toolUseId": "t1", "name": "stats", "input": {}}}
    stub.add_response("converse", converse({"text": "Let me look."}, use), expected)
    with stub:
        found = list(model.stream("s", TURNS, TOOLS, 5.0))
    assert found == [Words("Let me look."), Call("t1", "stats", {})]


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_a_bedrock_that_refuses_is_unavailable(bedrock: tuple[Bedrock, Stubber], code: str) -> None:
    model, stub = bedrock
    stub.add_client_error("converse", code, "secret words")
    with stub, pytest.raises(ModelUnavailableError, match=f"bedrock: {code}") as caught:
        list(model.stream("s", TURNS, TOOLS, 5.0))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, {"output": {}}, {"output": {"message": {"content": 5}}}])
def test_an_answer_of_another_shape_is_none(answer: Any) -> None:
    with pytest.raises(ModelUnavailableError):
        list(pieces(answer))


def test_the_request_has_the_order_that_converse_requires() -> None:
    roles = [message["role"] for message in request("s", TURNS, TOOLS)["messages"]]
    assert roles == ["user", "assistant", "user"]
