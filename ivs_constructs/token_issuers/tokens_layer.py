"""A layer that gives your own function the package that signs tokens."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda
from constructs import Construct

from ivs_constructs._core.resource import show_signature
from ivs_constructs._core.stack_facts import stack_facts_of
from ivs_constructs.token_issuers._token_issuer import ROOT

_PACKAGE = "ivs_constructs"

_ALONE = ("__init__.py", "enums.py", "errors.py")
"""What `ivs_constructs.tokens` imports from the package around it."""


class TokensLayer(aws_lambda.LayerVersion):
    """A layer that brings `ivs_constructs.tokens` to a Lambda function of your own.

    The function runs Python 3.11 or later, signs with `KmsSigner` and needs
    `TokenSigningKey.grant_sign`. The layer has no dependencies, and changes only when its code
    does.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id below it.
        layer_version_name: The layer's name. Default: one made by CloudFormation.

    Raises:
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> layer = TokensLayer(stack, "Tokens")
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> grant = signing_key.grant_sign(viewer_role)

    See: https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
    """

    def __init__(self, scope: Construct, id: str, *, layer_version_name: str | None = None) -> None:
        """Define a TokensLayer. Its arguments are those listed for the class."""
        stack_facts_of("TokensLayer", scope, id)
        super().__init__(
            scope,
            id,
            layer_version_name=layer_version_name,
            description="ivs_constructs.tokens: signs tokens of Amazon IVS",
            code=aws_lambda.Code.from_asset(
                str(ROOT / _PACKAGE / "tokens"),
                # The paths in the layer differ from those here, so the hash is computed from the
                # content.
                asset_hash=_hash_of_content(),
                bundling=cdk.BundlingOptions(
                    # Never runs: the copying below needs no container.
                    image=cdk.DockerImage.from_registry("scratch"),
                    local=cast("cdk.ILocalBundling", _Copying()),
                ),
            ),
        )

    def __repr__(self) -> str:
        """Name the class and the construct's path."""
        return f"<ivs_constructs.{type(self).__name__} '{self.node.path}'>"


show_signature(TokensLayer)


@jsii.implements(cdk.ILocalBundling)
class _Copying:
    """Lays the package out as Lambda expects it in a layer."""

    def try_bundle(self, output_dir: str, *_: object, **_options: object) -> bool:
        """Copy the files; called by the AWS CDK.

        Args:
            output_dir: Where to.
        """
        for path in _files():
            to = Path(output_dir, "python", path.relative_to(ROOT))
            to.parent.mkdir(parents=True, exist_ok=True)
            # Content only: some installers link files, and times would change the archive.
            shutil.copyfile(path, to)
        return True


def _files() -> list[Path]:
    package = ROOT / _PACKAGE
    return [*(package / name for name in _ALONE), *sorted((package / "tokens").glob("*.py"))]


def _hash_of_content() -> str:
    digest = hashlib.sha256()
    for path in _files():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
