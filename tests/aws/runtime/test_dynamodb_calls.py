"""A call whose request is made of the first one's is the call that botocore makes by itself."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.runtime.dynamodb_calls import REUSED, body_of, extend

from tests.examples import examples

OF_ONE_CALL = {"Authorization", "X-Amz-Date", "amz-sdk-invocation-id"}
"""Headers that differ from call to call."""
CONDITION = {
    "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    "message": "The conditional request failed", "Item": {"a": {"S": "b"}},
}  # fmt: skip


class Answer:
    """The body of a made-up answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


class Recorded:
    """A DynamoDB client whose requests are recorded, and answered in turn."""

    def __init__(self, *, extended: bool) -> None:
        session = get_session()
        session.set_credentials("key", "secret", "token")
        self.credentials = session.get_credentials()
        config = Config(
            parameter_validation=False, retries={"total_max_attempts": 3, "mode": "standard"}
        )
        made = extend(session) if extended else session
        self.client: Any = made.create_client("dynamodb", "ap-northeast-1", config=config)
        self.client.meta.events.register("before-send.dynamodb.*", self._send)
        self.sent: list[Any] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []

    def call(self, operation: str, request: dict[str, Any]) -> Any:
        return self.client._make_api_call(operation, request)

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(request)
        status, answer = self.answers.pop(0) if self.answers else (200, {})
        return AWSResponse(request.url, status, {}, Answer(json.dumps(answer).encode()))  # type: ignore[arg-type]  # the part of urllib3's that is read


@pytest.fixture(scope="module")
def clients() -> tuple[Recorded, Recorded]:
    """One that reuses requests, warm in all operations; and one of botocore alone."""
    reusing, plain = Recorded(extended=True), Recorded(extended=False)
    for operation in sorted(REUSED):
        reusing.call(operation, {"TableName": "warm"})
    return reusing, plain


def plain_headers(request: Any) -> dict[str, str]:
    """The headers that are the same in each call; botocore's own statistics are left out."""
    headers = {name: str(value) for name, value in request.headers.items()}
    headers["User-Agent"] = re.sub(r" m/\S+", "", headers["User-Agent"])
    return {name: headers[name] for name in headers.keys() - OF_ONE_CALL - {"Content-Length"}}


NAMES = st.text(max_size=6)
VALUES = st.recursive(
    st.one_of(
        st.builds(dict, S=st.text(max_size=8)), st.builds(dict, N=st.integers().map(str)),
        st.builds(dict, B=st.binary(max_size=8)), st.builds(dict, BOOL=st.booleans()),
        st.builds(dict, NULL=st.just(True)), st.builds(dict, SS=st.lists(NAMES, max_size=3)),
        st.builds(dict, BS=st.lists(st.binary(max_size=4), max_size=3)),
    ),
    lambda inner: st.one_of(
        st.builds(dict, L=st.lists(inner, max_size=3)),
        st.builds(dict, M=st.dictionaries(NAMES, inner, max_size=3)),
    ),
    max_leaves=4,
)  # fmt: skip
ITEMS = st.dictionaries(NAMES, VALUES, max_size=3)
REQUESTS = {
    "PutItem": st.builds(
        dict, TableName=NAMES, Item=ITEMS, ConditionExpression=NAMES,
        ExpressionAttributeNames=st.dictionaries(NAMES, NAMES, max_size=2),
        ExpressionAttributeValues=ITEMS, ReturnValuesOnConditionCheckFailure=st.just("ALL_OLD"),
    ),
    "GetItem": st.builds(dict, TableName=NAMES, Key=ITEMS, ConsistentRead=st.booleans()),
    "Query": st.builds(
        dict, TableName=NAMES, KeyConditionExpression=NAMES, Limit=st.integers(1, 9),
        ExclusiveStartKey=ITEMS, ExpressionAttributeValues=ITEMS,
    ),
    "UpdateItem": st.builds(
        dict, TableName=NAMES, Key=ITEMS, UpdateExpression=NAMES, ExpressionAttributeValues=ITEMS,
    ),
}  # fmt: skip
CALLS = st.one_of(*(st.tuples(st.just(name), made) for name, made in REQUESTS.items()))


