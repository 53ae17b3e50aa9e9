"""A schedule that invokes a function regularly."""

from collections.abc import Mapping

from aws_cdk import CfnCondition, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets

from .function import Function, resource_of


def regularly(
    function: Function,
    message: Mapping[str, object],
    *,
    every: Duration | None = None,
    when: CfnCondition | None = None,
) -> None:
    """Invoke the function with a JSON object, each minute by default; a miss is not repeated."""
    role = iam.Role(
        function, "schedule_role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")
    )
    arn = function.resource.function_arn
    role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn]))
    schedule = scheduler.Schedule(
        function,
        "schedule",
        schedule=scheduler.ScheduleExpression.rate(every or Duration.minutes(1)),
        target=targets.LambdaInvoke(
            function.resource,
            input=scheduler.ScheduleTargetInput.from_object(dict(message)),
            role=role.without_policy_updates(),
            retry_attempts=0,
            max_event_age=Duration.minutes(1),
        ),
    )
    if when is not None:
        resource_of(schedule).cfn_options.condition = when
