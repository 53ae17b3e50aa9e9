"""The CDK application: `python -m infra.app` synthesises into cdk.out.

Context (`-c key=value`, or CDK_CONTEXT_JSON without the CDK command):

* `wheels`: `arm64` (default: for Lambda) or `local` (for an emulator on this machine)
* `stage`: a name like dev or prod: a system of its own beside others; none by default
* `region`: where to deploy, default Tokyo; regions that Binance refuses are refused here, before
  anything is deployed
* `policy`: a policy file for all functions, instead of the one in the core; it is checked here
* `strategies`: a folder whose `*.py` are strategies of your own, beside those of the core; each is
  checked here

Any other key is refused.
"""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from aws_cdk import App
from signalengine.policy import load_policy
from signalengine.strategy.finder import Finder, load_own

from .assets import ROOT
from .build.dashboard import WEB, build_site
from .data import SignalEngineData
from .errors import CommandError
from .settings import deployment
from .stack import SignalEngine

# Template details that CDK changed over time; written here and not in cdk.json, so that the
# template is the same with and without the CDK command.
FLAGS = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/core:target-partitions": ["aws"],
    "aws:cdk:enable-path-metadata": False,
    "aws:cdk:enable-asset-metadata": False,
}

UNBUILT = WEB / "public"
"""In place of the dashboard for an emulator, whose template does not use it: a local run publishes
the built one itself, and tests of the template need no build."""


def build(
    context: Mapping[str, str] | None = None,
) -> tuple[App, SignalEngineData, SignalEngine]:
    """Return the application, the stack of the data and that of the code, not yet synthesised.

    `context` takes precedence over that of the CDK's command.
    """
    outdir = os.environ.get("CDK_OUTDIR") or str(ROOT / "cdk.out")
    app = App(outdir=outdir, post_cli_context={**FLAGS, **(context or {})})
    settings = deployment(app.node.get_all_context())
    data = SignalEngineData(app, settings.stage, region=settings.region)
    code = SignalEngine(
        app,
        settings.stage,
        version=version("signalengine"),
        wheels=settings.wheels,
        region=settings.region,
        dashboard=build_site() if settings.wheels == "arm64" else UNBUILT,
        policy=checked_policy(settings.policy),
        strategies=checked_strategies(settings.strategies),
    )
    code.add_stack_dependency(data)
    return app, data, code


def checked_policy(path: str | None) -> str | None:
    """Return the text of a policy file, None without one; raises PolicyError naming the field."""
    if path is None:
        return None
    text = Path(path).expanduser().read_text(encoding="utf-8")
    load_policy(text)
    return text


def checked_strategies(folder: str | None) -> dict[str, str]:
    """Return the texts of a folder's strategies by file name; raises StrategyError."""
    if folder is None:
        return {}
    files = Finder(Path(folder).expanduser()).files().values()
    for file in files:
        load_own(file)
    return {file.name: file.read_text(encoding="utf-8-sig") for file in files}


if __name__ == "__main__":
    try:
        build()[0].synth()
    except CommandError as error:
        sys.exit(f"{error}\n{error.fix}".strip())
    except ValueError as error:  # of the context
        sys.exit(str(error))
