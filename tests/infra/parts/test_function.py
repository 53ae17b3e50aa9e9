"""Every function: its runtime, its layers, its role."""

import json

from tests.infra.template import Template, flat


def test_functions_run_on_arm64_with_the_same_three_layers(template: Template) -> None:
    layers = [json.dumps(f["Layers"]) for f in template.functions().values()]
    assert len(set(layers)) == 1
    for function in template.functions().values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["Handler"] == "handler.handler"
        assert len(function["Layers"]) == 3


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    roles = [flat(f["Role"]) for f in template.functions().values()]
    assert len(set(roles)) == len(roles)
