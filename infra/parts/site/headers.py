"""The response headers of the site; its content security policy is the page's own."""

import re
from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_cloudfront as cloudfront

from infra.build.dashboard import WEB

YEAR_S: Final = 365 * 24 * 3600
_IN_PAGE: Final = re.compile(r'http-equiv="Content-Security-Policy"\s+content="([^"]*)"')
_CONNECT: Final = re.compile(r"connect-src [^;]*")
MORE: Final = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_policy(page: str) -> str:
    """Return the policy of `index.html`, narrowed to one address (pure).

    The page's own serves a local run too, where the API has another address. What only a header can
    say is added: no other site shows the page in a frame.
    """
    found = _IN_PAGE.search(page)
    if found is None:
        raise ValueError("index.html has no content security policy")
    own = _CONNECT.sub("connect-src 'self'", found[1])
    return f"{own}; frame-ancestors 'none'"


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
