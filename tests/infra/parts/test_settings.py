"""The parameters of the stack."""

from infra.names import DATA_PARAMETERS, PARAMETERS, SYMBOL_PARAMETERS
from infra.parts.data.references import KIND
from tests.infra.template import Template
from tests.paths import ROOT


def test_parameters_default_to_the_values_for_aws(template: Template) -> None:
    defaults = {name: p.get("Default") for name, p in template.body["Parameters"].items()}
    assert defaults["ExecuteApiBase"] == ""
    assert defaults["TelegramApiBase"] == "https://api.telegram.org"
    assert defaults["TelegramPace"] == "normal"
    assert (defaults["TelegramDigestAfter"], defaults["DashboardUrl"]) == ("30", "")


def test_digests_link_to_the_stacks_own_site_unless_another_is_given(template: Template) -> None:
    variables = template.functions()["send_telegram"]["Environment"]["Variables"]
    condition, given, own = variables["DASHBOARD_URL"]["Fn::If"]
    assert (condition, given) == ("OwnDashboardUrl", {"Ref": "DashboardUrl"})
    shown = template.body["Outputs"]["SiteUrl"]["Value"]["Fn::If"]
    on_aws, site, local = own["Fn::If"]
    assert (on_aws, local, shown[:2]) == ("OnAws", "http://localhost:8000/", [on_aws, site])
    scheme, name, slash = site["Fn::Join"][1]
    assert (scheme, slash) == ("https://", "/")
    assert name["Fn::If"][:2] == ["OwnDomain", {"Ref": "SiteDomain"}]
    assert name["Fn::If"][2] == {"Fn::GetAtt": ["SiteDistribution", "DomainName"]}
    assert shown[2]["Fn::If"] == [condition, given, local]


def test_without_a_bucket_the_model_is_a_path(template: Template) -> None:
    variables = template.functions()["score_events"]["Environment"]["Variables"]
    condition, on_s3, path = variables["AI_MODEL_PATH"]["Fn::If"]
    assert condition == "ModelOnS3"
    assert "Fn::Join" in on_s3
    assert path == {"Ref": "AiModelPath"}


def test_both_parameters_make_the_list_of_symbols(template: Template) -> None:
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    (container,) = task["ContainerDefinitions"]
    (value,) = (one["Value"] for one in container["Environment"] if one["Name"] == "SYMBOLS")
    assert value == {"Fn::Join": ["", [{"Ref": name} for name in SYMBOL_PARAMETERS]]}


def test_visitors_can_be_kept_from_starving_the_pipeline(template: Template) -> None:
    """Lambda takes 0 as "never runs", so without a limit there is no property at all."""
    reserved = {
        name: function["ReservedConcurrentExecutions"]
        for name, function in template.functions().items()
        if "ReservedConcurrentExecutions" in function
    }
    assert set(reserved) == {
        "serve_api", "connect_websocket", "answer_chat", "answer_telegram", "answer_email",
        "answer_push", "change_settings",
    }  # fmt: skip
    choice = ["ReservesConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]
    assert all(value == {"Fn::If": choice} for value in reserved.values())
    parameter = template.body["Parameters"]["ReservedConcurrency"]
    assert (parameter["Type"], parameter["Default"], parameter["MinValue"]) == ("Number", 0, 0)
    condition = template.body["Conditions"]["ReservesConcurrency"]
    assert condition == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReservedConcurrency"}, "0"]}]}


def test_the_parameters_are_known_to_the_command_and_documented(
    template: Template, data: Template
) -> None:
    assert parameters(template) == set(PARAMETERS)
    assert parameters(data) == set(DATA_PARAMETERS)
    page = (ROOT / "docs" / "deploy.md").read_text()
    assert [name for name in (*PARAMETERS, *DATA_PARAMETERS) if f"`{name}`" not in page] == []


def parameters(template: Template) -> set[str]:
    """Return what an operator may set; the others are read from SSM."""
    found = template.body["Parameters"].items()
    return {name for name, one in found if one["Type"] != KIND}
