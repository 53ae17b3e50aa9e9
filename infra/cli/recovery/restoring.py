"""A table as it was at a second of the last 35 days, or another one, taken into use.

A restored table is a new one beside the old: it has its items and indexes, and lacks the time to
live, the stream and the recovery, which are copied here. The code finds it after its parameter in
SSM was set and the code was deployed again, so nothing is overwritten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from infra.cli.cloud import AwsCloud, aws_errors
from infra.errors import USAGE, CommandError
from infra.names import STREAMED, TABLES
from infra.settings import Stage

WAIT: Final = {"Delay": 20, "MaxAttempts": 1080}
"""Six hours: a restoration takes from minutes to hours."""


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
            old, new = (self._described(one) for one in (self.used(name), table))
        if old["KeySchema"] != new["KeySchema"]:
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
        dynamodb.update_continuous_backups(
            TableName=target,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
