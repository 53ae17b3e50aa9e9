"""What a stack has of its destinations: the secret, the preferences, and whether it serves them."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.destinations import DestinationSecret, read_destinations
from signalengine_aws.delivery.queue import SqsForwarding
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions
from signalengine_aws.runtime.channels import QUEUES
from signalengine_aws.runtime.secrets import parameter_name, secret_by

from infra.cli.deliveries.stack import StackAccess
from infra.errors import CommandError

MOST_BYTES: Final = 4_096
"""Of a parameter that is free; a secret of Secrets Manager may have sixteen times as many."""
RETENTION_S: Final = 14 * 24 * 3600
"""Of a message of a queue that is read."""
VARIABLES: Final = {
    "region_name": "AWS_DEFAULT_REGION",
    "endpoint_url": "AWS_ENDPOINT_URL",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
}


@dataclass(frozen=True, slots=True)
class ChannelStore:
    """One stack, by the clients that `client` makes of AWS's services."""

    client: Callable[[str], Any]
    outputs: Mapping[str, str]
    subscriptions: DynamoSubscriptions
    deliveries: DynamoDeliveries

    @property
    def secret_arn(self) -> str:
        return self.outputs["ChannelsSecretArn"]

    def secret(self) -> dict[str, Any]:
        """Return the fields of the secret; raises CommandError for one of another form."""
        text = secret_by(self.client, self.secret_arn)
        read_destinations(text)
        raw: dict[str, Any] = json.loads(text)
        return {"allowed": [], "destinations": {}, **raw}

    def destinations(self) -> DestinationSecret:
        return read_destinations(secret_by(self.client, self.secret_arn))

    def write_secret(self, raw: Mapping[str, Any]) -> None:
        """Replace the secret; raises CommandError when it is too long for its place."""
        self.put(self.secret_arn, json.dumps(raw))

    def put(self, arn: str, text: str) -> None:
        """Replace the text of a secret; raises CommandError when it is too long for its place."""
        name = parameter_name(arn)
        if not name:
            secrets = self.client("secretsmanager")
            secrets.put_secret_value(SecretId=arn, SecretString=text)
            return
        if len(text.encode()) > MOST_BYTES:
            raise CommandError(
                "the destinations do not fit into a free parameter (4 KB)",
                "signalengine deploy -p SecretsIn=secrets-manager ($1.20 a month)",
            )
        self.client("ssm").put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=True)

    def queue(self) -> SqsForwarding:
        return SqsForwarding(self.client("sqs"), self.outputs["ChannelsQueueUrl"])

    def serve(self) -> bool:
        """Have the queue read, if it is not; returns whether this did it.

        What came while nobody was to get it is deleted first: its signals are past. From then on
        messages are kept as long as they may have to wait, as the template says of such a queue.
        """
        sqs, lambdas, url = self.client("sqs"), self.client("lambda"), self._url
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        found = lambdas.list_event_source_mappings(EventSourceArn=arn["Attributes"]["QueueArn"])
        off = [one["UUID"] for one in found["EventSourceMappings"] if "isabl" in one["State"]]
        if off:
            sqs.purge_queue(QueueUrl=url)
            retention = {"MessageRetentionPeriod": str(RETENTION_S)}
            sqs.set_queue_attributes(QueueUrl=url, Attributes=retention)
        for uuid in off:
            lambdas.update_event_source_mapping(UUID=uuid, Enabled=True)
        return bool(off)

    def served(self) -> bool:
        """Return whether the queue is read."""
        arn = self.client("sqs").get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        found = self.client("lambda").list_event_source_mappings(EventSourceArn=arn)
        return all("isabl" not in one["State"] for one in found["EventSourceMappings"])

    @property
    def _url(self) -> str:
        return self.outputs["ChannelsQueueUrl"]


def store_of(stack: StackAccess) -> ChannelStore:
    """Return a stack's destinations; the process is its operator's from here on."""
    if "ChannelsSecretArn" not in stack.outputs:
        raise CommandError("this stack has no other channels than Telegram", "deploy it again")
    os.environ.update({VARIABLES[name]: str(value) for name, value in stack.options.items()})
    return ChannelStore(
        stack.client,
        stack.outputs,
        DynamoSubscriptions(stack.outputs["SubscriptionsTable"]),
        DynamoDeliveries(stack.outputs["DeliveriesTable"], audiences=QUEUES["channels"]),
    )
