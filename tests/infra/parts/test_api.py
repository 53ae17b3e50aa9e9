"""The HTTP API's gateway."""

import pytest

from tests.infra.template import Template


def test_pages_of_other_origins_may_not_read(template: Template) -> None:
    """The dashboard has the API's own origin; programs need no permission."""
    apis = template.of_type("AWS::ApiGatewayV2::Api").values()
    assert [api for api in apis if "CorsConfiguration" in api] == []


def test_the_viewers_address_is_believed_from_cloudfront_only(template: Template) -> None:
    key = template.functions()["serve_api"]["Environment"]["Variables"]["FRONT_KEY"]["Fn::If"]
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    (sent,) = (
        one["OriginCustomHeaders"][0]["HeaderValue"]
        for one in distribution["DistributionConfig"]["Origins"] if one["Id"] == "api"
    )  # fmt: skip
    assert key == ["OnAws", sent, ""]
    for name in ("change_settings", "answer_email", "answer_push"):
        variables = template.functions()[name]["Environment"]["Variables"]
        assert variables["FRONT_KEY"] == {"Fn::If": key}, name
    probe = template.functions()["probe_service"]["Environment"]["Variables"]
    assert probe["FRONT_KEY"] == {"Fn::If": key}, "its requests are charged to no budget"


@pytest.mark.parametrize("kind", ["AWS::Lambda::Url", "AWS::ElasticLoadBalancingV2::Listener"])
def test_there_is_no_other_entry_point(template: Template, kind: str) -> None:
    assert template.of_type(kind) == {}


def test_functions_know_whether_a_token_may_be_empty(template: Template) -> None:
    """It comes with the limits of a public API, not with the token, which is the data's."""
    told = {
        name: variables["PUBLIC_API"]
        for name, function in template.functions().items()
        if "API_SECRET_ARN" in (variables := function["Environment"]["Variables"])
    }
    assert set(told) == {
        "serve_api", "connect_websocket", "answer_chat", "broadcast", "probe_service",
        "greet_clients", "answer_push",
    }  # fmt: skip
    assert all(value == {"Ref": "SettingsPublic"} for value in told.values())
    limit = template.body["Conditions"]["PublicOnAws"]["Fn::And"]
    assert {"Fn::Equals": [{"Ref": "SettingsPublic"}, "true"]} in limit
