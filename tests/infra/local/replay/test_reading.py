"""Parts that have ended are left out of a partial report, and named."""

import pytest
import requests
from botocore.exceptions import EndpointConnectionError

from infra.local.replay.reading import Reader


class Part:
    """A part of a system, which may have ended."""

    def __init__(self, error: Exception | None) -> None:
        self.error, self.reads = error, 0

    def read(self) -> int:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return 7


ENDED = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


@pytest.mark.parametrize("error", [ENDED, requests.ConnectionError("refused")])
def test_a_part_that_ended_is_tried_once_and_named(error: Exception) -> None:
    unread: list[str] = []
    read, part = Reader("AWS", unread, partial=True), Part(error)
    assert [read(part.read, 0), read(part.read, 1)] == [0, 1]
    assert part.reads == 1
    assert unread == [f"AWS: {type(error).__name__}"]


def test_a_part_that_answers_is_read() -> None:
    unread: list[str] = []
    read, part = Reader("AWS", unread, partial=True), Part(None)
    assert [read(part.read, 0), read(part.read, 0)] == [7, 7]
    assert unread == []


def test_a_whole_report_has_no_part_left_out() -> None:
    with pytest.raises(EndpointConnectionError):
        Reader("AWS", [], partial=False)(Part(ENDED).read, 0)
