"""The files of the front server: their headers are those of the site on AWS."""

from pathlib import Path

import pytest

from infra.build.dashboard import WEB
from infra.local.front.site import Site, page_config
from infra.parts.site.files import CONFIG
from infra.parts.site.security import MORE, content_policy
from tests.infra.local.front.behind import PAGE
from tests.infra.template import Template


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    return Site(tmp_path, page_config(chat=True, market="recording"))


def test_the_page_has_the_addresses_that_it_has_on_aws() -> None:
    here, there = page_config(chat=False, market="live"), CONFIG
    assert {name: here[name] for name in there} == there | {"name": "local"}


def test_the_headers_are_those_of_cloudfront(site: Site, template: Template) -> None:
    (policy,) = template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
    sent = policy["ResponseHeadersPolicyConfig"]
    custom = {one["Header"]: one["Value"] for one in sent["CustomHeadersConfig"]["Items"]}
    assert custom == MORE
    security = sent["SecurityHeadersConfig"]
    assert site.headers["X-Frame-Options"] == security["FrameOptions"]["FrameOption"]
    assert site.headers["Referrer-Policy"] == security["ReferrerPolicy"]["ReferrerPolicy"]
    assert site.headers.items() >= MORE.items()
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert security["ContentSecurityPolicy"]["ContentSecurityPolicy"] == content_policy(page)
    assert site.headers["Content-Security-Policy"] == content_policy(PAGE)


def test_a_file_is_read_when_it_is_requested(site: Site, tmp_path: Path) -> None:
    assert site.answer("/favicon.svg").status == 404
    (tmp_path / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    answer = site.answer("/favicon.svg")
    assert (answer.status, answer.content_type) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "//etc/passwd", "/"]
)
def test_nothing_outside_of_its_folder_is_read(site: Site, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret.txt").write_text("hidden", encoding="utf-8")
    assert site.answer(path).status == 404
