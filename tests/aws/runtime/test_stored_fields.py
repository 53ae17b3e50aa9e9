"""Stored JSON of another version is read as far as it is known."""

from dataclasses import dataclass

import pytest
from signalengine_aws.runtime.stored_fields import read_fields


@dataclass(frozen=True)
class Counts:
    """A stored form."""

    since: int
    beats: int = 0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"since": 1, "beats": 2}, Counts(1, 2)),
        ({"since": 1}, Counts(1)),
        ({"since": 1, "of a newer version": 5}, Counts(1)),
        ({"beats": 2}, None),
        (None, None),
        ("text", None),
    ],
)
def test_what_is_known_is_read_and_what_is_needed_has_to_be_there(
    raw: object, expected: Counts | None
) -> None:
    assert read_fields(Counts, raw) == expected
