"""What cannot be made again: tables, archive and secrets, in a stack of their own.

The stack of the code is deployed, replaced and deleted without it. AWS refuses to delete this one,
and what is in it stays even then.
"""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from .parts.archive import PATH, archive_bucket
from .parts.data.references import publish
from .parts.data.secrets import API, CHANNELS, OPERATOR, PLACE, PUBLIC, TELEGRAM, SecretStore
from .parts.data.storage import Storage
from .settings import Stage


class SignalEngineData(Stack):
    """The stored data, and the parameters by which the code finds it."""

    def __init__(self, scope: Construct, stage: Stage, *, region: str) -> None:
        super().__init__(
            scope,
            stage.data,
            env={"region": region},
            description="SignalEngine: tables, archive and secrets",
            analytics_reporting=False,
            termination_protection=True,
        )
        storage = Storage(self, "Storage")
        for table in storage.tables:
            self._output(table.output, table.resource.table_name)
            publish(self, stage, f"tables/{table.name}", table.resource.table_name)
            if table.resource.table_stream_arn:
                publish(self, stage, f"streams/{table.name}", table.resource.table_stream_arn)
        bucket = archive_bucket(Construct(self, "Archive")).bucket_name
        secrets = SecretStore(self, "Secrets", stage=stage)
        publish(self, stage, PUBLIC, secrets.public)
        publish(self, stage, PLACE, secrets.place)
        for name, path, value in (
            ("ArchiveBucketName", PATH, bucket),
            ("TelegramSecretArn", TELEGRAM, secrets.telegram),
            ("ApiSecretArn", API, secrets.api),
            ("ChannelsSecretArn", CHANNELS, secrets.channels),
            ("OperatorSecretArn", OPERATOR, secrets.operator),
        ):
            self._output(name, value)
            publish(self, stage, path, value)

    def _output(self, name: str, value: str) -> None:
        CfnOutput(self, f"Output{name}", value=value).override_logical_id(name)
