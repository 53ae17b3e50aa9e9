"""Names that the stack and those who deploy it share; nothing here needs the CDK."""

STACK = "SignalEngine"
REGION = "ap-northeast-1"
"""Tokyo: Binance answers HTTP 451 in the United States and Canada."""