@examples(60)
@given(CALLS)
def test_any_request_is_sent_as_botocore_sends_it(
    clients: tuple[Recorded, Recorded], made: tuple[str, dict[str, Any]]
) -> None:
    operation, request = made
    sent = []
    for one in clients:
        one.call(operation, request)
        sent.append(one.sent[-1])
    reused, plain = sent
    assert (reused.method, reused.url) == (plain.method, plain.url)
    assert json.loads(reused.body) == json.loads(plain.body)
    headers = [plain_headers(one) for one in sent]
    assert headers[0] == headers[1]
    assert set(reused.headers) >= OF_ONE_CALL


def test_a_request_that_was_made_serves_its_own_operation_only(
    clients: tuple[Recorded, Recorded],
) -> None:
    reusing, _ = clients
    reusing.call("PutItem", {"TableName": "a", "Item": {}})
    assert reusing.sent[-1].headers["X-Amz-Target"].decode() == "DynamoDB_20120810.PutItem"
    tokens = set()
    for _ in range(2):
        put = {"Put": {"TableName": "a", "Item": {}}}
        reusing.call("TransactWriteItems", {"TransactItems": [put]})
        tokens.add(json.loads(reusing.sent[-1].body)["ClientRequestToken"])
    assert len(tokens) == 2, "each transaction has its own"


def test_answers_retries_and_errors_are_those_of_botocore(
    clients: tuple[Recorded, Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    throttled = (400, {"__type": "x#ProvisionedThroughputExceededException"})
    for answers in (
        [(200, {"Attributes": {"a": {"B": "aGk="}}})], [(400, CONDITION)], [(500, {}), (200, {})],
        [(500, {})] * 3, [throttled] * 3, [throttled, (400, CONDITION)],
    ):  # fmt: skip
        reused, plain = (outcome(one, answers) for one in clients)
        assert reused == plain
        assert reused[-1] == len(answers), "tried again as often"
    assert waits


def outcome(one: Recorded, answers: list[tuple[int, dict[str, Any]]]) -> tuple[Any, ...]:
    """What a call comes to, with the number of its requests last."""
    one.answers, before = list(answers), len(one.sent)
    try:
        found = one.call("PutItem", {"TableName": "a", "Item": {}})
    except ClientError as error:
        kind = type(error).__name__, str(error), error.response.get("Item")
        return (*kind, error.response["Error"], len(one.sent) - before)
    return found.get("Attributes"), found["ResponseMetadata"], len(one.sent) - before


def test_events_are_those_of_botocore(clients: tuple[Recorded, Recorded]) -> None:
    seen: list[list[str]] = []
    for one in clients:
        names: list[str] = []

        def note(event_name: str, names: list[str] = names, **_: Any) -> None:
            names.append(event_name)

        for event in ("before-call", "request-created", "before-sign", "needs-retry", "after-call"):
            one.client.meta.events.register(f"{event}.dynamodb.PutItem", note)
        one.call("PutItem", {"TableName": "a", "Item": {}})
        seen.append(names)
    assert seen[0] == seen[1]
    assert len(seen[0]) == 5


def test_other_credentials_sign_the_next_call(clients: tuple[Recorded, Recorded]) -> None:
    reusing, _ = clients
    for key in ("first", "second"):
        reusing.credentials.access_key = key
        reusing.call("GetItem", {"TableName": "a", "Key": {}})
        assert f"Credential={key}/" in reusing.sent[-1].headers["Authorization"].decode()


def test_what_dynamodb_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="no set"):
        body_of({"Item": {"a": {"SS": {"x"}}}})
