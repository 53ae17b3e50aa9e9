"""HTTP answers: JSON, entity tags, caching and compression."""

import gzip
from base64 import b64decode

import pytest
from signalengine_aws.api.responses import (
    SMALLEST_COMPRESSED,
    accepts_gzip,
    allowed,
    cache_control,
    finished,
    matches,
    problem,
    tag_of,
    to_json,
)


def test_nan_is_not_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"x": float("nan")})


def test_a_tag_matches_weakly_in_a_list_and_by_a_star() -> None:
    tag = tag_of("body")
    assert matches(tag, tag)
    assert matches(f'"other", {tag}', tag)
    assert matches(tag.removeprefix("W/"), tag)
    assert matches("*", tag)
    assert not matches('"other"', tag)
    assert not matches(None, tag)


def test_a_secured_answer_is_cached_by_the_client_only() -> None:
    assert cache_control(10, secured=True) == "private, max-age=10"
    assert cache_control(10, secured=False) == "public, max-age=10"
    assert cache_control(0, secured=True) == "no-cache"
    assert cache_control(0, secured=False, shared=True) == "public, max-age=0, s-maxage=15"
    assert cache_control(10, secured=True, shared=True) == "private, max-age=10"


def test_an_error_has_its_title() -> None:
    assert problem(404, "no such path", "/x") == (
        '{"type":"about:blank","title":"Not Found","status":404,'
        '"detail":"no such path","instance":"/x"}'
    )


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("br", False),
     ("", False)],
)  # fmt: skip
def test_gzip_is_negotiated(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_a_large_body_is_compressed_and_a_small_one_is_not() -> None:
    headers = {"accept-encoding": "gzip"}
    large = "x" * SMALLEST_COMPRESSED
    answer = finished({"statusCode": 200, "body": large}, headers, head=False)
    assert gzip.decompress(b64decode(answer["body"])).decode() == large
    small = finished({"statusCode": 200, "body": "x"}, headers, head=False)
    assert small["body"] == "x"


def test_head_is_allowed_where_get_is() -> None:
    assert allowed(["GET"]) == "GET, HEAD, OPTIONS"
    assert allowed(["POST"]) == "OPTIONS, POST"
