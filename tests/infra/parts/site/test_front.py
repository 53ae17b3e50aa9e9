"""CloudFront: one address over TLS; nothing that depends on Accept is cached; a private bucket."""

import re
from typing import Any

import pytest
from signalengine_aws.api.responses import SHARED_S

from infra.parts.live import STAGE
from infra.parts.settings import CERTIFICATE, DOMAIN
from infra.parts.site.code import feed_code, request_code
from infra.parts.site.front import ALL_BUT_HOST, API, CACHED, FEED, FILES, RUNTIME, UNCACHED
from infra.parts.site.routes import table
from tests.infra.template import Template, flat

KINDS = {
    "AWS::CloudFront::Distribution": 1, "AWS::CloudFront::Function": 2,
    "AWS::CloudFront::CachePolicy": 1, "AWS::CloudFront::OriginAccessControl": 1,
    "AWS::CloudFront::ResponseHeadersPolicy": 1,
}  # fmt: skip


@pytest.fixture
def front(template: Template) -> Any:
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    return distribution["DistributionConfig"]


def behaviors(front: Any) -> dict[str, Any]:
    others = {one["PathPattern"]: one for one in front["CacheBehaviors"]}
    return {"*": front["DefaultCacheBehavior"], **others}


def test_it_is_made_on_aws_only(template: Template) -> None:
    found = [r for r in template.body["Resources"].values() if r["Type"] in KINDS]
    assert len(found) == sum(KINDS.values())
    assert {one["Condition"] for one in found} == {"OnAws"}
    outputs = template.body["Outputs"]
    for name in ("SiteDistributionId", "SiteDistributionDomain"):
        assert outputs[name]["Condition"] == "OnAws"


def test_viewers_and_origins_speak_tls_only(front: Any) -> None:
    for path, one in behaviors(front).items():
        wanted = "https-only" if path == table()["feed"] else "redirect-to-https"
        assert one["ViewerProtocolPolicy"] == wanted
    for origin in front["Origins"]:
        if origin["Id"] != FILES:
            assert origin["CustomOriginConfig"] == {
                "OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]
            }  # fmt: skip


def test_only_hashed_files_and_answers_that_say_so_are_cached(
    template: Template, front: Any
) -> None:
    """Everything else may depend on Accept or on the token: no answer is given to another."""
    found = {path: one["CachePolicyId"] for path, one in behaviors(front).items()}
    (shared,) = template.of_type("AWS::CloudFront::CachePolicy")
    assert found == {
        "*": UNCACHED, table()["feed"]: UNCACHED, "/assets/*": CACHED, "/api/*": {"Ref": shared}
    }  # fmt: skip
    assert "assets" in table()["folders"]
    hashed = behaviors(front)["/assets/*"]
    assert hashed["Compress"] is True
    assert "FunctionAssociations" not in hashed
    assert "OriginRequestPolicyId" not in hashed  # no query, no header reaches the bucket


def test_an_answer_is_shared_only_among_requests_that_all_it_depends_on_is_equal_of(
    template: Template, front: Any
) -> None:
    (policy,) = template.of_type("AWS::CloudFront::CachePolicy").values()
    config = policy["CachePolicyConfig"]
    assert (config["MinTTL"], config["DefaultTTL"]) == (0, 0), "what says private is not stored"
    assert config["MaxTTL"] >= SHARED_S
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert set(key["HeadersConfig"]["Headers"]) == {"Accept", "Authorization", "X-Api-Key"}
    assert key["EnableAcceptEncodingGzip"] is True
    answers = behaviors(front)[f"/{table()['prefix']}/*"]
    assert answers["TargetOriginId"] == API
    assert "POST" in answers["AllowedMethods"]
    (missing,) = front["CustomErrorResponses"]
    assert missing == {"ErrorCode": 404, "ErrorCachingMinTTL": 0}, "neither cached nor a page"


def test_the_token_and_the_sockets_headers_reach_the_apis(front: Any) -> None:
    for path in ("*", "/api/*", table()["feed"]):
        assert behaviors(front)[path]["OriginRequestPolicyId"] == ALL_BUT_HOST
    assert {"POST", "OPTIONS"} <= set(behaviors(front)["*"]["AllowedMethods"])
    assert behaviors(front)[table()["feed"]]["AllowedMethods"] == ["GET", "HEAD"]


