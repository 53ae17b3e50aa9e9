"""CloudFront: one address for the dashboard, the API and the feed, over TLS only.

An emulator has none of it, so all of it stands under the condition OnAws.
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Aws, CfnResource, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.parts.site.code import feed_code, request_code
from infra.parts.site.routes import table

from ..settings import Settings
from . import headers

DISTRIBUTION: Final = "SiteDistribution"
"""Its logical id: functions need its name before it is made."""
POLICY: Final = "SitebucketPolicy6B66CE4D"
"""That of the bucket's policy before there was CloudFront: a bucket has one policy, and under a new
id it would go with the old one."""
FILES, API, FEED = "files", "api", "feed"
"""Origins; the code of a function selects the API by its id."""
RUNTIME: Final = "cloudfront-js-2.0"
ALL_METHODS: Final = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
READS: Final = ["GET", "HEAD"]
UNCACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_BUT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""AWS's own policies: CachingDisabled, CachingOptimized, AllViewerExceptHostHeader."""
MOST_SHARED_S: Final = 60
KEYED_HEADERS: Final = ["Accept", "Authorization", "X-Api-Key"]
"""All headers that an answer of the API depends on, beside Accept-Encoding."""
Distribution = cloudfront.CfnDistribution


def distribution_domain() -> str:
    """CloudFront's own name of the site; meaningful only under the condition OnAws."""
    return Fn.get_att(DISTRIBUTION, "DomainName").to_string()


def front_key() -> str:
    """What CloudFront sends to the API, and others do not know: the stack's random number."""
    return Fn.select(2, Fn.split("/", Aws.STACK_ID))


