"""Whom alarms and the budget reach: one topic, by e-mail and through the bot.

The bot's function sends by itself, without the queue and the sender of signals, so that trouble of
these is reported too. When Telegram or its token fails, the e-mail is what arrives, and the notice
that could not be sent goes to the dead letters.
"""

from aws_cdk import Duration, Fn, Stack, Token
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..function import Function
from ..settings import Settings


class Notices(Construct):
    """The topic, its subscribers, and the budget, which notifies it too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        bot: Function,
        failures: sqs.Queue,
    ) -> None:
        """`bot` sends a notice to the operators; one that it cannot send goes to `failures`."""
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "topic", enforce_ssl=True)
        self._permit_publishers()
        email = sns.CfnSubscription(
            self,
            "email",
            topic_arn=self.topic.topic_arn,
            protocol="email",
            endpoint=settings.alarm_email,
        )
        email.cfn_options.condition = settings.alarms_by_email
        self.topic.add_subscription(subscriptions.LambdaSubscription(bot.resource))
        bot.allow(["sqs:SendMessage"], [failures.queue_arn])
        bot.resource.configure_async_invoke(
            max_event_age=Duration.hours(1),
            retry_attempts=2,
            on_failure=destinations.SqsDestination(failures),
        )
        self._budget(settings)

    def _permit_publishers(self) -> None:
        """Permit the stack's alarms and the account's budgets to publish, and nobody else.

        A topic with a policy of its own no longer permits its whole account.
        """
        stack = Stack.of(self)
        alarms = f"arn:aws:cloudwatch:{stack.region}:{stack.account}:alarm:{stack.stack_name}-*"
        self.topic.add_to_resource_policy(self._from("cloudwatch", alarms))
        self.topic.add_to_resource_policy(
            self._from("budgets", f"arn:aws:budgets::{stack.account}:*")
        )

    def _from(self, service: str, source: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[self.topic.topic_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                "ArnLike": {"aws:SourceArn": source},
            },
        )

    def _budget(self, settings: Settings) -> None:
        """Add a budget of the account's costs: spent, and expected to be spent this month."""
        notifications = [
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN", notification_type=kind, threshold=100
                ),
                subscribers=[
                    budgets.CfnBudget.SubscriberProperty(
                        address=self.topic.topic_arn, subscription_type="SNS"
                    )
                ],
            )
            for kind in ("ACTUAL", "FORECASTED")
        ]
        budget = budgets.CfnBudget(
            self,
            "budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=Fn.join("-", [Stack.of(self).stack_name, "month"]),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(
                    amount=Token.as_number(settings.budget_usd), unit="USD"
                ),
            ),
            notifications_with_subscribers=notifications,
        )
        budget.cfn_options.condition = settings.budgeted
