"""The three layers every function shares: our rules, our edges, other people's wheels."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.assets import Wheels, code_layer, core_layer, vendor_layer

PYTHON = lambda_.Runtime.PYTHON_3_13
ARM64 = lambda_.Architecture.ARM_64


class Layers(Construct):
    """core, aws and vendor, staged with byte code.

    The core brings the policy that all functions decide by, its own or the one that is given, and
    the strategies, a user's beside those that ship.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        wheels: Wheels,
        policy: str | None,
        strategies: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.all: tuple[lambda_.ILayerVersion, ...] = (
            self._layer("core", str(core_layer(wheels, policy, strategies))),
            self._layer("aws", str(code_layer("aws", wheels))),
            self._layer("vendor", str(vendor_layer(wheels))),
        )

    def _layer(self, name: str, path: str) -> lambda_.LayerVersion:
        # The folder's name ends with the digest of what went into it; byte code need not be
        # reproducible to the last bit, so the folder's contents are not what names the asset.
        options: dict[str, Any] = {"asset_hash": path.rsplit("-", 1)[-1] * 4}
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(path, **options),
            compatible_runtimes=[PYTHON],
            compatible_architectures=[ARM64],
            description=f"SignalEngine {name}",
        )
