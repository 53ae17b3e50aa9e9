"""Prices of units in US dollars. No free tier, no taxes.

Prices differ by region and change, so each has its source. Where only the price of `us-east-1` is
known, it is raised by a quarter, the usual difference to this region.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REGION: Final = "ap-northeast-1"
DATED: Final = "2026-11-22"
HOURS_A_MONTH: Final = 730.0
GB: Final = 1024.0**3

CITED: Final = "public price tables of this region, cited"
KNOWN: Final = "this region's price as known, not looked up on the day"
EVERYWHERE: Final = "the same price in the common regions"
SPOT_OF_ON_DEMAND: Final = 0.336
"""Spot's part of the price on demand, for ARM and x86, processors and memory alike."""
FLOATING: Final = (
    "this region's price on demand, times 0.336: AWS's price page for Fargate had this for Spot "
    "in sa-east-1 (a copy of unknown date, read 2026-11-29); it floats, up to 70 % less, says AWS"
)
RAISED: Final = "us-east-1 + 25 %, assumed"


class Unit(StrEnum):
    """Units that AWS charges for."""

    FARGATE_VCPU_H = "Fargate, ARM vCPU hours on demand"
    FARGATE_GB_H = "Fargate, ARM memory GB hours on demand"
    SPOT_VCPU_H = "Fargate Spot, ARM vCPU hours"
    SPOT_GB_H = "Fargate Spot, ARM memory GB hours"
    IPV4_H = "public IPv4 addresses, hours"
    SHARD_H = "Kinesis shards, hours"
    PUT = "Kinesis PUT payload units of 25 KB"
    FIREHOSE_GB = "Firehose, GB in steps of 5 KB a record"
    WRITE = "DynamoDB write request units"
    READ = "DynamoDB read request units"
    TABLE_GB_MONTH = "DynamoDB GB months"
    RECOVERY_GB_MONTH = "DynamoDB GB months with point-in-time recovery, beside the others"
    REQUEST = "Lambda requests"
    GB_S = "Lambda arm64 GB seconds"
    SOCKET_MESSAGE = "API Gateway WebSocket messages"
    SOCKET_MINUTE = "API Gateway connection minutes"
    HTTP_REQUEST = "API Gateway HTTP requests"
    PUBLISH = "SNS publishes"
    QUEUE = "SQS requests"
    SCHEDULE = "EventBridge Scheduler invocations"
    LOG_GB = "CloudWatch Logs GB, a month's storage included"
    METRIC_MONTH = "CloudWatch custom metrics, months"
    ALARM_MONTH = "CloudWatch alarm metrics, months"
    SECRET_MONTH = "secrets, months"  # noqa: S105 - what is billed, not one
    SECRET_CALL = "requests for secrets"  # noqa: S105 - what is billed, not one
    KEY_CALL = "KMS requests"
    OBJECT_PUT = "S3 PUTs"
    OBJECT_GB_MONTH = "S3 GB months"
    FRONT_REQUEST = "CloudFront HTTPS requests"
    FRONT_FUNCTION = "CloudFront Functions, runs"
    EGRESS_GB = "GB to the internet"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `per` units, under the service it is billed by, and where it is from."""

    service: str
    usd: float
    per: float
    source: str

    @property
    def each(self) -> float:
        return self.usd / self.per


MILLION: Final = 1e6
PRICES: Final[Mapping[Unit, Price]] = {
    Unit.FARGATE_VCPU_H: Price("Fargate", 0.04045, 1, KNOWN),
    Unit.FARGATE_GB_H: Price("Fargate", 0.00442, 1, KNOWN),
    Unit.SPOT_VCPU_H: Price("Fargate", 0.04045 * SPOT_OF_ON_DEMAND, 1, FLOATING),
    Unit.SPOT_GB_H: Price("Fargate", 0.00442 * SPOT_OF_ON_DEMAND, 1, FLOATING),
    Unit.IPV4_H: Price("Public IPv4", 0.005, 1, EVERYWHERE),
    Unit.SHARD_H: Price("Kinesis", 0.0195, 1, CITED),
    Unit.PUT: Price("Kinesis", 0.0215, MILLION, KNOWN),
    Unit.FIREHOSE_GB: Price("Firehose", 0.036, 1, KNOWN),
    Unit.WRITE: Price("DynamoDB", 0.7135, MILLION, KNOWN),
    Unit.READ: Price("DynamoDB", 0.1425, MILLION, KNOWN),
    Unit.TABLE_GB_MONTH: Price("DynamoDB", 0.285, 1, KNOWN),
    Unit.RECOVERY_GB_MONTH: Price("DynamoDB", 0.228, 1, KNOWN),
    Unit.REQUEST: Price("Lambda", 0.20, MILLION, EVERYWHERE),
    Unit.GB_S: Price("Lambda", 13.3334, MILLION, EVERYWHERE),
    Unit.SOCKET_MESSAGE: Price("API Gateway", 1.25, MILLION, RAISED),
    Unit.SOCKET_MINUTE: Price("API Gateway", 0.3125, MILLION, RAISED),
    Unit.HTTP_REQUEST: Price("API Gateway", 1.29, MILLION, KNOWN),
    Unit.PUBLISH: Price("SNS", 0.625, MILLION, RAISED),
    Unit.QUEUE: Price("SQS", 0.50, MILLION, RAISED),
    Unit.SCHEDULE: Price("Scheduler", 1.25, MILLION, RAISED),
    Unit.LOG_GB: Price("CloudWatch", 0.76 + 0.033, 1, CITED),
    Unit.METRIC_MONTH: Price("CloudWatch", 0.30, 1, EVERYWHERE),
    Unit.ALARM_MONTH: Price("CloudWatch", 0.10, 1, EVERYWHERE),
    Unit.SECRET_MONTH: Price("Secrets Manager", 0.40, 1, EVERYWHERE),
    Unit.SECRET_CALL: Price("Secrets Manager", 0.05, 10_000, EVERYWHERE),
    Unit.KEY_CALL: Price("KMS", 0.03, 10_000, EVERYWHERE),
    Unit.OBJECT_PUT: Price("S3", 0.00625, 1_000, RAISED),
    Unit.OBJECT_GB_MONTH: Price("S3", 0.025, 1, KNOWN),
    Unit.FRONT_REQUEST: Price("CloudFront", 0.012, 10_000, KNOWN),
    Unit.FRONT_FUNCTION: Price("CloudFront", 0.10, MILLION, EVERYWHERE),
    Unit.EGRESS_GB: Price("Data transfer", 0.114, 1, KNOWN),
}
