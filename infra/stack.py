"""What runs: every part, in the order in which a bar passes through them.

The data has a stack of its own, infra/data.py.
"""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnCondition, CfnOutput, Stack
from aws_cdk import aws_sns as sns
from aws_cdk.aws_s3 import IBucket
from constructs import Construct

from infra.assets import Wheels, code_version
from infra.settings import Stage

from .parts.api import Api
from .parts.archive import Archive, found_bucket
from .parts.changes import Changes
from .parts.channels import Channels
from .parts.data.secrets import found_secrets
from .parts.data.storage import found_tables
from .parts.demands import demand
from .parts.detection import Detection
from .parts.email import Email
from .parts.feed import Feed
from .parts.function import Function, Platform
from .parts.ingest import Ingest
from .parts.layers import Layers
from .parts.live import STAGE, Live
from .parts.publishing import Publishing
from .parts.scoring import Scoring
from .parts.settings import Settings
from .parts.shared import Shared
from .parts.site.files import Site
from .parts.site.front import Front, distribution_domain, front_key
from .parts.telegram import Telegram
from .parts.tracking import Tracking
from .parts.watching.alarms import Alarms, Watched
from .parts.watching.dashboard import Dashboard
from .parts.watching.errors import ErrorMetric
from .parts.watching.notices import Notices
from .parts.watching.probe import Probe
from .parts.watching.queries import Queries


