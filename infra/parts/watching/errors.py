"""Errors of all functions, counted as one metric from their logs.

The metric of each function's errors would be one for each in an alarm, and each is charged. A
filter costs nothing, and its metric only in hours with an error.
"""

from collections.abc import Iterable
from typing import Final

from aws_cdk import CfnCondition
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..function import Function, metrics_namespace

METRIC: Final = "FunctionErrors"
OUR_LINE: Final = '{ $.level = "ERROR" }'
"""The line of an invocation that failed, as `runtime.observability` writes it."""
LAMBDAS_LINES: Final = ("[ERROR]", "Task timed out", "Runtime exited")
"""What Lambda writes of a failure that the function cannot log: at import, of time or memory."""


class ErrorMetric(Construct):
    """Two filters a function: what it logs itself, and what Lambda logs of it."""

    def __init__(
        self, scope: Construct, name: str, *, functions: Iterable[Function], when: CfnCondition
    ) -> None:
        super().__init__(scope, name)
        terms = " ".join(f'?"{words}"' for words in LAMBDAS_LINES)
        for function in functions:
            for kind, pattern in (("logged", OUR_LINE), ("of_lambda", terms)):
                resource = logs.CfnMetricFilter(
                    self,
                    f"{function.node.id}_{kind}",
                    log_group_name=function.log.log_group_name,
                    filter_pattern=pattern,
                    metric_transformations=[
                        logs.CfnMetricFilter.MetricTransformationProperty(
                            metric_namespace=metrics_namespace(self),
                            metric_name=METRIC,
                            metric_value="1",
                        )
                    ],
                )
                resource.cfn_options.condition = when
