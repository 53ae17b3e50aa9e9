"""Folds the facts of a batch: bars, evaluations, states, and a letter for what is no fact."""

from functools import cache

from signalengine.policy import default_policy
from signalengine_aws import clients, config
from signalengine_aws.bars import DynamoBars
from signalengine_aws.clock import wall_ms
from signalengine_aws.dead_letters import SqsDeadLetters
from signalengine_aws.events import DynamoEvents
from signalengine_aws.folding import Folding, conclude, newest_close, read_facts
from signalengine_aws.observability import invocation
from signalengine_aws.records import Event, kinesis_records
from signalengine_aws.state import DynamoFeed, DynamoStates


@cache
def parts() -> tuple[Folding, DynamoFeed, SqsDeadLetters]:
    env = config.load(config.ComputeFeatures)
    folding = Folding(
        states=DynamoStates(env.state_table),
        bars=DynamoBars(env.bars_table),
        events=DynamoEvents(env.events_table),
        policy=default_policy(),
    )
    letters = SqsDeadLetters(clients.sqs(), env.dead_letter_url, "compute_features")
    return folding, DynamoFeed(env.state_table), letters


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        folding, feed, letters = parts()
        records = kinesis_records(event)
        groups, refused = read_facts(records)
        report = folding.commit(groups)
        conclude(line, records, report, wall_ms())
        line.measure("DeadLetters", letters.send([*refused, *report.refused]))
        feed.put_progress(newest_close(groups))
