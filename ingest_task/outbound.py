"""How the exchange is reached: directly or through the environment's proxy, and whom it trusts.

REQUESTS_CA_BUNDLE or SSL_CERT_FILE names the certificates where a proxy decrypts TLS.
"""

import os
from typing import Any

import requests
from signalengine_aws.runtime.proxies import proxy_of


def http_session(base: str) -> requests.Session:
    """Return a session for the requests below an address; raises ConfigError."""
    session = requests.Session()
    session.trust_env = False  # else this machine would be requested through the proxy too
    proxy = proxy_of(base)
    if proxy is not None:
        session.proxies = {"http": proxy.url, "https": proxy.url}
    session.verify = _certificates() or True
    return session


def socket_options(url: str) -> dict[str, Any]:
    """Return websocket-client's options for a connection to `url`; raises ConfigError."""
    options: dict[str, Any] = {}
    certificates = _certificates()
    if certificates:
        options["sslopt"] = {"ca_certs": certificates}
    proxy = proxy_of(url)
    if proxy is None:
        # it reads the exceptions only beside a proxy, else it takes the environment's
        return options | {"http_proxy_host": "none", "http_no_proxy": ["*"]}
    login = (proxy.user, proxy.password) if proxy.user else None
    return options | {
        "http_proxy_host": proxy.host, "http_proxy_port": proxy.port, "http_proxy_auth": login,
    }  # fmt: skip


def _certificates() -> str:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or ""
