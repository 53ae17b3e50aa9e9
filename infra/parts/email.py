"""E-mail by SES: who may send, and where SES reports bounces and complaints.

All of it exists only where an identity is named, a domain or an address that is verified in SES.
The reports come by the queue of the channels, and so are applied by the function that sends.
"""

from typing import Final

from aws_cdk import CfnCondition, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .channel import EMAIL_ALERTS
from .channels import COUNTED, Channels
from .function import Function
from .shared import Shared

REPORTED = ("BOUNCE", "COMPLAINT")
CONTACTS: Final = "contacts"
"""Partition of the table of preferences that has the addresses."""
ENDED: Final = "ended contacts"
"""That which has until when the links of earlier confirmation mails are refused."""
COMPLAINED: Final = "complaints"
PREFERENCES: Final = "email"
"""That which has the preferences of subscribers by e-mail, and no one else's."""
STORED: Final = (CONTACTS, ENDED, COMPLAINED, PREFERENCES)


class Email(Construct):
    """answer_email, the configuration set of the stack's mails, and the rights to send with it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, shared: Shared, channels: Channels
    ) -> None:
        super().__init__(scope, construct_id)
        self.answer_email = self._function(shared, channels.secret_arn)
        settings = shared.settings
        self._when, self._stack = settings.sends_email, Stack.of(self)
        name = f"{self._stack.stack_name}-email"
        sets = ses.CfnConfigurationSet(
            self,
            "set",
            name=name,
            delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
        )
        sets.cfn_options.condition = self._when
        self._report(sets, self._topic(name, sets), channels.queue)
        for function in (self.answer_email, channels.send_channels):
            self._permit(function, settings.email_identity, name)

    def link(self, dashboard: str) -> None:
        """Set the address of the dashboard, which links in confirmation mails are below."""
        self.answer_email.set_environment({"DASHBOARD_URL": dashboard})

    def believe(self, front_key: str) -> None:
        """Take the viewer's address from requests that have this key: CloudFront's."""
        self.answer_email.set_environment({"FRONT_KEY": front_key})

    def _function(self, shared: Shared, secret_arn: str) -> Function:
        function = Function(
            self,
            "answer_email",
            platform=shared.platform,
            description="Subscribes and ends e-mail addresses, at their owners' word",
            timeout_s=29,  # API Gateway waits no longer
        )
        function.limit(shared.settings.reserved_concurrency())
        function.set_environment({"CHANNELS_SECRET_ARN": secret_arn})
        function.reads_secret(secret_arn, shared.settings.secrets_in)
        subscriptions = shared.storage.subscriptions
        function.uses(subscriptions, "GetItem", keys=(*STORED, COUNTED))
        function.uses(subscriptions, "PutItem", keys=(CONTACTS, ENDED, PREFERENCES))
        function.uses(subscriptions, "DeleteItem", keys=(CONTACTS, COMPLAINED, EMAIL_ALERTS))
        function.uses(subscriptions, "UpdateItem", keys=(COUNTED,))
        function.uses(subscriptions, "Query", keys=(EMAIL_ALERTS,))  # of an address that leaves
        function.uses(shared.storage.calls, "UpdateItem")
        return function

    def _topic(self, name: str, sets: ses.CfnConfigurationSet) -> str:
        """Make the topic that SES alone publishes on; return its ARN."""
        topic = sns.CfnTopic(self, "topic", topic_name=name)
        arn = f"arn:aws:sns:{self._stack.region}:{self._stack.account}:{name}"
        source = f"arn:aws:ses:{self._stack.region}:{self._stack.account}:configuration-set/{name}"
        statement = iam.PolicyStatement(
            principals=[iam.ServicePrincipal("ses.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[arn],
            conditions={
                "StringEquals": {"AWS:SourceAccount": self._stack.account},
                "ArnEquals": {"AWS:SourceArn": source},
            },
        )
        over_tls = iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sns:Publish"],
            resources=[arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        policy = sns.CfnTopicPolicy(
            self,
            "policy",
            topics=[topic.ref],
            policy_document=iam.PolicyDocument(statements=[over_tls, statement]),
        )
        for one in (topic, policy):
            one.cfn_options.condition = self._when
        sets.add_dependency(policy)
        return arn

    def _report(self, sets: ses.CfnConfigurationSet, topic: str, queue: sqs.Queue) -> None:
        destination = ses.CfnConfigurationSetEventDestination(
            self,
            "reports",
            configuration_set_name=sets.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                enabled=True,
                matching_event_types=list(REPORTED),
                sns_destination=ses.CfnConfigurationSetEventDestination.SnsDestinationProperty(
                    topic_arn=topic
                ),
            ),
        )
        subscription = sns.CfnSubscription(
            self,
            "subscription",
            topic_arn=topic,
            protocol="sqs",
            endpoint=queue.queue_arn,
            raw_message_delivery=True,
        )
        subscription.add_dependency(sets)  # and by it the topic
        for one in (destination, subscription):
            one.cfn_options.condition = self._when
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": topic}},
            )
        )

    def _permit(self, function: Function, identity: str, name: str) -> None:
        """Permit a function to send, as this identity and with this configuration set."""
        within = f"arn:aws:ses:{self._stack.region}:{self._stack.account}"
        arns = [f"{within}:identity/{identity}", f"{within}:configuration-set/{name}"]
        condition: CfnCondition = self._when
        function.allow_if(condition, "send_mail", ["ses:SendEmail", "ses:SendRawEmail"], arns)
