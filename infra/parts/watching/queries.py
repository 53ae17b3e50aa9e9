"""Saved queries of CloudWatch Logs Insights, over the logs of all functions.

Every line of a bar's path has the fields `symbols`, `close_times` and `signals`, as
`runtime.observability` names them: change the symbol and the close in the query, and run it.
"""

from collections.abc import Iterable
from typing import Final

from aws_cdk import CfnCondition, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..function import Function

QUERIES: Final = {
    "a bar's path": """\
fields @timestamp, service, message, symbols, close_times, signals, lag_ms, ms, error
| filter symbols like /\\bBTCUSDT\\b/ and close_times like /\\b1747620059999\\b/
| sort @timestamp asc
| limit 200""",
    "a signal's path": """\
fields @timestamp, service, message, symbols, close_times, signals, ms, errors, error
| filter signals like /\\b0123456789abcdef01234567\\b/
| sort @timestamp asc
| limit 200""",
    "errors": """\
fields @timestamp, service, error, request_id, @message
| filter level = "ERROR" or @message like /Task timed out|Runtime exited|\\[ERROR\\]/
| sort @timestamp desc
| limit 100""",
    "how late each function is": """\
filter ispresent(ms)
| stats count() as invocations, pct(ms, 50) as p50_ms, pct(ms, 95) as p95_ms, max(lag_ms) as lag_ms
  by service, bin(5m)
| sort service asc""",
    "what was set aside": """\
fields @timestamp, service, dead_letters, dead_lettered, unreadable, unreadable_reason, errors
| filter ispresent(dead_letters) or ispresent(dead_lettered) or ispresent(unreadable)
| sort @timestamp desc
| limit 100""",
    "the probe": """\
fields @timestamp, message, heartbeat_age_ms, ms, degraded, error
| filter service = "probe_service"
| sort @timestamp desc
| limit 100""",
}
"""By name. `\\b` ends a word, so that BTCUSDT is not found in XBTCUSDT."""


class Queries(Construct):
    """The queries, in a folder with the stack's name."""

    def __init__(
        self, scope: Construct, name: str, *, functions: Iterable[Function], when: CfnCondition
    ) -> None:
        super().__init__(scope, name)
        groups = [function.log.log_group_name for function in functions]
        for number, (title, text) in enumerate(QUERIES.items()):
            query = logs.CfnQueryDefinition(
                self,
                f"query{number}",
                name=f"{Stack.of(self).stack_name}/{title}",
                query_string=text,
                log_group_names=groups,
            )
            query.cfn_options.condition = when
