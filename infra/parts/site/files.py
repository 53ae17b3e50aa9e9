"""The dashboard: a private bucket, and the function that fills it."""

from pathlib import Path
from typing import Final

from aws_cdk import CfnCondition, CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct, IConstruct

from infra.parts.site.routes import table

from ..function import Function, Platform, resource_of
from ..settings import MARKET

TIMEOUT_S = 180
RELEASE: Final = "release.json"
"""The one file that deploy_site reads: the names of the last release's files."""
CONFIG: Final[dict[str, str]] = {
    "name": "aws",
    "httpUrl": f"/{table()['prefix']}",
    "webSocketUrl": table()["feed"],
    "market": MARKET,
}
"""The market, and the page's addresses: its own origin has the API and the feed, by whatever name
it is opened.
"""


class Site(Construct):
    """Private: on AWS only CloudFront reads it, and only deploy_site writes.

    The CDK's own BucketDeployment would bring a function with wildcard rights, a managed policy and
    the AWS CLI as a layer of 20 MB, for some twenty files.
    """

    def __init__(self, scope: Construct, construct_id: str, *, platform: Platform) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            removal_policy=RemovalPolicy.DESTROY,  # deploy_site empties it before
        )
        self.deploy_site = Function(
            self,
            "deploy_site",
            platform=platform,
            description="Puts the dashboard into its bucket at a deployment",
            timeout_s=TIMEOUT_S,
        )
        name, arn = self.bucket.bucket_name, self.bucket.bucket_arn
        self.deploy_site.set_environment({"SITE_BUCKET": name})
        self.deploy_site.allow(["s3:ListBucket"], [arn])
        self.deploy_site.allow(["s3:PutObject", "s3:DeleteObject"], [f"{arn}/*"])
        self.deploy_site.allow(["s3:GetObject"], [f"{arn}/{RELEASE}"])

    def publish(self, files: Path, *, when: CfnCondition, after: IConstruct) -> None:
        """Fill the bucket with these files and a `config.json`; it is emptied with the stack.

        It comes last: the page shows what is there. A local run publishes the dashboard itself,
        with other addresses: there `when` is false.
        """
        asset = assets.Asset(self, "files", path=str(files), exclude=[".hash"])
        archive = f"{asset.bucket.bucket_arn}/{asset.s3_object_key}"
        self.deploy_site.allow(["s3:GetObject"], [archive])
        deployed = CustomResource(
            self,
            "deployed",
            resource_type="Custom::Site",
            service_token=self.deploy_site.resource.function_arn,
            service_timeout=Duration.seconds(TIMEOUT_S + 60),
            properties={
                "Bucket": asset.s3_bucket_name,
                "Key": asset.s3_object_key,
                "Config": CONFIG,
            },
        )
        resource_of(deployed).cfn_options.condition = when
        deployed.node.add_dependency(self.deploy_site.role, after)
