"""cfn-lint: the template against the schemas of its resources; what it may say has a reason."""

import json
import subprocess
import sys
from pathlib import Path

from infra.local.stack.assembly import Assembly
from infra.names import REGION
from infra.settings import ONLY

REASONS = {
    "W1030": "a certificate's parameter may be empty, and is used only where it is not",
    "W3005": "the CDK orders a function after its role as a whole, which is more than it has to",
}
REGIONS = (REGION, "eu-central-1")
FOUND = (0, 2, 4, 6, 8, 10, 12, 14)
"""Exit codes of a linter that ran to its end: a bit each for errors, warnings, information."""


def test_the_linter_finds_nothing_but_what_has_a_reason(assembly: Assembly) -> None:
    found = linted(*(assembly.folder / f"{stack}.template.json" for stack in ONLY.stacks))
    assert [row for rule, row in found if rule not in REASONS] == []
    assert {rule for rule, _ in found} == REASONS.keys(), "a reason is left over"


def test_the_linter_finds_a_property_that_cloudformation_would_refuse(tmp_path: Path) -> None:
    stream = {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 0}}
    (tmp_path / "broken.json").write_text(json.dumps({"Resources": {"Stream": stream}}))
    (row,) = linted(tmp_path / "broken.json")
    assert "ShardCount" in row[1]


def linted(*templates: Path) -> list[tuple[str, str]]:
    """Return the findings: the rule, and a line to read."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json"]
    done = subprocess.run(  # noqa: S603 - a tool of the tests, and our own file
        [*command, "--regions", *REGIONS, "--template", *map(str, templates)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in FOUND, done.stderr
    return [
        (row["Rule"]["Id"], f"{row['Rule']['Id']} {row['Location']['Path']}: {row['Message']}")
        for row in json.loads(done.stdout)
    ]
