"""The API's token: comparison, the secret, and WebSocket connections."""

import pytest
from signalengine_aws.runtime.api_token import AccessError, ApiTokenAuth, read_token, shown
from signalengine_aws.runtime.config import ConfigError


@pytest.mark.parametrize("text", ["", "x", "[]", '{"api_token": 5}', '{"api_token": null}'])
def test_a_malformed_secret_raises(text: str) -> None:
    with pytest.raises(ConfigError):
        read_token(text)


def test_a_token_of_any_letters_is_compared() -> None:
    auth = ApiTokenAuth(lambda: "tökén")
    assert auth.check({"x-api-key": "tökén"})
    with pytest.raises(AccessError):
        auth.check({"x-api-key": "token"})
    assert shown({"authorization": "Bearer a", "x-api-key": "b"}) == "a"


@pytest.mark.parametrize("given", ["\ud800", "to\udfffken", "\udc80" * 99])
def test_text_without_a_form_in_utf_8_is_a_wrong_token(given: str) -> None:
    auth = ApiTokenAuth(lambda: "token")
    with pytest.raises(AccessError, match="not the token"):
        auth.check({"authorization": f"Bearer {given}"})
    with pytest.raises(AccessError, match="not the token"):
        auth.admit("c1", given)
    assert auth.unauthenticated({"c1": given}) == {"c1"}


def test_a_connection_stays_authenticated_until_the_token_changes() -> None:
    token = ["one"]
    auth = ApiTokenAuth(lambda: token[0])
    mark = auth.admit("c1", "one")
    with pytest.raises(AccessError):
        auth.admit("c2", "another")
    assert auth.unauthenticated({"c1": mark, "c2": mark}) == {"c2"}
    token[0] = "two"
    assert auth.unauthenticated({"c1": mark}) == {"c1"}


def test_the_token_is_read_again_before_a_connection_is_rejected() -> None:
    auth = ApiTokenAuth(lambda: "old", renewed=lambda: "new")
    mark = ApiTokenAuth(lambda: "new").admit("c1", "new")
    assert auth.unauthenticated({"c1": mark}) == set()


def test_an_empty_token_lets_nobody_in_where_not_everyone_may_read() -> None:
    auth = ApiTokenAuth(lambda: "", public=False)
    for attempt in (lambda: auth.check({}), lambda: auth.admit("c1", ""), lambda: auth.check(KEY)):
        with pytest.raises(AccessError, match="is not set"):
            attempt()
    assert auth.unauthenticated({"c1": "", "c2": "mark"}) == {"c1", "c2"}
    again = ApiTokenAuth(lambda: "", renewed=lambda: "new", public=False)
    mark = ApiTokenAuth(lambda: "new", public=False).admit("c1", "new")
    assert again.unauthenticated({"c1": mark}) == set()


KEY = {"x-api-key": ""}


def test_without_a_token_every_connection_is_authenticated() -> None:
    auth = ApiTokenAuth(lambda: "")
    assert auth.admit("c1", None) == ""
    assert auth.unauthenticated({"c1": "", "c2": "mark of an old token"}) == set()
