"""The probe: every five minutes it uses the service as its clients do."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..function import Function
from ..schedule import regularly
from ..shared import Shared

EVERY = Duration.minutes(5)


class Probe(Construct):
    """probe_service: a heartbeat over the WebSocket, then `/health`, both by public addresses.

    It stores in one item when it saw a heartbeat. On one machine
    `signalengine up` starts it instead of a schedule.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, shared: Shared, http: str, websocket: str
    ) -> None:
        """`http` and `websocket` are the URLs of the APIs."""
        super().__init__(scope, construct_id)
        state = shared.storage.state
        self.probe_service = Function(
            self,
            "probe_service",
            platform=shared.platform,
            description="Waits for a heartbeat as a WebSocket client, and reads the health",
            timeout_s=150,  # a heartbeat a minute at least, and a request
            memory_mb=256,  # it mostly waits, which is paid by the memory
        )
        self.probe_service.set_environment(
            {
                "HTTP_URL": http,
                "WEBSOCKET_URL": websocket,
                state.variable: state.resource.table_name,
            }
        )
        self.probe_service.role.add_to_policy(
            iam.PolicyStatement(
                actions=["dynamodb:PutItem"],
                resources=[state.resource.table_arn],
                # of the table of states this one item, as signalengine_aws.stores.tables names it
                conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["#probe"]}},
            )
        )
        # a failure is seen five minutes later again: a retry would only count it twice
        self.probe_service.resource.configure_async_invoke(
            max_event_age=Duration.minutes(5), retry_attempts=0
        )
        regularly(self.probe_service, {}, every=EVERY, when=shared.settings.on_aws)

    def show(self, front_key: str) -> None:
        """Show the API this key, by which it does not charge the probe to a public budget."""
        self.probe_service.set_environment({"FRONT_KEY": front_key})
