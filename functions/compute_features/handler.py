"""Folds the facts of a batch into logs and evaluations; dead-letters malformed records."""

from functools import cache

from signalengine.policy import default_policy
from signalengine_aws.application.compute_features import (
    ComputeFeatures,
    advance_progress,
    conclude,
    read_facts,
    trace,
)
from signalengine_aws.application.sets.running_sets import RunningSets
from signalengine_aws.messaging.dead_letters import SqsDeadLetters
from signalengine_aws.messaging.records import Event, kinesis_records
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.clock import wall_ms
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.log.retained_states import DynamoRetainedStates
from signalengine_aws.stores.registry import DynamoRegistry
from signalengine_aws.stores.set_states import DynamoSetStates
from signalengine_aws.stores.state import DynamoFeed, DynamoStates


@cache
def parts() -> tuple[ComputeFeatures, DynamoFeed, SqsDeadLetters]:
    env = config.load(config.ComputeFeatures)
    dead_letters = SqsDeadLetters(clients.sqs(), env.dead_letter_url, "compute_features")
    features = ComputeFeatures(
        log=DynamoLog(env.bars_table),
        groups=DynamoGroups(env.state_table),
        states=DynamoStates(env.state_table),
        events=DynamoEvents(env.events_table),
        policy=default_policy(),
        send_letters=dead_letters.send,
        sets=RunningSets(DynamoRegistry(env.strategies_table), "compute_features"),
        set_states=DynamoSetStates(env.state_table, env.bars_table),
        retain=DynamoRetainedStates(env.bars_table).put,
    )
    return features, DynamoFeed(env.state_table), dead_letters


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        features, feed, dead_letters = parts()
        records = kinesis_records(event)
        groups, refused = read_facts(records)
        trace(line, groups)
        report = features.commit(groups)
        conclude(line, records, report, wall_ms())
        line.count(dead_letters=dead_letters.send(refused))
        advance_progress(feed, groups, wall_ms())
