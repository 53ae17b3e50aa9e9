"""What most parts of the stack use."""

from dataclasses import dataclass

from aws_cdk import aws_sns as sns

from .data.secrets import Secrets
from .data.storage import Tables
from .feed import Feed
from .function import Platform
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """The platform of the functions, the parameters, tables, secrets, the feed and the topic."""

    platform: Platform
    settings: Settings
    storage: Tables
    secrets: Secrets
    feed: Feed
    topic: sns.Topic
    """Openings, closings and statuses."""
