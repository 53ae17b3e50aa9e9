"""A table as it was at a second of the last 35 days, or another one, taken into use.

A restored table is a new one beside the old: it has its items and indexes, and lacks the time to
live, the stream and the recovery, which are copied here. The code finds it after its parameter in
SSM was set and the code was deployed again, so nothing is overwritten.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.cli.cloud import AwsCloud, aws_errors, code_of
from infra.errors import USAGE, CommandError
from infra.names import STREAMED, TABLES
from infra.settings import Stage

WAIT: Final = {"Delay": 20, "MaxAttempts": 1080}
"""Six hours: a restoration takes from minutes to hours."""
TRIES, TRY_EVERY_S = 30, 10.0
"""Five minutes for AWS to enable the backups of a new table."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a stage, as its code finds them."""

    cloud: AwsCloud
    stage: Stage

    def used(self, name: str) -> str:
        """Return the table that the code uses; raises CommandError for an unknown name."""
        if name not in TABLES:
            raise CommandError(f"there is no table {name}", f"one of: {', '.join(TABLES)}", USAGE)
        reference = self.stage.reference(f"tables/{name}")
        with aws_errors(f"the request for {reference}", self.cloud.region):
            found = self.cloud.client("ssm").get_parameters(Names=[reference])["Parameters"]
        if not found:
            fix = "is it another --stage or --region?"
            raise CommandError(f"no table {name} is published in {self.cloud.region}", fix)
        return str(found[0]["Value"])

    def restore(self, name: str, at: int | None, now: int, report: Callable[[str], None]) -> str:
        """Restore a table to a time (ms; None: the newest possible) beside it; return its name."""
        source = self.used(name)
        target = f"{source[:230]}-{datetime.fromtimestamp(now / 1000, UTC):%Y%m%dT%H%M%S}"
        when: dict[str, Any] = {"UseLatestRestorableTime": True}
        if at is not None:
            when = {"RestoreDateTime": datetime.fromtimestamp(at / 1000, UTC)}
        dynamodb = self.cloud.client("dynamodb")
        with aws_errors(f"the restoration of {source}", self.cloud.region):
            dynamodb.restore_table_to_point_in_time(
                SourceTableName=source, TargetTableName=target, **when
            )
            report(f"restoring {source} into {target}; this takes minutes to hours")
            dynamodb.get_waiter("table_exists").wait(TableName=target, WaiterConfig=WAIT)
            self._complete(dynamodb, source, target)
        return target

    def use(self, name: str, table: str) -> list[str]:
        """Let the code find another table from its next deployment on; return what was set.

        Raises CommandError for a table with another key, or without the stream that is needed.
        """
        with aws_errors(f"the request for table {table}", self.cloud.region):
            new, old = self._described(table), self._old(name)
        if old is not None and old["KeySchema"] != new["KeySchema"]:
            raise CommandError(f"{table} has another key than {old['TableName']}")
        values = {f"tables/{name}": table}
        if name in STREAMED:
            if not new.get("StreamSpecification", {}).get("StreamEnabled"):
                fix = "`signalengine restore-table` gives a table that it restores its stream"
                raise CommandError(f"{table} has no stream", fix)
            values[f"streams/{name}"] = new["LatestStreamArn"]
        ssm = self.cloud.client("ssm")
        with aws_errors("the change of a parameter", self.cloud.region):
            for path, value in values.items():
                reference = self.stage.reference(path)
                ssm.put_parameter(Name=reference, Value=value, Type="String", Overwrite=True)
        return [f"{self.stage.reference(path)} = {value}" for path, value in values.items()]

    def _old(self, name: str) -> dict[str, Any] | None:
        """Return the table that the code uses; None when somebody has deleted it."""
        try:
            return self._described(self.used(name))
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise

    def _described(self, table: str) -> dict[str, Any]:
        client = self.cloud.client("dynamodb")
        return dict(client.describe_table(TableName=table)["Table"])

    def _complete(self, dynamodb: Any, source: str, target: str) -> None:
        """Give a restored table what AWS does not restore."""
        stream = self._described(source).get("StreamSpecification")
        if stream and not self._described(target).get("StreamSpecification"):
            dynamodb.update_table(TableName=target, StreamSpecification=stream)
            dynamodb.get_waiter("table_exists").wait(TableName=target, WaiterConfig=WAIT)
        expiry = dynamodb.describe_time_to_live(TableName=source)["TimeToLiveDescription"]
        if expiry["TimeToLiveStatus"] == "ENABLED":
            dynamodb.update_time_to_live(
                TableName=target,
                TimeToLiveSpecification={
                    "Enabled": True, "AttributeName": expiry["AttributeName"],
                },
            )  # fmt: skip
        recoverable(dynamodb, target)


def recoverable(dynamodb: Any, table: str) -> None:
    """Turn the recovery of a table on: AWS refuses that for a while after it has made the table."""
    for left in reversed(range(TRIES)):
        try:
            dynamodb.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
        except ClientError as error:
            if not left or code_of(error) != "ContinuousBackupsUnavailableException":
                raise
            time.sleep(TRY_EVERY_S)
        else:
            return