class SignalEngine(Stack):
    """exchange → ingest → feed → detection → scoring → tracking → publishing → channels, live."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        *,
        version: str,
        wheels: Wheels,
        region: str,
        dashboard: Path,
        policy: str | None = None,
        strategies: Mapping[str, str] | None = None,
    ) -> None:
        """`dashboard` is the folder of its built files, `policy` the text of another policy.

        `strategies` are the texts of a user's strategies by file name.
        """
        super().__init__(
            scope,
            stage.code,
            env={"region": region},
            description="SignalEngine: explainable trading signals",
            analytics_reporting=False,
            termination_protection=stage.protected,
        )
        self._stage = stage
        settings = Settings(self, "Settings", stage)
        platform = Platform(
            layers=Layers(
                self, "Layers", wheels=wheels, policy=policy, strategies=strategies or {}
            ),
            log_level=settings.log_level,
            code_version=code_version(version),
        )
        self._wire(settings, platform, dashboard)

    def _wire(self, settings: Settings, platform: Platform, dashboard: Path) -> None:
        """Make all parts, in the order a bar passes through them."""
        shared = Shared(
            platform=platform,
            settings=settings,
            storage=found_tables(Construct(self, "Storage"), self._stage),
            secrets=found_secrets(self, self._stage),
            feed=Feed(self, "Feed"),
            topic=sns.Topic(self, "Signals", enforce_ssl=True),
        )
        bucket = found_bucket(self, self._stage)
        Archive(self, "Archive", bucket=bucket, stream=shared.feed.stream, when=settings.on_aws)

        ingest = Ingest(self, "Ingest", shared=shared)
        detection = Detection(self, "Detection", shared=shared)
        detection.update_after(Scoring(self, "Scoring", shared=shared).score_events)
        tracking = Tracking(self, "Tracking", shared=shared)
        ingest.start_after(detection, tracking)
        Publishing(self, "Publishing", shared=shared)
        site = Site(self, "Site", platform=platform)
        telegram = Telegram(self, "Telegram", shared=shared)
        channels = Channels(self, "Channels", shared=shared)
        live = Live(self, "Live", shared=shared)
        api, email = self._requests(shared, telegram, channels)
        addresses = self._output_addresses(settings, api, live)
        probe = Probe(
            self,
            "Probe",
            shared=shared,
            http=addresses["httpUrl"],
            websocket=addresses["webSocketUrl"],
        )
        for function in (*live.functions, probe.probe_service):
            api.guard(function)
        self._watch(shared, ingest, telegram, channels)
        demand(self, settings.on_aws)
        site.publish(dashboard, when=settings.on_aws, after=ingest.service)
        self._front(settings, site, api, live)
        email.believe(settings.if_on_aws(front_key()))
        probe.show(settings.if_on_aws(front_key()))
        for one in (telegram, channels, email):
            one.link(settings.dashboard_url_or(settings.site_url(distribution_domain())))
        self._output_names(shared, bucket, ingest, telegram, channels, site)

    def _requests(
        self, shared: Shared, telegram: Telegram, channels: Channels
    ) -> tuple[Api, Email]:
        """Make the HTTP API, and the functions that answer a part of its paths."""
        changes = Changes(self, "Changes", shared=shared)
        email = Email(self, "Email", shared=shared, channels=channels)
        api = Api(
            self,
            "Api",
            shared=shared,
            channels=(telegram, channels),
            bot=telegram.answer_telegram,
            operator=changes.change_settings,
            email=email.answer_email,
            push=channels.answer_push,
        )
        self._output("OperatorSecretArn", changes.secret_arn)
        return api, email

    def _front(self, settings: Settings, site: Site, api: Api, live: Live) -> None:
        """Make the one address, and output it."""
        front = Front(
            self,
            "Front",
            settings=settings,
            bucket=site.bucket,
            http_api=api.api.api_id,
            websocket_api=live.api.api_id,
            stage=STAGE,
        )
        api.believe(settings.if_on_aws(front_key()))
        self._output("SiteUrl", settings.site_url_here(distribution_domain()))
        for name, value in {
            "SiteDistributionId": front.distribution.attr_id,
            "SiteDistributionDomain": distribution_domain(),
        }.items():
            self._output(name, value, when=settings.on_aws)

    def _watch(
        self, shared: Shared, ingest: Ingest, telegram: Telegram, channels: Channels
    ) -> None:
        """Make what watches all parts, which are made by now."""
        when = shared.settings.on_aws
        functions = tuple(one for one in self.node.find_all() if isinstance(one, Function))
        watched = Watched(
            ingest=ingest.service,
            functions=functions,
            dead_letters=shared.feed.dead_letters,
            telegram=telegram.queue,
            telegram_dead_letters=telegram.dead_letters,
            channels_dead_letters=channels.dead_letters,
        )
        notices = Notices(
            self,
            "Notices",
            settings=shared.settings,
            bot=telegram.alert_telegram,
            failures=shared.feed.dead_letters,
        )
        ErrorMetric(self, "Errors", functions=functions, when=when)
        alarms = Alarms(
            self,
            "Alarms",
            watched=watched,
            topic=notices.topic,
            when=when,
            when_channels=shared.settings.watches_channels,
        )
        Dashboard(self, "Overview", watched=watched, alarms=alarms.alarms, when=when)
        Queries(self, "Queries", functions=functions, when=when)
        self._output("AlarmTopicArn", notices.topic.topic_arn)

    def _output_addresses(self, settings: Settings, api: Api, live: Live) -> dict[str, str]:
        """Outputs that are addresses of the APIs; returns those that the dashboard uses."""
        http, websocket = api.api.api_id, live.api.api_id
        self._output("HttpApiId", http)
        self._output("ApiSecretArn", api.secret_arn)
        http_url = settings.http_url(http, self.region)
        self._output("HttpUrl", http_url)
        self._output("WebSocketApiId", websocket)
        self._output("WebSocketStage", STAGE)
        websocket_url = settings.websocket_url(websocket, self.region, STAGE)
        self._output("WebSocketUrl", websocket_url)
        return {"httpUrl": http_url, "webSocketUrl": websocket_url}

    def _output_names(
        self, shared: Shared, bucket: IBucket, ingest: Ingest,
        telegram: Telegram, channels: Channels, site: Site,
    ) -> None:  # fmt: skip
        """Outputs by which an operator or a local run finds the stack's resources."""
        self._output("FeedStreamName", shared.feed.stream.stream_name)
        self._output("IngestRoleArn", ingest.task.task_role.role_arn)
        self._output("DeadLetterQueueUrl", shared.feed.dead_letters.queue_url)
        self._output("TelegramQueueUrl", telegram.queue.queue_url)
        self._output("TelegramDeadLetterQueueUrl", telegram.dead_letters.queue_url)
        self._output("TelegramSecretArn", telegram.secret_arn)
        self._output("ChannelsQueueUrl", channels.queue.queue_url)
        self._output("ChannelsDeadLetterQueueUrl", channels.dead_letters.queue_url)
        self._output("ChannelsSecretArn", channels.secret_arn)
        self._output("ArchiveBucketName", bucket.bucket_name)
        self._output("SiteBucketName", site.bucket.bucket_name)
        for table in shared.storage.all:
            self._output(table.output, table.resource.table_name)

    def _output(self, name: str, value: str, when: CfnCondition | None = None) -> None:
        output = CfnOutput(self, f"Output{name}", value=value, condition=when)
        output.override_logical_id(name)
