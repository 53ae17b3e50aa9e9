"""The response headers of the site; its content security policy is the page's own."""

from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_cloudfront as cloudfront

from infra.build.dashboard import WEB

from .security import MORE, content_policy

YEAR_S: Final = 365 * 24 * 3600


def config() -> cloudfront.CfnResponseHeadersPolicy.ResponseHeadersPolicyConfigProperty:
    """Return the policy of every answer; an answer of the API that has its own CSP keeps it."""
    policy = cloudfront.CfnResponseHeadersPolicy
    page = (WEB / "index.html").read_text(encoding="utf-8")
    return policy.ResponseHeadersPolicyConfigProperty(
        name=f"{Aws.STACK_NAME}-{Aws.REGION}-site",
        comment="SignalEngine: TLS only, scripts of the site only, in no frame",
        security_headers_config=policy.SecurityHeadersConfigProperty(
            content_security_policy=policy.ContentSecurityPolicyProperty(
                content_security_policy=content_policy(page), override=False
            ),
            content_type_options=policy.ContentTypeOptionsProperty(override=True),
            frame_options=policy.FrameOptionsProperty(frame_option="DENY", override=True),
            referrer_policy=policy.ReferrerPolicyProperty(
                referrer_policy="no-referrer", override=True
            ),
            strict_transport_security=policy.StrictTransportSecurityProperty(
                access_control_max_age_sec=YEAR_S, override=True
            ),
        ),
        custom_headers_config=policy.CustomHeadersConfigProperty(
            items=[
                policy.CustomHeaderProperty(header=name, value=value, override=True)
                for name, value in MORE.items()
            ]
        ),
    )
