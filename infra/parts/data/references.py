"""How the stack of the code finds what the stack of the data has: by parameters in SSM.

An export of CloudFormation cannot change while another stack uses it, so a table that is replaced
would block both stacks. A parameter is read at each deployment of the code, and it may also be set
to another table by hand: one that was restored, for example.
"""

import re

from aws_cdk import CfnParameter
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.settings import Stage

KIND = "AWS::SSM::Parameter::Value<String>"


def publish(scope: Construct, stage: Stage, path: str, value: str) -> None:
    """Store a name or an ARN of the data under a path like tables/state."""
    parameter = ssm.CfnParameter(
        scope, logical_id(path), type="String", name=stage.reference(path), value=value
    )
    parameter.override_logical_id(f"Published{logical_id(path)}")


def find(scope: Construct, stage: Stage, path: str) -> str:
    """Return what is stored under a path, as of the deployment."""
    parameter = CfnParameter(
        scope,
        f"Found{logical_id(path)}",
        type=KIND,
        default=stage.reference(path),
        description=f"Found in SSM: {path} of the data's stack",
    )
    parameter.override_logical_id(logical_id(path))
    return parameter.value_as_string


def logical_id(path: str) -> str:
    """Return the id of a path's parameter in the stack of the code: tables/state is TablesState."""
    return "".join(word.capitalize() for word in re.split(r"[/_]", path))
