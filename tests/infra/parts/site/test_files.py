"""The dashboard: deployed by the stack itself, by a function with exact rights."""

from signalengine_aws.application import deploy_site
from signalengine_aws.application.deploy_site import PAUSES_S

from infra.parts.settings import MARKET
from infra.parts.site.files import RELEASE
from infra.parts.site.routes import table
from tests.infra.template import Template, flat, listed


def test_the_stack_deploys_the_dashboard_with_addresses_of_its_own_origin(
    template: Template,
) -> None:
    (site,) = template.of_type("Custom::Site").values()
    addresses = {"httpUrl": "/api", "webSocketUrl": table()["feed"]}
    assert site["Config"] == {"name": "aws", **addresses, "market": MARKET}
    assert template.function_of(site["ServiceToken"]["Fn::GetAtt"][0]) == "deploy_site"


def test_an_emulator_gets_no_dashboard_from_the_stack(template: Template) -> None:
    """A local run publishes it itself: its page has another address and another configuration."""
    (site,) = (r for r in template.body["Resources"].values() if r["Type"] == "Custom::Site")
    assert site["Condition"] == "OnAws"


def test_the_dashboard_comes_after_its_rights_and_after_the_ingest_task(
    template: Template,
) -> None:
    """And goes before them: the function empties the bucket when the stack is deleted."""
    (site,) = (r for r in template.body["Resources"].values() if r["Type"] == "Custom::Site")
    before = {template.body["Resources"][name]["Type"] for name in site["DependsOn"]}
    assert {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::ECS::Service"} <= before
    variables = template.functions()["deploy_site"]["Environment"]["Variables"]
    assert variables["SITE_BUCKET"] == template.body["Outputs"]["SiteBucketName"]["Value"]


def test_it_reads_one_zip_and_its_record_and_writes_one_bucket(template: Template) -> None:
    (site,) = template.of_type("Custom::Site").values()
    role = template.functions()["deploy_site"]["Role"]["Fn::GetAtt"][0]
    rights = [
        (action, flat(resource))
        for policy, statement in template.statements()
        if template.of_type("AWS::IAM::Policy")[policy]["Roles"] == [{"Ref": role}]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if action.startswith("s3:")
    ]
    assert {action for action, _ in rights} == {
        "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"
    }  # fmt: skip
    read = [resource for action, resource in rights if action == "s3:GetObject"]
    for name in (RELEASE, site["Key"]):
        assert len([one for one in read if f"/{name}" in one]) == 1
    assert len(read) == 2
    assert not any("*" in one for one in read)


def test_a_failure_is_answered_before_anyone_gives_up(template: Template) -> None:
    """All pauses, with as much time again for the calls; CloudFormation waits a minute longer."""
    (site,) = template.of_type("Custom::Site").values()
    timeout = template.functions()["deploy_site"]["Timeout"]
    assert sum(PAUSES_S) * 2 < timeout
    assert timeout + 60 <= int(site["ServiceTimeout"]) <= 3600


def test_the_right_names_the_record_that_the_function_reads() -> None:
    assert deploy_site.RELEASE == RELEASE
