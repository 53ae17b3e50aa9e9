"""Amazon Bedrock as the chat's model: the Converse API, which needs `bedrock:InvokeModel` only.

An answer is received whole: streaming needs another permission, to save a few seconds.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..runtime import clients
from ..runtime.aws_errors import code_of
from .turns import (
    Call,
    ModelUnavailableError,
    Piece,
    Text,
    Tool,
    ToolCalls,
    ToolResults,
    Turn,
    Words,
)

LONGEST_S: Final = 20
_INFERENCE: Final = {"maxTokens": 500, "temperature": 0.2}


class Bedrock:
    """One model of Bedrock."""

    name = "bedrock"

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        config = Config(
            connect_timeout=2, read_timeout=LONGEST_S, retries={"total_max_attempts": 1}
        )
        self._client: Any = clients.session().create_client("bedrock-runtime", config=config)

    def stream(
        self, system: str, turns: Sequence[Turn], tools: Sequence[Tool], timeout_s: float
    ) -> Iterator[Piece]:
        """As `Model.stream`, the whole answer at once."""
        began = time.monotonic()
        try:
            answer = self._client.converse(modelId=self._model_id, **request(system, turns, tools))
        except (ClientError, BotoCoreError) as error:
            code = code_of(error) or type(error).__name__
            raise ModelUnavailableError(f"bedrock: {code}") from error
        if time.monotonic() - began > timeout_s:
            raise ModelUnavailableError("bedrock: it took too long")
        yield from pieces(answer)


def request(system: str, turns: Sequence[Turn], tools: Sequence[Tool]) -> dict[str, Any]:
    """Return the parameters of Converse beside the model (pure)."""
    return {
        "system": [{"text": system}],
        "messages": [_message(turn) for turn in turns],
        "inferenceConfig": dict(_INFERENCE),
        "toolConfig": {"tools": [_described(tool) for tool in tools]},
    }


def _message(turn: Turn) -> dict[str, Any]:
    match turn:
        case Text(role=role, text=text):
            return {"role": role, "content": [{"text": text}]}
        case ToolCalls(text=text, calls=calls):
            words = [{"text": text}] if text.strip() else []
            return {"role": "assistant", "content": words + [_use(call) for call in calls]}
        case ToolResults(results=results):
            return {"role": "user", "content": [_result(call, text) for call, text in results]}


def _use(call: Call) -> dict[str, Any]:
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    return {"toolUse": {"toolUseId": call.call_id, "name": call.name, "input": arguments}}


def _result(call: Call, text: str) -> dict[str, Any]:
    return {"toolResult": {"toolUseId": call.call_id, "content": [{"text": text}]}}


def _described(tool: Tool) -> dict[str, Any]:
    schema = {"json": dict(tool.parameters)}
    return {"toolSpec": {"name": tool.name, "description": tool.about, "inputSchema": schema}}


def pieces(answer: Any) -> Iterator[Piece]:
    """Yield the pieces of Converse's answer (pure); raises ModelUnavailableError."""
    try:
        blocks = answer["output"]["message"]["content"]
        for block in blocks:
            if "text" in block:
                yield Words(str(block["text"]))
            elif "toolUse" in block:
                use = block["toolUse"]
                yield Call(str(use["toolUseId"]), str(use["name"]), use.get("input"))
    except (KeyError, TypeError) as error:
        raise ModelUnavailableError("bedrock: an answer without a message") from error
