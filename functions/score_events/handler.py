"""Decides each stored evaluation, in the order of time: a decision, and perhaps a signal."""

from functools import cache

from signalengine.policy import default_policy
from signalengine_aws.application.score_events import ScoreEvents, Stored
from signalengine_aws.application.sets.running_sets import RunningSets
from signalengine_aws.application.sets.scored_sets import ScoredSets
from signalengine_aws.messaging.dead_letters import DeadLetter, SqsDeadLetters, of_change
from signalengine_aws.messaging.records import Event, changes
from signalengine_aws.messaging.sns import traced
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.observability import LogLine, invocation
from signalengine_aws.runtime.stored_fields import UnreadableError
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.events import DynamoEventLog, key_of, stored_evaluation
from signalengine_aws.stores.model_store import chosen_model
from signalengine_aws.stores.recent_signals import DynamoRecent
from signalengine_aws.stores.registry import DynamoRegistry
from signalengine_aws.stores.state import DynamoFeed
from signalengine_aws.stores.strategies import Strategy


@cache
def parts() -> tuple[ScoreEvents, SqsDeadLetters]:
    env = config.load(config.ScoreEvents)
    decisions = DynamoDecisions(env.decisions_table, env.cooldowns_table, env.signals_table)
    policy = default_policy()
    model = chosen_model(env.ai_enabled, env.ai_model_path, policy)
    recent = DynamoRecent(env.signals_table, env.bars_table, env.state_table, env.cooldowns_table)
    scoring = ScoreEvents(
        decisions=decisions,
        policy=policy,
        code_version=env.code_version,
        model=model,
        recent=recent,
        sets=scored_sets(env),
    )
    return scoring, SqsDeadLetters(clients.sqs(), env.dead_letter_url, "score_events")


def scored_sets(env: config.ScoreEvents) -> ScoredSets:
    """Return the sets beside the policy of `classic`, each with stores of its own."""
    running = RunningSets(DynamoRegistry(env.strategies_table), "score_events")
    tables = (env.decisions_table, env.cooldowns_table, env.signals_table)
    recent = (env.signals_table, env.bars_table, env.state_table, env.cooldowns_table)
    return ScoredSets(
        running,
        decisions=lambda key: DynamoDecisions(*tables, strategy=Strategy(key)),
        recent=lambda key: DynamoRecent(*recent, strategy=Strategy(key)),
        closes=lambda key: DynamoEventLog(env.events_table, strategy=Strategy(key)),
        feed=DynamoFeed(env.state_table),
    )


def evaluations(event: Event, line: LogLine) -> tuple[list[Stored], list[DeadLetter]]:
    """Return a batch's evaluations in the order of time, and what cannot be read."""
    found, refused = [], []
    for change in changes(event):
        try:
            evaluation = stored_evaluation(change)
        except UnreadableError as error:
            line.count(unreadable=1)
            line.note(unreadable_reason=str(error))
            refused.append(of_change(change, key_of(change), str(error)))
            continue
        line.count(records=1)
        if evaluation is not None:
            found.append((change, evaluation))
    return sorted(found, key=lambda one: one[1].close_time), refused


def handler(event: Event, context: object) -> dict[str, list[str]] | None:
    """Process a batch; one that an operator replays gets no letters but the reasons."""
    with invocation(context) as line:
        scoring, dead_letters = parts()
        found, refused = evaluations(event, line)
        result = scoring.score_all(found, line)
        line.count(decided=len(result.decided), failed=len(result.failed))
        if result.parked:
            line.count(parked=len(result.parked))
            line.note(parked_reasons=result.parked)
        for decided in result.decided:
            line.count(**{decided.decision.verdict.value: 1})
            if decided.signal is not None:
                line.trace(*traced(decided.signal))
        letters = [*refused, *result.letters]
        again = event.get("redrive") is True
        line.count(dead_letters=0 if again else dead_letters.send(letters))
        for error in result.failed.values():
            raise error
    return {"refused": [letter.reason for letter in letters]} if again else None
