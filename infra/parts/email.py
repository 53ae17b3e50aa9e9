"""E-mail by SES: who may send, and where SES reports bounces and complaints.

All of it exists only where an identity is named, a domain or an address that is verified in SES.
The reports come by the queue of the channels, and so are applied by the function that sends.
"""

from collections.abc import Sequence

from aws_cdk import CfnCondition, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .function import Function
from .settings import Settings

REPORTED = ("BOUNCE", "COMPLAINT")


class Email(Construct):
    """The configuration set of the stack's mails, and the rights to send with it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        queue: sqs.Queue,
        senders: Sequence[Function],
    ) -> None:
        """`queue` is that of the channels; `senders` are the functions that send mail."""
        super().__init__(scope, construct_id)
        self._when, self._stack = settings.sends_email, Stack.of(self)
        name = f"{self._stack.stack_name}-email"
        sets = ses.CfnConfigurationSet(
            self,
            "set",
            name=name,
            delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
        )
        sets.cfn_options.condition = self._when
        self._report(sets, self._topic(name, sets), queue)
        for function in senders:
            self._permit(function, settings.email_identity, name)

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
        policy = sns.CfnTopicPolicy(
            self,
            "policy",
            topics=[topic.ref],
            policy_document=iam.PolicyDocument(statements=[statement]),
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
