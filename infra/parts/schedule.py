"""A schedule that invokes a function every minute."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets

from .function import Function


def every_minute(function: Function, message: Mapping[str, object]) -> None:
    """Invoke the function each minute with a JSON object; a missed minute is not repeated."""
    role = iam.Role(
        function, "schedule_role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")
    )
    arn = function.resource.function_arn
    role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn]))
    scheduler.Schedule(
        function,
        "schedule",
        schedule=scheduler.ScheduleExpression.rate(Duration.minutes(1)),
        target=targets.LambdaInvoke(
            function.resource,
            input=scheduler.ScheduleTargetInput.from_object(dict(message)),
            role=role.without_policy_updates(),
            retry_attempts=0,
            max_event_age=Duration.minutes(1),
        ),
    )
