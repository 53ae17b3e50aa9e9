"""Publishes the notifications that the signals table committed; a schedule republishes."""

from functools import cache

from signalengine_aws.application.publish_signals import PublishSignals
from signalengine_aws.messaging.records import Event, changes
from signalengine_aws.messaging.sns import SnsTopic
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.outbox import DynamoOutbox


@cache
def publish_signals() -> PublishSignals:
    env = config.load(config.PublishSignals)
    outbox = DynamoOutbox(env.signals_table)
    return PublishSignals(outbox=outbox, topic=SnsTopic(clients.sns(), env.topic_arn))


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        signals = publish_signals()
        if event.get("republish") is True:
            line.count(republished=signals.republish(line))
            return
        signals.publish_all(changes(event), line)
