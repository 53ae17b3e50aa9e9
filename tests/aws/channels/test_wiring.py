"""The channels of the queue are those of the registry."""

from signalengine_aws.channels.http.client import OutboundClient
from signalengine_aws.channels.wiring import MAKERS, Outside, channels
from signalengine_aws.delivery.destinations import Destinations
from signalengine_aws.runtime.channels import served_by

from tests.aws.fakes import ManualClock


def test_each_registered_channel_of_the_queue_is_made() -> None:
    outside = Outside(Destinations(lambda: "{}"), OutboundClient(), ManualClock())
    made = [one.name for one in channels(outside)]
    assert made == list(MAKERS)
    assert sorted(made) == sorted(served_by("channels"))
