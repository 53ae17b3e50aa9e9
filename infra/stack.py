"""The whole system on one page: every part, in the order a bar passes through them."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.assets import Wheels, code_version

from .parts.api import Api
from .parts.archive import Archive
from .parts.detection import Detection
from .parts.feed import Feed
from .parts.function import Platform
from .parts.ingest import Ingest
from .parts.layers import Layers
from .parts.live import STAGE, Live
from .parts.publishing import Publishing
from .parts.scoring import Scoring
from .parts.settings import Settings
from .parts.site import Site
from .parts.storage import Storage
from .parts.telegram import Telegram
from .parts.tracking import Tracking


class SignalEngine(Stack):
    """exchange → ingest → feed → detection → scoring → tracking → publishing → Telegram, live."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        version: str,
        wheels: Wheels,
        region: str,
        policy: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env={"region": region},
            description="SignalEngine: explainable trading signals",
            analytics_reporting=False,
        )
        settings = Settings(self, "Settings")
        platform = Platform(
            layers=Layers(self, "Layers", wheels=wheels, policy=policy),
            log_level=settings.log_level,
            code_version=code_version(version),
        )
        self._wire(settings, platform)

    def _wire(self, settings: Settings, platform: Platform) -> None:
        """Make all parts, in the order a bar passes through them."""
        storage = Storage(self, "Storage")
        feed = Feed(self, "Feed")
        topic = sns.Topic(self, "Signals")
        archive = Archive(self, "Archive", stream=feed.stream, when=settings.on_aws)

        ingest = Ingest(self, "Ingest", settings=settings, storage=storage, feed=feed)
        Detection(self, "Detection", platform=platform, storage=storage, feed=feed)
        Scoring(self, "Scoring", platform=platform, storage=storage, feed=feed, settings=settings)
        Tracking(self, "Tracking", platform=platform, storage=storage, feed=feed, topic=topic)
        Publishing(self, "Publishing", platform=platform, storage=storage, feed=feed, topic=topic)
        telegram = Telegram(
            self, "Telegram", platform=platform, storage=storage, settings=settings, topic=topic
        )
        live = Live(
            self, "Live", platform=platform, storage=storage, settings=settings, topic=topic
        )
        api = Api(
            self,
            "Api",
            platform=platform,
            storage=storage,
            settings=settings,
            feed=feed,
            telegram=telegram,
        )
        for function in live.functions:
            api.guard(function)
        site = Site(self, "Site")
        self._tell_addresses(settings, api, live)
        self._tell_names(feed, archive, ingest, telegram, site, storage)

    def _tell_addresses(self, settings: Settings, api: Api, live: Live) -> None:
        """Outputs that a client opens."""
        http, websocket = api.api.api_id, live.api.api_id
        self._tell("HttpApiId", http)
        self._tell("ApiSecretArn", api.secret_arn)
        self._tell("HttpUrl", settings.http_url(http, self.region))
        self._tell("WebSocketApiId", websocket)
        self._tell("WebSocketStage", STAGE)
        self._tell("WebSocketUrl", settings.websocket_url(websocket, self.region, STAGE))

    def _tell_names(
        self,
        feed: Feed,
        archive: Archive,
        ingest: Ingest,
        telegram: Telegram,
        site: Site,
        storage: Storage,
    ) -> None:
        """Outputs that an operator or a local run asks AWS about."""
        self._tell("FeedStreamName", feed.stream.stream_name)
        self._tell("IngestRoleArn", ingest.task.task_role.role_arn)
        self._tell("DeadLetterQueueUrl", feed.dead_letters.queue_url)
        self._tell("TelegramQueueUrl", telegram.queue.queue_url)
        self._tell("TelegramDeadLetterQueueUrl", telegram.dead_letters.queue_url)
        self._tell("TelegramSecretArn", telegram.secret_arn)
        self._tell("ArchiveBucketName", archive.bucket.bucket_name)
        self._tell("SiteBucketName", site.bucket.bucket_name)
        self._tell("SiteUrl", site.bucket.bucket_website_url)
        for table in storage.tables:
            self._tell(table.output, table.resource.table_name)

    def _tell(self, name: str, value: str) -> None:
        CfnOutput(self, f"Output{name}", value=value).override_logical_id(name)
