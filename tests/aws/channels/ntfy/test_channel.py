"""Topics of one server share its limits."""

from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.ntfy.channel import NtfyChannel
from signalengine_aws.delivery.destinations import Destination

from tests.channel_clients import MemoryDestinations, MemoryPoster

KNOWN = {
    "ntfy:a": Destination("a", "https://ntfy.example/one"),
    "ntfy:b": Destination("b", "https://ntfy.example/two"),
    "ntfy:user": Destination("user", "https://ntfy.example/two", {"secret": "tk_secret"}),
    "ntfy:other": Destination("other", "https://other.example/one"),
    "ntfy:wrong": Destination("wrong", "https://ntfy.example/"),
}


def test_topics_of_one_server_and_token_are_limited_together() -> None:
    poster = MemoryPoster(Response(200, {}, b""))
    channel = NtfyChannel(MemoryDestinations(dict(KNOWN)), poster)
    shared = {name: channel.limited_as(name) for name in ("a", "b", "user", "other")}
    assert shared["a"] == shared["b"]
    assert len(set(shared.values())) == 3
    assert not any("example" in one or "tk_" in one for one in shared.values())
    assert [channel.limited_as(name) for name in ("wrong", "gone")] == ["wrong", "gone"]
