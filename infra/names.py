"""Names that the stack and its deployment share; nothing here needs the CDK."""

STACK = "SignalEngine"
REGION = "ap-northeast-1"
"""The default region: Tokyo."""
REFUSED_REGIONS = ("us-", "ca-")
"""Binance answers connections from there with HTTP 451."""


def checked_region(region: str) -> str:
    """The region itself, if the exchange can be reached from it; raises ValueError if not."""
    if region.startswith(REFUSED_REGIONS):
        raise ValueError(
            f"Binance refuses connections from {region} (HTTP 451). "
            f"Choose another region, for example: -c region={REGION}"
        )
    return region
