"""The content security policy of the site, for one address."""

import pytest

from infra.parts.site.security import content_policy

META = '<meta http-equiv="Content-Security-Policy" content="{}" />'


def test_it_connects_to_its_own_address_and_is_shown_in_no_frame() -> None:
    page = META.format("default-src 'none'; connect-src 'self' http: ws:; base-uri 'self'")
    assert content_policy(page) == (
        "default-src 'none'; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'"
    )


def test_a_page_without_a_policy_is_no_dashboard() -> None:
    with pytest.raises(ValueError, match="no content security policy"):
        content_policy("<title>x</title>")
