"""The HTTP API's gateway."""

import pytest

from tests.infra.template import Template


def test_pages_of_other_origins_may_read_and_chat(template: Template) -> None:
    (api,) = (
        api for api in template.of_type("AWS::ApiGatewayV2::Api").values()
        if api["ProtocolType"] == "HTTP"
    )  # fmt: skip
    cors = api["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["*"]
    assert set(cors["AllowMethods"]) == {"GET", "POST"}
    headers = {"Authorization", "Content-Type", "If-None-Match", "X-Api-Key"}
    assert set(cors["AllowHeaders"]) == headers
    assert "AllowCredentials" not in cors


@pytest.mark.parametrize("kind", ["AWS::Lambda::Url", "AWS::ElasticLoadBalancingV2::Listener"])
def test_there_is_no_other_entry_point(template: Template, kind: str) -> None:
    assert template.of_type(kind) == {}
