"""Throttles of both APIs, and what they let visitors cost."""

from collections.abc import Mapping
from typing import Any

from signalengine_aws.costs import public
from signalengine_aws.costs.prices import PRICES, Unit

from infra.parts.throttles import REST
from tests.infra.template import Resource, Template

PUBLIC = "PublicOnAws"


def stages(template: Template) -> dict[str, Resource]:
    """Return the stages by name: `live` is the WebSocket's."""
    return {one["StageName"]: one for one in template.of_type("AWS::ApiGatewayV2::Stage").values()}


def public_rates(stage: Resource) -> dict[str, float]:
    """Return the rates where everyone may read; the rest has that of $default."""
    routes: Mapping[str, Any] = stage["RouteSettings"] | {"$default": stage["DefaultRouteSettings"]}
    choices = {key: one["ThrottlingRateLimit"]["Fn::If"] for key, one in routes.items()}
    assert all(choice[0] == PUBLIC and choice[1] < choice[2] for choice in choices.values())
    return {key: choice[1] for key, choice in choices.items()}


def test_the_limits_are_those_that_are_priced(template: Template) -> None:
    """So the bound of `signalengine cost --public` is that of this template."""
    found = stages(template)
    assert public_rates(found["$default"]) == public.HTTP_RATES
    assert public_rates(found["live"]) == public.SOCKET_RATES
    functions = template.functions()
    connect = functions["connect_websocket"]["Environment"]["Variables"]
    most = {"Fn::If": [PUBLIC, public.CONNECTIONS, {"Ref": "MaxConnections"}]}
    assert connect["MAX_CONNECTIONS"] == most
    answers = functions["serve_api"]["Environment"]["Variables"]["PUBLIC_USD_A_DAY"]
    assert answers == {"Fn::If": [PUBLIC, f"{public.ANSWERS_USD:g}", ""]}
    assert functions["serve_api"]["MemorySize"] == 512  # as `request_usd` prices a second


def test_no_route_of_a_public_api_is_without_a_price(template: Template) -> None:
    apis = {one["ApiId"]["Ref"]: name for name, one in stages(template).items()}
    for route in template.of_type("AWS::ApiGatewayV2::Route").values():
        prices = (
            public.HTTP_RATES if apis[route["ApiId"]["Ref"]] == "$default" else public.SOCKET_RATES
        )
        assert route["RouteKey"] in {*prices, "ANY /{proxy+}", "$disconnect"}


def test_an_api_writes_no_line_for_what_it_refuses_unless_its_operator_wants_it(
    template: Template,
) -> None:
    """A line a refused request would be billed, however many are refused."""
    settings = stages(template)["$default"]["AccessLogSettings"]["Fn::If"]
    assert (settings[0], settings[2]) == ("LogsAccess", {"Ref": "AWS::NoValue"})
    wanted, private = template.body["Conditions"]["LogsAccess"]["Fn::And"]
    assert wanted == {"Fn::Equals": [{"Ref": "AccessLog"}, "true"]}
    assert private == {"Fn::Equals": [{"Ref": "SettingsPublic"}, "false"]}
    assert template.body["Parameters"]["AccessLog"]["Default"] == "false"
    refused_a_day, line_bytes = 10_000 * 86_400, 250
    assert refused_a_day * line_bytes / 2**30 * PRICES[Unit.LOG_GB].each > 100, "USD"
    assert "AccessLogSettings" not in stages(template)["live"]


def test_the_rest_of_the_routes_is_not_a_route_of_its_own(template: Template) -> None:
    assert all(REST not in stage["RouteSettings"] for stage in stages(template).values())
