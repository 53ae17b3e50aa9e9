"""Names that the stack and its deployment share; nothing here needs the CDK."""

STACK = "SignalEngine"
REGION = "ap-northeast-1"
"""The default region: Tokyo."""
REFUSED_REGIONS = ("us-", "ca-")
"""Binance answers connections from there with HTTP 451."""

LOCAL_PORT = 8000
"""Where the dashboard of one machine is, unless another port is given."""

PARAMETER_BYTES = 4096
"""The most that CloudFormation takes as the value of a parameter."""
SYMBOL_PARAMETERS = ("Symbols", "MoreSymbols")
"""The parameters whose values, one after the other, are the list of symbols."""

PARAMETERS = (
    *SYMBOL_PARAMETERS, "LogLevel", "TelegramApiBase", "TelegramPace", "TelegramDigestAfter",
    "TelegramRateLimit", "ServesChannels", "EmailIdentity", "EnablePrometheus", "AccessLog",
    "DashboardUrl", "ExecuteApiBase", "AiEnabled", "AiModelPath", "AiModelBucket", "OllamaBaseUrl",
    "OllamaModel", "BedrockModelId", "AlarmEmail", "BudgetUsd", "ReservedConcurrency",
    "MaxConnections", "IngestTasks", "IngestCapacity", "SiteDomain", "SiteCertificate",
)  # fmt: skip
"""All parameters of the code's stack; CloudFormation refuses one that it does not know."""
INGEST_CAPACITIES = ("spot", "on-demand")
"""What the ingest task may run on; the first is the default."""
DATA_PARAMETERS = ("PublicApi", "SecretsIn")
"""All parameters of the data's stack."""
SECRETS_IN = ("secrets-manager", "parameters")
"""Where the secrets are; the first is the default of a plain `cdk deploy`."""
TABLES = (
    "state", "bars", "events", "decisions", "signals", "cooldowns", "performance", "deliveries",
    "connections", "gaps", "subscriptions", "calls", "strategies",
)  # fmt: skip
"""The tables, in the order in which a bar reaches them."""
STREAMED = ("events", "signals", "connections")
"""Tables whose changes start functions."""

SCHEDULED: dict[str, dict[str, object]] = {
    "track_signals": {"sweep": True},
    "publish_signals": {"republish": True},
}
"""What the schedule of a function sends to it, each minute."""


def checked_region(region: str) -> str:
    """The region itself, if the exchange can be reached from it; raises ValueError if not."""
    if region.startswith(REFUSED_REGIONS):
        raise ValueError(
            f"Binance refuses connections from {region} (HTTP 451). "
            f"Choose another region, for example: -c region={REGION}"
        )
    return region


def symbol_parameters(symbols: str) -> dict[str, str]:
    """The stack's parameters for a list of symbols; raises ValueError if it is too long.

    One parameter cannot hold a list of five hundred.
    """
    values, rest = {}, symbols
    for name in SYMBOL_PARAMETERS:
        values[name] = rest.encode()[:PARAMETER_BYTES].decode(errors="ignore")
        rest = rest[len(values[name]) :]
    if rest:
        size, most = len(symbols.encode()), len(SYMBOL_PARAMETERS) * PARAMETER_BYTES
        raise ValueError(
            f"the list of symbols has {size} bytes, and the stack's parameters hold {most}: "
            "follow top:N or all"
        )
    return values