def test_each_behavior_has_its_function(template: Template, front: Any) -> None:
    functions = template.of_type("AWS::CloudFront::Function")
    assert {one["FunctionConfig"]["Runtime"] for one in functions.values()} == {RUNTIME}
    functions_of = {
        "*": request_code(),
        "/api/*": request_code(),
        table()["feed"]: feed_code(STAGE),
    }
    for path, code in functions_of.items():
        (association,) = behaviors(front)[path]["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"
        name, attribute = association["FunctionARN"]["Fn::GetAtt"]
        assert attribute == "FunctionMetadata.FunctionARN"
        assert functions[name]["FunctionCode"] == code
        assert functions[name]["AutoPublish"] is True


def test_the_function_names_an_origin_that_there_is(template: Template, front: Any) -> None:
    assert {one["Id"] for one in front["Origins"]} == {FILES, API, FEED}
    assert re.findall(r'selectRequestOriginById\("(\w+)"\)', request_code()) == [API]
    targets = {path: one["TargetOriginId"] for path, one in behaviors(front).items()}
    assert targets == {"*": FILES, table()["feed"]: FEED, "/assets/*": FILES, "/api/*": API}
    origins = {one["Id"]: one for one in front["Origins"]}
    outputs = template.body["Outputs"]
    for name, output in ((API, "HttpApiId"), (FEED, "WebSocketApiId")):
        api_id = outputs[output]["Value"]["Ref"]
        assert api_id in flat(origins[name]["DomainName"])
        assert "OriginPath" not in origins[name]


def test_only_the_api_gets_the_key_by_which_it_believes_the_viewers_address(front: Any) -> None:
    sent = {one["Id"]: one.get("OriginCustomHeaders", []) for one in front["Origins"]}
    assert (sent[FILES], sent[FEED]) == ([], [])
    (header,) = sent[API]
    assert header["HeaderName"] == "x-front-key"
    assert "AWS::StackId" in flat(header["HeaderValue"])


def test_the_bucket_is_private_and_read_by_this_distribution_only(
    template: Template, front: Any
) -> None:
    name = template.body["Outputs"]["SiteBucketName"]["Value"]["Ref"]
    (policy,) = (
        one for one in template.of_type("AWS::S3::BucketPolicy").values()
        if one["Bucket"] == {"Ref": name}
    )  # fmt: skip
    # Under another id an update would remove the bucket's one policy with the former one.
    assert policy == template.body["Resources"]["SitebucketPolicy6B66CE4D"]["Properties"]
    bucket = template.of_type("AWS::S3::Bucket")[name]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "WebsiteConfiguration" not in bucket
    refused, allowed, listing = policy["PolicyDocument"]["Statement"]
    assert (refused["Effect"], refused["Principal"], refused["Action"]) == ("Deny", "*", "s3:*")
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "SiteDistribution" in flat(allowed["Condition"]["StringEquals"]["aws:SourceArn"])
    # without it S3 answers 403 where a file is missing; the functions ask for no folder
    assert listing == allowed | {"Action": "s3:ListBucket", "Resource": listing["Resource"]}
    assert listing["Resource"] == {"Fn::GetAtt": [name, "Arn"]}
    assert "toSite(request, path)" in request_code()
    assert "request.querystring = {}" in request_code()
    (origin,) = (one for one in front["Origins"] if one["Id"] == FILES)
    (access,) = template.of_type("AWS::CloudFront::OriginAccessControl")
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": [access, "Id"]}
    assert origin["DomainName"] == {"Fn::GetAtt": [policy["Bucket"]["Ref"], "RegionalDomainName"]}


def test_it_is_quick_and_not_the_dearest(front: Any) -> None:
    assert (front["HttpVersion"], front["IPV6Enabled"]) == ("http2and3", True)
    assert front["PriceClass"] == "PriceClass_200"


def test_a_name_of_ones_own_comes_with_its_certificate(template: Template, front: Any) -> None:
    own = {"Ref": "SiteDomain"}
    assert front["Aliases"] == {"Fn::If": ["OwnDomain", [own], {"Ref": "AWS::NoValue"}]}
    condition, certificate, default = front["ViewerCertificate"]["Fn::If"]
    assert (condition, default) == ("OwnDomain", {"CloudFrontDefaultCertificate": True})
    assert certificate["AcmCertificateArn"] == {"Ref": "SiteCertificate"}
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    rules = template.body["Rules"]
    assert {"SiteDomainNeedsSiteCertificate", "SiteCertificateNeedsSiteDomain"} <= set(rules)
    parameters = template.body["Parameters"]
    assert parameters["SiteDomain"]["AllowedPattern"] == DOMAIN
    assert parameters["SiteCertificate"]["AllowedPattern"] == CERTIFICATE


@pytest.mark.parametrize(
    ("pattern", "value", "taken"),
    [
        (DOMAIN, "", True), (DOMAIN, "signals.example.com", True), (DOMAIN, "a-b.example", True),
        (DOMAIN, "https://signals.example.com", False), (DOMAIN, "example", False),
        (DOMAIN, "Signals.example.com", False), (DOMAIN, "-a.example.com", False),
        (CERTIFICATE, "", True),
        (CERTIFICATE, f"arn:aws:acm:us-east-1:123456789012:certificate/{'0a' * 18}", True),
        (CERTIFICATE, f"arn:aws:acm:ap-northeast-1:123456789012:certificate/{'0a' * 18}", False),
        (CERTIFICATE, "certificate/1", False),
    ],
)  # fmt: skip
def test_the_form_of_both_is_checked(pattern: str, value: str, taken: bool) -> None:
    assert (re.fullmatch(pattern, value) is not None) is taken
