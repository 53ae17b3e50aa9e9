"""The stream of facts, and the queue of dead letters."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class Feed(Construct):
    """One shard carries 1 MB and 1,000 records a second: some 500 symbols.

    `stream` has the facts; `dead_letters` has invalid records, each with its reason, and notices
    of batches that a stream mapping gave up.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.stream = kinesis.Stream(
            self,
            "stream",
            shard_count=1,
            retention_period=Duration.hours(24),
            encryption=kinesis.StreamEncryption.MANAGED,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.dead_letters = sqs.Queue(
            self,
            "dead_letters",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
