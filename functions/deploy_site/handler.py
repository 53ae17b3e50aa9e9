"""Puts the dashboard into its bucket at a deployment; CloudFormation invokes it and waits."""

from functools import cache

from signalengine_aws.application.deploy_site import DeploySite
from signalengine_aws.messaging.custom_resource import answered
from signalengine_aws.messaging.records import Event
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.site import S3Site


@cache
def deploy_site() -> DeploySite:
    env = config.load(config.DeploySite)
    return DeploySite(site=S3Site(clients.s3(), env.site_bucket))


def handler(event: Event, context: object) -> None:
    with answered(event), invocation(context) as line:
        line.note(request=event["RequestType"])
        replaced = deploy_site().apply(event)
        line.count(written=replaced.written, removed=replaced.removed)
