"""Packed JSON: every text comes back to the character, and damage is an error of one kind."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.kinds import EVENT_KINDS
from signalengine.signals import Event, to_json
from signalengine_aws.runtime.packed_json import DICTIONARY, FORM, packed, text_of, unpacked
from signalengine_aws.runtime.stored_fields import versioned

from tests.core.samples import evaluation
from tests.examples import examples

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@examples(200)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_every_json_text_comes_back_to_the_character(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, separators=(",", ":"))
    data = packed(text)
    assert unpacked(data) == text
    assert text_of({"B": data}) == text_of({"B": b64encode(data).decode()}) == text
    assert text_of({"S": text}) == text


@examples(200)
@given(st.binary(max_size=60), st.data())
def test_damaged_bytes_are_a_value_error(junk: bytes, data: st.DataObject) -> None:
    whole = packed(versioned(to_json(evaluation())))
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError, match=r"packed in the form|damaged|decode"):
        unpacked(whole[:cut])
    try:
        text = unpacked(bytes([FORM]) + junk)
    except ValueError:
        return
    assert isinstance(text, str)


@pytest.mark.parametrize("value", [{"N": "7"}, {"NULL": True}, {"L": []}, {"M": {}}, {}])
def test_an_attribute_of_another_type_is_a_type_error(value: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="a text is an S or a B"):
        text_of(value)


@pytest.mark.parametrize("text", ["\0", '"\1"'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        packed(text)


def test_a_packed_text_is_read_by_every_later_version() -> None:
    """Stored once, byte for byte: neither the dictionary nor the division may change."""
    stored = bytes.fromhex(STORED)
    assert json.loads(unpacked(stored)) == {"close_time": 1747612860000, "verdict": "tie", "v": 1}


STORED = "01c36866215ae12599a9b09637a3a1b989b999a1918599818181818e2100"


def test_an_evaluation_with_several_events_takes_one_write_unit() -> None:
    """All 17 digits of every feature, beside 150 bytes of keys and other attributes."""
    plain = evaluation()
    number = 0.12345678901234567
    many = {
        interval: {name: number * (i + 1) * (k + 7) for k, name in enumerate(row)}
        for i, (interval, row) in enumerate(plain.features.items())
    }
    context = {name: number * (k + 3) for k, name in enumerate(plain.context)}
    events = tuple(
        Event(kind.name, "1m", "long", number / (k + 1), dict.fromkeys(kind.details, number * k))
        for k, kind in enumerate(EVENT_KINDS[:3])
    )
    full = evaluation(features=many, context=context, events=events)
    assert len(packed(versioned(to_json(full)))) <= 1024 - 150


def test_the_dictionary_names_every_field() -> None:
    text = to_json(evaluation(events=()))
    for name in json.loads(text)["features"]["1m"] | json.loads(text)["context"]:
        assert f'"{name}":'.encode() in DICTIONARY
    for kind in EVENT_KINDS:
        assert f'"kind":"{kind.name}"'.encode() in DICTIONARY
