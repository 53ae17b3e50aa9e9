"""Destinations by their names."""

import pytest
from signalengine_aws.channels.named import destination_of
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import UnreachableError

from tests.channel_clients import MemoryDestinations


def test_a_destination_is_found_by_its_channel_and_name() -> None:
    known = MemoryDestinations({"slack:team": Destination("team", "https://hooks.example/1")})
    assert destination_of(known, "slack", "team").url == "https://hooks.example/1"


@pytest.mark.parametrize("destination", [None, Destination("team", "")])
def test_a_name_without_an_address_parks_and_ends_nothing(destination: Destination | None) -> None:
    known = MemoryDestinations({"slack:team": destination} if destination else {})
    with pytest.raises(UnreachableError) as caught:
        destination_of(known, "slack", "team")
    assert not caught.value.by_recipient
