"""The probe is started every five minutes, and soon again after a failure."""

from typing import Any

from botocore.exceptions import ClientError

from infra.local.monitoring.probing import EVERY_S, FIRST_S, Probing
from tests.infra.template import Template

NAME = "SignalEngine-ProbeprobeservicefunctionF58D41C8-0F92"


class Lambdas:
    """A client of AWS Lambda that stores what it invokes."""

    def __init__(self) -> None:
        self.invoked: list[str] = []
        self.broken = False

    def get_paginator(self, _name: str) -> "Lambdas":
        return self

    def paginate(self) -> list[Any]:
        return [{"Functions": [{"FunctionName": "other"}]}, {"Functions": [{"FunctionName": NAME}]}]

    def invoke(self, *, FunctionName: str, **_: Any) -> None:  # noqa: N803 - boto3's names
        if self.broken:
            raise ClientError({"Error": {"Code": "500"}}, "Invoke")
        self.invoked.append(FunctionName)


def test_the_probe_is_started_after_the_start_and_then_every_five_minutes() -> None:
    now, lambdas = [0.0], Lambdas()
    probing = Probing(lambdas, lambda: now[0])
    for second in range(int(FIRST_S + 2 * EVERY_S) + 1):
        now[0] = float(second)
        probing.look()
    assert lambdas.invoked == [NAME] * 3


def test_after_a_failure_it_is_started_sooner() -> None:
    now, lambdas = [FIRST_S], Lambdas()
    probing = Probing(lambdas, lambda: now[0] - FIRST_S)
    now[0], lambdas.broken = 2 * FIRST_S, True
    probing.look()
    lambdas.broken = False
    now[0] = 3 * FIRST_S
    probing.look()
    assert lambdas.invoked == [NAME]


def test_the_function_is_found_by_the_name_of_its_resource(template: Template) -> None:
    (name,) = (
        name for name in template.of_type("AWS::Lambda::Function") if "probe" in name.lower()
    )
    assert "probeservice" in name.lower()
