"""Response headers: one source of the content security policy, and TLS from then on."""

from infra.build.dashboard import WEB
from infra.parts.site.security import content_policy
from tests.infra.template import Template


def directives(policy: str) -> dict[str, str]:
    rows = (one.strip().partition(" ") for one in policy.split(";"))
    return {name: sources for name, _, sources in rows}


def test_the_header_is_the_pages_own_policy_for_one_address(template: Template) -> None:
    (policy,) = template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
    security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    sent = security["ContentSecurityPolicy"]
    page = (WEB / "index.html").read_text()
    assert sent["ContentSecurityPolicy"] == content_policy(page)
    assert sent["Override"] is False  # the API's own pages have a policy of their own
    found = directives(sent["ContentSecurityPolicy"])
    (meta,) = (line for line in page.splitlines() if "default-src" in line)
    own = directives(meta.split('"')[1])
    assert found == own | {"connect-src": "'self'", "frame-ancestors": "'none'"}
    assert own["connect-src"].startswith("'self' ")  # the header narrows it


def test_browsers_stay_with_tls_and_guess_and_frame_nothing(template: Template) -> None:
    (policy,) = template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
    security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 24 * 3600
    assert security["ContentTypeOptions"] == {"Override": True}
    assert security["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    custom = policy["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]["Items"]
    assert {one["Header"] for one in custom} == {
        "Permissions-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"
    }  # fmt: skip
