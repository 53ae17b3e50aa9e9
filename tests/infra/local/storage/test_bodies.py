"""Stored bodies: what is read is what was stored, or it is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.storage.bodies import checked, checksum, packed, unpacked
from infra.local.storage.errors import DamagedError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(value=VALUES)
def test_a_value_comes_back(value: Any) -> None:
    assert unpacked(packed(value)) == value


def test_a_long_body_is_compressed() -> None:
    assert len(packed("x" * 10_000)) < 200
    assert packed("x") == b'j"x"'


def test_another_body_or_another_key_is_refused() -> None:
    body = packed({"a": 1})
    total = checksum(body, 3, "h", 7)
    assert checked(body, total, 3, "h", 7) == {"a": 1}
    for changed, key in ((body[:-1] + b"]", (3, "h", 7)), (body, (3, "h", 8))):
        with pytest.raises(DamagedError, match="damaged") as refused:
            checked(changed, total, *key)
        assert "restore" in refused.value.fix
