"""Decides each stored evaluation, in order: a decision, and perhaps a signal."""

from functools import cache

from signalengine.policy import default_policy
from signalengine_aws import config
from signalengine_aws.decisions import DynamoDecisions
from signalengine_aws.events import UnreadableError, stored_evaluation
from signalengine_aws.models import chosen_model
from signalengine_aws.observability import invocation
from signalengine_aws.recent import DynamoRecent
from signalengine_aws.records import Event, changes
from signalengine_aws.scoring import Scoring


@cache
def scoring() -> Scoring:
    env = config.load(config.ScoreEvents)
    tables = DynamoDecisions(env.decisions_table, env.cooldowns_table, env.signals_table)
    policy = default_policy()
    model = chosen_model(env.ai_enabled, env.ai_model_path, policy)
    recent = DynamoRecent(env.signals_table, env.bars_table)
    return Scoring(
        decisions=tables, policy=policy, code_version=env.code_version, model=model, recent=recent
    )


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        score = scoring().score
        for change in changes(event):
            try:
                evaluation = stored_evaluation(change)
            except UnreadableError as error:
                line.count(unreadable=1)
                line.note(unreadable_reason=str(error))
                continue
            decided = None if evaluation is None else score(evaluation)
            line.count(records=1, decided=int(decided is not None))
            if decided is not None:
                line.count(**{decided.decision.verdict.value: 1})
                line.measure("SignalsOpened", int(decided.signal is not None))
