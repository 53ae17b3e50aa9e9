"""DynamoDB's calls, without a new interpretation of each request.

A request is DynamoDB's JSON already, except for its bytes. botocore walks through it by the model
of the operation, resolves the endpoint and makes the headers again for each call: a third of a
call's CPU time. Here the first call of an operation is an ordinary one, and what botocore made of
it (address, headers, signing) serves the later ones, which differ in their body alone. Credentials,
signing, retries, time-outs, connections, answers, errors and events remain botocore's.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.session import Session

REUSED: Final = frozenset({"PutItem", "GetItem", "Query", "UpdateItem"})
"""Operations whose requests differ in their body alone. A transaction gets a token of its own."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What botocore made of the first request of an operation."""

    request: Mapping[str, Any]
    context: Mapping[str, Any]


class ReusingCalls:
    """Extends botocore's DynamoDB client, as its event `creating-client-class` provides for."""

    meta: Any
    exceptions: Any
    _request_signer: Any
    _prepared: MutableMapping[str, _Prepared]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._prepared = {}

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        prepared = self._prepared.get(operation_name)
        if prepared is not None:
            return self._again(operation_name, api_params, prepared)
        if operation_name in REUSED:
            self.meta.events.register_first(f"before-call.dynamodb.{operation_name}", self._keep)
        ordinary: Any = super()
        return ordinary._make_api_call(operation_name, api_params)  # noqa: SLF001 - of which this is the extension

    def _keep(self, model: Any, params: Mapping[str, Any], context: Any, **_: Any) -> None:
        """Keep what the first request was made into; the event comes before it is signed."""
        self.meta.events.unregister(f"before-call.dynamodb.{model.name}", self._keep)
        request = {**params, "headers": dict(params["headers"])}
        self._prepared[model.name] = _Prepared(request, dict(context))

    def _again(
        self, operation_name: str, api_params: Mapping[str, Any], prepared: _Prepared
    ) -> Any:
        """Call as botocore's own `_make_api_call` does once the request is made."""
        model = self.meta.service_model.operation_model(operation_name)
        context = dict(prepared.context)  # botocore adds to it
        request = {**prepared.request, "headers": dict(prepared.request["headers"])}
        request |= {"body": body_of(api_params), "context": context}
        events = self.meta.events
        _, answer = events.emit_until_response(
            f"before-call.dynamodb.{operation_name}", model=model, params=request,
            request_signer=self._request_signer, context=context,
        )  # fmt: skip
        if answer is None:
            ordinary: Any = super()
            answer = ordinary._make_request(model, request, context)  # noqa: SLF001 - as above
        http, parsed = answer
        events.emit(
            f"after-call.dynamodb.{operation_name}", http_response=http, parsed=parsed,
            model=model, context=context,
        )  # fmt: skip
        if http.status_code >= 300:
            code = context.get("error_code_override") or parsed.get("Error", {}).get("Code")
            raise self.exceptions.from_code(code)(parsed, operation_name)
        return parsed


def body_of(request: Mapping[str, Any]) -> bytes:
    """Return a request as DynamoDB's JSON, in which bytes are base64."""
    return json.dumps(request, default=_base64).encode()


def _base64(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    raise TypeError(f"DynamoDB has no {type(value).__name__}")


def extend(session: Session) -> Session:
    """Make the DynamoDB clients of a session of this kind; returns the session."""
    session.register("creating-client-class.dynamodb", _extended)
    return session


def _extended(**named: Any) -> None:
    named["base_classes"].insert(0, ReusingCalls)
