"""The CloudFormation parameters; the defaults are for AWS."""

from collections.abc import Sequence

from aws_cdk import (
    Aws,
    CfnCondition,
    CfnParameter,
    CfnRule,
    CfnRuleAssertion,
    Fn,
    ICfnConditionExpression,
    IResolvable,
    Token,
)
from constructs import Construct

from infra.names import (
    INGEST_CAPACITIES,
    LOCAL_PORT,
    PARAMETER_BYTES,
    SECRETS_IN,
    SYMBOL_PARAMETERS,
)
from infra.settings import Stage

from .data.references import find
from .data.secrets import PLACE, PUBLIC

MARKET = "live"
"""The source of the prices on AWS; a local system has others too."""
SPOT, ON_DEMAND = "FARGATE_SPOT", "FARGATE"
"""The capacity providers of ECS, as the cluster knows them."""
LOCAL_DASHBOARD = f"http://localhost:{LOCAL_PORT}/"
DOMAIN = r"|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
CERTIFICATE = r"|arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36}"
"""Forms of parameters that may be empty; CloudFront takes certificates of that region only."""


class Settings(Construct):
    """The parameters by their names, and values derived from them."""

    def __init__(self, scope: Construct, construct_id: str, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self._define_engine()
        self._define_telegram()
        self._define_channels()
        self._define_email()
        self._define_model()
        self._define_chat()
        self._define_notices()
        self._define_api()
        self._define_domain()

    def _define_engine(self) -> None:
        """Add what is followed, and where the APIs answer."""
        first, more = SYMBOL_PARAMETERS
        symbols = self._text(
            first, "BTCUSDT,ETHUSDT,SOLUSDT", "Perpetuals, comma separated; or top:50; or all"
        )
        continued = self._text(
            more, "", f"The rest of a list longer than {PARAMETER_BYTES} bytes; empty for none"
        )
        self.symbols = Fn.join("", [symbols, continued])
        self.log_level = self._text("LogLevel", "INFO", "DEBUG, INFO, WARNING or ERROR")
        self.enable_prometheus = self._text(
            "EnablePrometheus", "true", "false: /metrics answers 404", allowed=("true", "false")
        )
        self.execute_api_base = self._text(
            "ExecuteApiBase", "", "Where deployed APIs answer; empty on AWS, a URL on an emulator"
        )
        self.on_aws = self._equal("OnAws", self.execute_api_base, "")
        self._ingest_tasks = self._number(
            "IngestTasks", 1, "Ingest tasks: 1; or 0, for a stage that is rebuilt from an archive"
        )
        capacity = self._text(
            "IngestCapacity",
            INGEST_CAPACITIES[0],
            "spot: a third of the price, interrupted now and then; on-demand: never",
            allowed=INGEST_CAPACITIES,
        )
        self._equal("IngestOnDemand", capacity, "on-demand")

    def _define_telegram(self) -> None:
        """Add how messages are sent, and the page that they link to."""
        self.telegram_api_base = self._text(
            "TelegramApiBase", "https://api.telegram.org", "Where the Bot API answers"
        )
        self.telegram_pace = self._text(
            "TelegramPace", "normal", "normal keeps Telegram's limits; unlimited is for replays"
        )
        self.telegram_digest_after_s = self._text(
            "TelegramDigestAfter",
            "30",
            "Seconds a message may wait for others of its chat before digests; 0 for none",
        )
        self.telegram_rate_limit = self._text(
            "TelegramRateLimit", "1", "Most messages a second to one chat; Telegram accepts 1"
        )
        self.dashboard_url = self._text(
            "DashboardUrl", "", "The dashboard's address, for digests; empty for the stack's own"
        )
        self._given("OwnDashboardUrl", self.dashboard_url)

    def _define_channels(self) -> None:
        """Add whether the queue of the other channels is served: polling it has its price."""
        serves = self._text(
            "ServesChannels",
            "false",
            "true: messages go to destinations of other channels; `signalengine channel` sets it",
            allowed=("false", "true"),
        )
        served = Fn.condition_equals(serves, "true")
        here = Fn.condition_not(Fn.condition_equals(self.execute_api_base, ""))
        self.serves_channels = self._condition("ChannelsAreServed", Fn.condition_or(served, here))
        self.watches_channels = self._condition(
            "WatchesChannels",
            Fn.condition_and(served, Fn.condition_equals(self.execute_api_base, "")),
        )

    def _define_email(self) -> None:
        """Add the identity that mail is sent as."""
        self.email_identity = self._text(
            "EmailIdentity", "", "A domain or address that is verified in SES; empty for none"
        )
        self.sends_email = self._given("SendsEmail", self.email_identity)

    def _define_model(self) -> None:
        """Add the model that scoring uses."""
        self.ai_enabled = self._text(
            "AiEnabled", "false", "true: scoring uses a model; its weight is set by the policy"
        )
        self.ai_model_path = self._text(
            "AiModelPath", "", "The model: a file of a layer, or the key in AiModelBucket"
        )
        self.ai_model_bucket = self._text(
            "AiModelBucket", "", "Bucket of the model; empty when it is a file"
        )
        self.model_on_s3 = self._given("ModelOnS3", self.ai_model_bucket)

    def _define_chat(self) -> None:
        """Add the language models of the chat."""
        self.ollama_base_url = self._text(
            "OllamaBaseUrl", "", "Ollama server for the chat; empty for none"
        )
        self.ollama_model = self._text("OllamaModel", "llama3.2:3b", "Model of that server")
        self.bedrock_model_id = self._text(
            "BedrockModelId", "", "Bedrock model of this region for the chat; empty for none"
        )
        self.chats_by_bedrock = self._given("ChatsByBedrock", self.bedrock_model_id)

    def _define_notices(self) -> None:
        """Add whom alarms reach, and the budget."""
        self.alarm_email = self._text(
            "AlarmEmail", "", "Address that alarms are sent to; empty for none"
        )
        self.alarms_by_email = self._given("AlarmsByEmail", self.alarm_email)
        self.budget_usd = self._number(
            "BudgetUsd", 60, "US dollars a month for the account, more is notified; 0: none"
        )
        self.budgeted = self._condition(
            "Budgeted",
            Fn.condition_and(
                Fn.condition_equals(self.execute_api_base, ""),
                Fn.condition_not(Fn.condition_equals(self.budget_usd, "0")),
            ),
        )

    def _define_api(self) -> None:
        """Add who may read and where secrets are, as the data's stack has published, and limits."""
        place = find(self, self._stage, PLACE)
        managed, in_parameters = SECRETS_IN
        self.secrets_in = (
            self._equal("SecretsAreManaged", place, managed),
            self._equal("SecretsInParameters", place, in_parameters),
        )
        self.public_api = public = find(self, self._stage, PUBLIC)
        self._condition(
            "PublicOnAws",
            Fn.condition_and(
                Fn.condition_equals(public, "true"),
                Fn.condition_equals(self.execute_api_base, ""),
            ),
        )
        access_log = self._text(
            "AccessLog",
            "false",
            "true: a line a request, refused ones too, unless everyone may read",
            allowed=("true", "false"),
        )
        self.logs_access = self._condition(
            "LogsAccess",
            Fn.condition_and(
                Fn.condition_equals(access_log, "true"), Fn.condition_equals(public, "false")
            ),
        )
        self._reserved = self._number(
            "ReservedConcurrency", 0, "Executions at a time of each public function; 0: no limit"
        )
        self._given("ReservesConcurrency", self._reserved, without="0")
        self.max_connections = self._number(
            "MaxConnections", 500, "WebSocket connections at a time; more are answered with 503"
        )

    def _define_domain(self) -> None:
        """Add an own name for the site, with its certificate; one needs the other."""
        self.site_domain = self._text(
            "SiteDomain",
            "",
            "A name of your own for the site; empty for one of cloudfront.net",
            pattern=DOMAIN,
            form="a host name in lower case, such as signals.example.com",
        )
        self.site_certificate = self._text(
            "SiteCertificate",
            "",
            "ARN of its certificate, which is in us-east-1 whatever the stack's region",
            pattern=CERTIFICATE,
            form="the ARN of a certificate of ACM in us-east-1",
        )
        self._given("OwnDomain", self.site_domain)
        self._both_or_none("SiteDomain", "SiteCertificate")

    def _both_or_none(self, one: str, other: str) -> None:
        """Refuse a deployment that has only one of two parameters."""
        pairs = ((one, other), (other, one))
        for given, needed in pairs:
            rule = CfnRule(
                self,
                f"{given}Needs{needed}",
                rule_condition=Fn.condition_not(Fn.condition_equals(Fn.ref(given), "")),
                assertions=[
                    CfnRuleAssertion(
                        assert_=Fn.condition_not(Fn.condition_equals(Fn.ref(needed), "")),
                        assert_description=f"{given} needs {needed}",
                    )
                ],
            )
            rule.override_logical_id(f"{given}Needs{needed}")

    def if_on_aws(self, value: str) -> str:
        """A text on AWS, none on an emulator."""
        return Fn.condition_if("OnAws", value, "").to_string()

    def own_domain(self, value: object) -> IResolvable:
        """A property of a site with a name of its own; none without."""
        return Fn.condition_if("OwnDomain", value, Aws.NO_VALUE)

    def http_url(self, api_id: str, region: str) -> str:
        """URL of an HTTP API's default stage, without a slash at its end."""
        return Fn.condition_if(
            "OnAws",
            f"https://{api_id}.execute-api.{region}.amazonaws.com",
            f"{self.execute_api_base}/{api_id}",
        ).to_string()

    def websocket_url(self, api_id: str, region: str, stage: str) -> str:
        """URL that a WebSocket client opens."""
        # http://x becomes ws://x. The word is appended first, so that the split has a second
        # part also when the base is empty: both branches of a condition have to be well formed.
        rest = Fn.select(1, Fn.split("http", f"{self.execute_api_base}http"))
        return Fn.condition_if(
            "OnAws",
            f"wss://{api_id}.execute-api.{region}.amazonaws.com/{stage}",
            f"ws{rest}/{api_id}/{stage}",
        ).to_string()

    def site_url(self, domain: str) -> str:
        """The stack's own address of the dashboard; `domain` is CloudFront's name for it."""
        return self._site_url(domain, LOCAL_DASHBOARD)

    def site_url_here(self, domain: str) -> str:
        """The same; beside an emulator, which has no CloudFront, the given address."""
        return self._site_url(domain, self.dashboard_url_or(LOCAL_DASHBOARD))

    def _site_url(self, domain: str, local: str) -> str:
        own = Fn.condition_if("OwnDomain", self.site_domain, domain).to_string()
        return Fn.condition_if("OnAws", f"https://{own}/", local).to_string()

    def dashboard_url_or(self, site_url: str) -> str:
        """The address that digests link to: the given one, or the stack's own."""
        return Fn.condition_if("OwnDashboardUrl", self.dashboard_url, site_url).to_string()

    def ai_model_address(self) -> str:
        """The value of AI_MODEL_PATH: s3://bucket/key, or the path as it is."""
        return Fn.condition_if(
            "ModelOnS3", f"s3://{self.ai_model_bucket}/{self.ai_model_path}", self.ai_model_path
        ).to_string()

    def ai_model_arn(self) -> str:
        """The model's object; meaningful only under the condition `model_on_s3`."""
        return f"arn:aws:s3:::{self.ai_model_bucket}/{self.ai_model_path}"

    def ingest_tasks(self) -> float:
        """How many Fargate tasks run: an emulator starts no containers, ingest is a process."""
        return Token.as_number(Fn.condition_if("OnAws", self._ingest_tasks, 0))

    def ingest_provider(self) -> str:
        """The capacity provider of the ingest task."""
        return Fn.condition_if("IngestOnDemand", ON_DEMAND, SPOT).to_string()

    def bedrock_model_arn(self, region: str) -> str:
        """The chat's model; meaningful only under the condition `chats_by_bedrock`."""
        return f"arn:aws:bedrock:{region}::foundation-model/{self.bedrock_model_id}"

    def reserved_concurrency(self) -> IResolvable:
        """The limit of a public function's executions, or no property (0 would stop it)."""
        return Fn.condition_if("ReservesConcurrency", self._reserved, Aws.NO_VALUE)

    def where_public(self, value: object, otherwise: object = Aws.NO_VALUE) -> IResolvable:
        """A value where visitors cause costs: everyone may read, and AWS bills it."""
        return Fn.condition_if("PublicOnAws", value, otherwise)

    def _equal(self, name: str, value: str, wanted: str) -> CfnCondition:
        return self._condition(name, Fn.condition_equals(value, wanted))

    def _given(self, name: str, value: str, *, without: str = "") -> CfnCondition:
        return self._condition(name, Fn.condition_not(Fn.condition_equals(value, without)))

    def _condition(self, name: str, expression: ICfnConditionExpression) -> CfnCondition:
        condition = CfnCondition(self, name, expression=expression)
        condition.override_logical_id(name)
        return condition

    def _text(
        self, name: str, default: str, description: str, *, pattern: str | None = None,
        form: str | None = None, allowed: Sequence[str] | None = None,
    ) -> str:  # fmt: skip
        parameter = CfnParameter(
            self,
            name,
            type="String",
            default=default,
            description=description,
            allowed_pattern=pattern,
            allowed_values=None if allowed is None else list(allowed),
            constraint_description=form,
        )
        parameter.override_logical_id(name)
        return parameter.value_as_string

    def _number(self, name: str, default: int, description: str) -> str:
        """Return a reference to a whole number of 0 or more."""
        parameter = CfnParameter(
            self, name, type="Number", default=default, min_value=0, description=description
        )
        parameter.override_logical_id(name)
        return Fn.ref(name)
