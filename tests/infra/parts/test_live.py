"""Delivery to WebSocket clients."""

from tests.infra.template import Template


def test_the_broadcast_receives_every_message(template: Template) -> None:
    (subscription,) = (
        one
        for one in template.of_type("AWS::SNS::Subscription").values()
        if one["Protocol"] == "lambda"
        and template.function_of(one["Endpoint"]["Fn::GetAtt"][0]) == "broadcast"
    )
    assert "FilterPolicy" not in subscription


def test_a_status_that_is_a_minute_old_is_not_broadcast(template: Template) -> None:
    (config,) = (
        one
        for one in template.of_type("AWS::Lambda::EventInvokeConfig").values()
        if template.function_of(one["FunctionName"]["Ref"]) == "broadcast"
    )
    assert config["MaximumEventAgeInSeconds"] == 60


def test_a_route_is_throttled_by_itself_and_exists_before_its_stage_names_it(
    template: Template,
) -> None:
    """Junk takes no place of resumes. CloudFormation refuses a stage that names a route too early:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-protect.html"""
    ((name, stage),) = (
        (name, one)
        for name, one in template.of_type("AWS::ApiGatewayV2::Stage").items()
        if one["StageName"] == "live"
    )
    routes = {
        one["RouteKey"]: logical
        for logical, one in template.of_type("AWS::ApiGatewayV2::Route").items()
        if one["ApiId"] == stage["ApiId"]
    }
    throttled = set(stage["RouteSettings"])
    assert throttled == set(routes) - {"$default", "$disconnect"}
    needed = set(template.body["Resources"][name]["DependsOn"])
    assert {routes[key] for key in throttled - {"$connect"}} <= needed


def test_connections_are_capped(template: Template) -> None:
    variables = template.functions()["connect_websocket"]["Environment"]["Variables"]
    assert variables["MAX_CONNECTIONS"]["Fn::If"][2] == {"Ref": "MaxConnections"}
    assert template.body["Parameters"]["MaxConnections"]["Default"] == 500
