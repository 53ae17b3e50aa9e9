"""What browsers get about the site, on AWS and on one machine; nothing here needs the CDK."""

import re
from typing import Final

_IN_PAGE: Final = re.compile(r'http-equiv="Content-Security-Policy"\s+content="([^"]*)"')
_CONNECT: Final = re.compile(r"connect-src [^;]*")
MORE: Final = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_policy(page: str) -> str:
    """Return the policy of `index.html`, narrowed to one address (pure).

    What only a header can say is added: no other site shows the page in a frame.
    """
    found = _IN_PAGE.search(page)
    if found is None:
        raise ValueError("index.html has no content security policy")
    own = _CONNECT.sub("connect-src 'self'", found[1])
    return f"{own}; frame-ancestors 'none'"
