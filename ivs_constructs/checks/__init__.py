"""Checks for Amazon IVS in any template of an AWS CDK app.

Add `IvsChecks` to an app, and each synthesis reports its findings:

    cdk.Validations.of(app).add_plugins(IvsChecks())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivs_constructs.checks.ivs_checks import IvsChecks

__all__ = ["IvsChecks"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # The rules do not need the AWS CDK, which takes a second to load.
        if name != "IvsChecks":
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from ivs_constructs.checks.ivs_checks import IvsChecks

        return IvsChecks
