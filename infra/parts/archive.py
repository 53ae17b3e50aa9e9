"""The archive of the feed: open interest and liquidations cannot be obtained later.

`research.data.stream_archive` reads what is here, after `aws s3 sync`.
"""

from aws_cdk import CfnCondition, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Stage

from .data.references import find
from .data.storage import RETAINED

PATH = "archive/bucket"
"""The reference to the bucket."""
FACTS = "facts/"
ERRORS = "errors/"


def archive_bucket(scope: Construct) -> s3.Bucket:
    """Make the bucket, in the stack of the data."""
    return s3.Bucket(
        scope,
        "bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=Duration.days(7),
                transitions=[
                    s3.Transition(
                        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                        transition_after=Duration.days(90),
                    )
                ],
            ),
            s3.LifecycleRule(prefix=ERRORS, expiration=Duration.days(30)),
        ],
        removal_policy=RETAINED,
    )


def found_bucket(scope: Construct, stage: Stage) -> s3.IBucket:
    """Return the bucket that the stack of the data has published."""
    return s3.Bucket.from_bucket_name(scope, "ArchiveBucket", find(scope, stage, PATH))


class Archive(Construct):
    """Firehose from the stream to a bucket: gzipped JSON lines, a folder an hour (UTC).

    An emulator has no Firehose that compresses or batches: there `when` is false, and the local
    run leaves the same layout in a folder (infra.local.stack.archive).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        stream: kinesis.Stream,
        when: CfnCondition,
    ) -> None:
        super().__init__(scope, construct_id)
        self._bucket = bucket
        log = logs.LogGroup(
            self,
            "log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        trouble = logs.LogStream(
            self, "trouble", log_group=log, removal_policy=RemovalPolicy.DESTROY
        )
        role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
        delivery = self._delivery(stream, role, log, trouble)
        delivery.cfn_options.condition = when
        self._permit(role, stream, log)
        policy = role.node.find_child("DefaultPolicy").node.default_child
        assert isinstance(policy, iam.CfnPolicy)  # noqa: S101 - what a role's policy is made of
        delivery.add_resource_dependency(policy)  # it looks at the stream as soon as it is made

    def _delivery(
        self, stream: kinesis.Stream, role: iam.Role, log: logs.LogGroup, trouble: logs.LogStream
    ) -> firehose.CfnDeliveryStream:
        target = firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
            bucket_arn=self._bucket.bucket_arn,
            role_arn=role.role_arn,
            prefix=f"{FACTS}!{{timestamp:yyyy/MM/dd/HH}}/",
            error_output_prefix=f"{ERRORS}!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/",
            file_extension=".jsonl.gz",
            compression_format="GZIP",
            # few large objects: what is read is a whole day
            buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                interval_in_seconds=900, size_in_m_bs=64
            ),
            cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                enabled=True,
                log_group_name=log.log_group_name,
                log_stream_name=trouble.log_stream_name,
            ),
            processing_configuration=_one_record_a_line(),
        )
        return firehose.CfnDeliveryStream(
            self,
            "delivery",
            delivery_stream_type="KinesisStreamAsSource",
            kinesis_stream_source_configuration=(
                firehose.CfnDeliveryStream.KinesisStreamSourceConfigurationProperty(
                    kinesis_stream_arn=stream.stream_arn, role_arn=role.role_arn
                )
            ),
            extended_s3_destination_configuration=target,
        )

    def _permit(self, role: iam.Role, stream: kinesis.Stream, log: logs.LogGroup) -> None:
        """Permit reading the stream, writing the bucket and logging errors; nothing else."""
        reading = ["DescribeStream", "GetRecords", "GetShardIterator", "ListShards"]
        listing = ["GetBucketLocation", "ListBucket", "ListBucketMultipartUploads"]
        writing = ["AbortMultipartUpload", "GetObject", "PutObject"]
        for service, actions, resource in (
            ("kinesis", reading, stream.stream_arn),
            ("s3", listing, self._bucket.bucket_arn),
            ("s3", writing, self._bucket.arn_for_objects("*")),
            ("logs", ["PutLogEvents"], log.log_group_arn),
        ):
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=[f"{service}:{action}" for action in actions], resources=[resource]
                )
            )


def _one_record_a_line() -> firehose.CfnDeliveryStream.ProcessingConfigurationProperty:
    processor = firehose.CfnDeliveryStream.ProcessorProperty(
        type="AppendDelimiterToRecord",
        parameters=[
            firehose.CfnDeliveryStream.ProcessorParameterProperty(
                parameter_name="Delimiter", parameter_value="\\n"
            )
        ],
    )
    return firehose.CfnDeliveryStream.ProcessingConfigurationProperty(
        enabled=True, processors=[processor]
    )
