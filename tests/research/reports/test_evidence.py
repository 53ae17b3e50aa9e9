"""The page of an examination: safe, whole, and with the verdict and the looks in words."""

import pytest

from research.data.times import moment
from research.reports.evidence import evidence_page, write_evidence
from tests.research.evidence.samples import examination, registered, short_market
from tests.research.reports.pages import Read


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("evidence")
    registered(folder)
    return examination(folder, short_market(), look=True)


@pytest.fixture(scope="module")
def page(found):
    return evidence_page(found)


def test_the_page_begins_with_the_verdict(found, page):
    read = Read(page)
    assert page.startswith("<!doctype html>")
    assert found.statement in read.text
    assert found.power in read.text
    assert found.look.digest in read.text
    assert all(text in read.text for text in found.remarks)
    assert [a["href"] for a in read.named("a")] == [f"#{a['id']}" for a in read.named("h2")]


def test_the_page_fetches_and_runs_nothing(page):
    names = {tag for tag, _ in Read(page).elements}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "use", "image", "form"})


def test_every_span_and_condition_is_there(found, page):
    read = Read(page)
    assert all(f"yes: {c.text}" in read.text or f"no: {c.text}" in read.text
               for c in (*found.found.shown, *found.found.suggestive))  # fmt: skip
    assert all(f"{'yes' if c.holds else 'no'}: {c.text}" in read.text
               for c in found.validity.conditions)  # fmt: skip
    assert all(phase.name in read.text for phase in found.phases)


def test_every_look_at_a_final_span_has_a_row(found, page):
    (look,) = (one for one in found.looks if one.kind == "final")
    assert "Looks at final spans of this data" in page
    assert f"{moment(look.at)} UTC" in Read(page).text


def test_the_page_is_written_whole(found, page, tmp_path):
    write_evidence(tmp_path / "page.html", found)
    assert (tmp_path / "page.html").read_text() == page
