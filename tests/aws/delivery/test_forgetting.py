"""Forgetting an address: its two rows are removed, those of others stay."""

from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.forgetting import forget
from signalengine_aws.delivery.pacing import AddressState, parked
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from tests.aws.world import World

ONE, OTHER = "telegram:1", "telegram:2"


def test_the_rows_of_an_address_are_removed_and_again_is_harmless(world: World) -> None:
    subscriptions = DynamoSubscriptions("subscriptions_table")
    deliveries = DynamoDeliveries("deliveries_table")
    for channel in (ONE, OTHER):
        subscriptions.save(Subscription(channel))
        deliveries.save_address_state(parked(AddressState(channel), 1, "refused"))
    for _ in range(2):
        forget(ONE, subscriptions, deliveries)
        assert [one.channel for one in subscriptions.all()] == [OTHER]
        assert [one.channel for one in deliveries.address_states()] == [OTHER]
        assert deliveries.address_state(ONE) == AddressState(ONE)
