"""The secrets in the stack of the data."""

from tests.infra.template import Template


def test_the_api_needs_a_token_unless_everyone_may_read(data: Template) -> None:
    (secret,) = (
        one for one in data.of_type("AWS::SecretsManager::Secret").values()
        if "api_token" in one["Description"]
    )  # fmt: skip
    condition, nothing, generated = secret["GenerateSecretString"]["Fn::If"]
    assert (condition, nothing) == ("ApiIsPublic", {"Ref": "AWS::NoValue"})
    assert generated["GenerateStringKey"] == "api_token"
    open_to_all = ["ApiIsPublic", '{"api_token": ""}', {"Ref": "AWS::NoValue"}]
    assert secret["SecretString"] == {"Fn::If": open_to_all}
    assert data.body["Parameters"]["PublicApi"]["Default"] == "false"
    equals = {"Fn::Equals": [{"Ref": "PublicApi"}, "true"]}
    assert data.body["Conditions"]["ApiIsPublic"] == equals


def test_telegrams_secret_is_filled_in_by_hand_but_for_the_webhooks(data: Template) -> None:
    (secret,) = (
        one for one in data.of_type("AWS::SecretsManager::Secret").values()
        if one["Description"].startswith("Telegram")
    )  # fmt: skip
    generated = secret["GenerateSecretString"]
    assert generated["GenerateStringKey"] == "webhook_secret"
    assert '"token": ""' in generated["SecretStringTemplate"]
