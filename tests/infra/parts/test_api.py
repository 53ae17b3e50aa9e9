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


def test_the_api_needs_a_token_unless_everyone_may_read(template: Template) -> None:
    (secret,) = (
        one for one in template.of_type("AWS::SecretsManager::Secret").values()
        if "api_token" in one["Description"]
    )  # fmt: skip
    condition, nothing, generated = secret["GenerateSecretString"]["Fn::If"]
    assert (condition, nothing) == ("ApiIsPublic", {"Ref": "AWS::NoValue"})
    assert generated["GenerateStringKey"] == "api_token"
    open_to_all = ["ApiIsPublic", '{"api_token": ""}', {"Ref": "AWS::NoValue"}]
    assert secret["SecretString"] == {"Fn::If": open_to_all}
    assert template.body["Parameters"]["PublicApi"]["Default"] == "false"
    equals = {"Fn::Equals": [{"Ref": "PublicApi"}, "true"]}
    assert template.body["Conditions"]["ApiIsPublic"] == equals
