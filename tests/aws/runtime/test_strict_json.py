"""JSON of callers: what Python reads beyond the standard is refused."""

import pytest
from signalengine_aws.runtime.strict_json import read_json


@pytest.mark.parametrize(
    "text",
    ["", "x", "NaN", "[Infinity]", '{"a": -Infinity}', "1e999", '{"a": [-1e999]}', "[" * 99_999,
     "9" * 9_999],
)  # fmt: skip
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_json(text)


def test_json_is_read() -> None:
    assert read_json('{"a": [1, -2.5e3, null, "\\u00e9"]}') == {"a": [1, -2500.0, None, "é"]}
