"""Tells what the table of signals committed; the schedule tells what was forgotten."""

from functools import cache

from signalengine_aws import clients, config
from signalengine_aws.observability import invocation
from signalengine_aws.outbox import DynamoOutbox
from signalengine_aws.publishing import Publishing
from signalengine_aws.records import Event, changes
from signalengine_aws.topics import SnsTopic


@cache
def publishing() -> Publishing:
    env = config.load(config.PublishSignals)
    outbox = DynamoOutbox(env.signals_table)
    return Publishing(outbox=outbox, topic=SnsTopic(clients.sns(), env.topic_arn))


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        tell = publishing()
        if event.get("republish") is True:
            line.count(republished=tell.republish())
            return
        for change in changes(event):
            line.count(records=1, published=tell.publish(change))