class Front(Construct):
    """Four behaviors: hashed files from the cache, the feed, the API, and all else by the rule.

    Where a page may have the same address, nothing is cached. Answers of the API are cached only if
    they say so, which those of a public API do, and by all that they depend on.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        bucket: s3.IBucket,
        http_api: str,
        websocket_api: str,
        stage: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._request = self._function("request", "Chooses who answers", request_code())
        self._feed = self._function("feed", "Opens the feed at its stage", feed_code(stage))
        self._headers = cloudfront.CfnResponseHeadersPolicy(
            self, "headers", response_headers_policy_config=headers.config()
        )
        self._shared = cloudfront.CfnCachePolicy(
            self, "shared", cache_policy_config=_shared_answers()
        )
        self._access = cloudfront.CfnOriginAccessControl(
            self,
            "access",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=f"{Aws.STACK_NAME}-{Aws.REGION}-site",
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        origins = [
            self._files(bucket),
            _api(API, http_api, {"x-front-key": front_key()}),
            _api(FEED, websocket_api, {}),
        ]
        self.distribution = self._distribution(origins)
        self._permit(bucket)
        for part in self.node.find_all():
            if isinstance(part, CfnResource):
                part.cfn_options.condition = settings.on_aws

    def _function(self, name: str, comment: str, code: str) -> cloudfront.CfnFunction:
        return cloudfront.CfnFunction(
            self,
            name,
            name=f"{Aws.STACK_NAME}-{Aws.REGION}-{name}",
            auto_publish=True,
            function_code=code,
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment=comment, runtime=RUNTIME
            ),
        )

    def _files(self, bucket: s3.IBucket) -> Distribution.OriginProperty:
        return Distribution.OriginProperty(
            id=FILES,
            domain_name=bucket.bucket_regional_domain_name,
            origin_access_control_id=self._access.attr_id,
            s3_origin_config=Distribution.S3OriginConfigProperty(origin_access_identity=""),
        )

    def _distribution(self, origins: list[Distribution.OriginProperty]) -> Distribution:
        settings = self._settings
        distribution = Distribution(
            self,
            "distribution",
            distribution_config=Distribution.DistributionConfigProperty(
                enabled=True,
                comment="SignalEngine: dashboard, API and feed",
                http_version="http2and3",
                ipv6_enabled=True,
                price_class="PriceClass_200",  # Asia too, where the engine runs
                origins=origins,
                default_cache_behavior=self._by_rule(),
                cache_behaviors=[self._sockets(), self._hashed(), self._answers()],
                custom_error_responses=[
                    # no page in its place: it is only not cached, and what comes later is found
                    Distribution.CustomErrorResponseProperty(
                        error_code=404, error_caching_min_ttl=0
                    )
                ],
                viewer_certificate=Fn.condition_if(
                    "OwnDomain",
                    {
                        "AcmCertificateArn": settings.site_certificate,
                        "MinimumProtocolVersion": "TLSv1.2_2021",
                        "SslSupportMethod": "sni-only",
                    },
                    {"CloudFrontDefaultCertificate": True},
                ),
            ),
        )
        distribution.override_logical_id(DISTRIBUTION)
        names = settings.own_domain([settings.site_domain])
        distribution.add_property_override("DistributionConfig.Aliases", names)
        return distribution

    def _by_rule(self) -> Distribution.DefaultCacheBehaviorProperty:
        return Distribution.DefaultCacheBehaviorProperty(
            target_origin_id=FILES,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=ALL_METHODS,
            compress=False,  # nothing is without a cache; the API does it itself
            cache_policy_id=UNCACHED,
            origin_request_policy_id=ALL_BUT_HOST,  # API Gateway refuses another host's name
            response_headers_policy_id=self._headers.attr_id,
            function_associations=[_on_request(self._request)],
        )

    def _sockets(self) -> Distribution.CacheBehaviorProperty:
        return Distribution.CacheBehaviorProperty(
            path_pattern=table()["feed"],
            target_origin_id=FEED,
            viewer_protocol_policy="https-only",
            allowed_methods=READS,
            compress=False,
            cache_policy_id=UNCACHED,
            origin_request_policy_id=ALL_BUT_HOST,
            function_associations=[_on_request(self._feed)],
        )

    def _answers(self) -> Distribution.CacheBehaviorProperty:
        """Dashboards that watch a public API share its answers for some seconds."""
        return Distribution.CacheBehaviorProperty(
            path_pattern=f"/{table()['prefix']}/*",
            target_origin_id=API,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=ALL_METHODS,
            compress=False,  # the API does it itself
            cache_policy_id=self._shared.ref,
            origin_request_policy_id=ALL_BUT_HOST,
            response_headers_policy_id=self._headers.attr_id,
            function_associations=[_on_request(self._request)],
        )

    def _hashed(self) -> Distribution.CacheBehaviorProperty:
        return Distribution.CacheBehaviorProperty(
            path_pattern="/assets/*",
            target_origin_id=FILES,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=READS,
            compress=True,
            cache_policy_id=CACHED,
            response_headers_policy_id=self._headers.attr_id,
        )

    def _permit(self, bucket: s3.IBucket) -> None:
        """Permit this distribution, and no other, to read the files, and to see what is missing."""
        files = f"{bucket.bucket_arn}/*"
        policy = s3.CfnBucketPolicy(
            self,
            "policy",
            bucket=bucket.bucket_name,
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [bucket.bucket_arn, files],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": files,
                        "Condition": {"StringEquals": {"aws:SourceArn": _arn(self.distribution)}},
                    },
                    {
                        # S3 says 403 of a missing file to who may not list; no path lists here
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:ListBucket",
                        "Resource": bucket.bucket_arn,
                        "Condition": {"StringEquals": {"aws:SourceArn": _arn(self.distribution)}},
                    },
                ],
            },
        )
        policy.override_logical_id(POLICY)


def _arn(distribution: Distribution) -> str:
    return f"arn:aws:cloudfront::{Aws.ACCOUNT_ID}:distribution/{distribution.attr_id}"


def _shared_answers() -> cloudfront.CfnCachePolicy.CachePolicyConfigProperty:
    """Return the policy of the API's answers: by token and query, as long as an answer says."""
    policy = cloudfront.CfnCachePolicy
    return policy.CachePolicyConfigProperty(
        name=f"{Aws.STACK_NAME}-{Aws.REGION}-answers",
        comment="SignalEngine: answers that a public API lets caches share",
        min_ttl=0,  # above it, CloudFront would store what says private or no-cache
        default_ttl=0,
        max_ttl=MOST_SHARED_S,
        parameters_in_cache_key_and_forwarded_to_origin=policy.ParametersInCacheKeyAndForwardedToOriginProperty(
            cookies_config=policy.CookiesConfigProperty(cookie_behavior="none"),
            enable_accept_encoding_gzip=True,
            headers_config=policy.HeadersConfigProperty(
                header_behavior="whitelist", headers=KEYED_HEADERS
            ),
            query_strings_config=policy.QueryStringsConfigProperty(query_string_behavior="all"),
        ),
    )


def _api(name: str, api_id: str, sent: Mapping[str, str]) -> Distribution.OriginProperty:
    """An API of the stack's region, and the headers that it gets from CloudFront only."""
    return Distribution.OriginProperty(
        id=name,
        domain_name=f"{api_id}.execute-api.{Aws.REGION}.amazonaws.com",
        custom_origin_config=Distribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
        ),
        origin_custom_headers=[
            Distribution.OriginCustomHeaderProperty(header_name=header, header_value=value)
            for header, value in sent.items()
        ],
    )


def _on_request(function: cloudfront.CfnFunction) -> Distribution.FunctionAssociationProperty:
    return Distribution.FunctionAssociationProperty(
        event_type="viewer-request", function_arn=function.attr_function_metadata_function_arn
    )
