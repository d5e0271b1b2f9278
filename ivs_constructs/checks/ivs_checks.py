"""The rules as a validation plugin of the AWS CDK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from constructs import IConstruct

from ivs_constructs.checks.assembly import ACKNOWLEDGED, read_assembly
from ivs_constructs.checks.finding import MISSPELT, PLUGIN, acknowledged_in, find, misspelt
from ivs_constructs.checks.rules import RULES
from ivs_constructs.errors import UnsupportedError

# Looked up dynamically, so that an older aws-cdk-lib causes a helpful error instead of a failed
# import.
_PLUGIN: Any = getattr(cdk, "IPolicyValidationPlugin", cdk.IResolvable)

_REGISTER = "write cdk.Validations.of(app).add_plugins(IvsChecks())"


class _Named(type):
    """Where jsii looks, when a class is passed instead of an instance, for the class's own class.

    Without it, jsii says only that `type` has no attribute.
    """

    @property
    def __jsii_type__(cls) -> str | None:
        raise TypeError(f"the AWS CDK needs an instance, got the class IvsChecks; {_REGISTER}")


class _ClassOfIvsChecks(type, metaclass=_Named):
    """Refuses that IvsChecks is passed as a class."""


@jsii.implements(_PLUGIN, cdk.IAspect)
class IvsChecks(metaclass=_ClassOfIvsChecks):
    """Rules for Amazon IVS in any template of an app, from this library, L1s or other sources.

    Findings of level `error` end the synthesis; the others are printed. You acknowledge a finding
    in the AWS CDK's way, on its construct or on one around it, with a reason. An acknowledgment
    that names no rule is reported too. Values that are not known at synth are not checked.

    Raises:
        UnsupportedError: If aws-cdk-lib is older than 2.250, which has no `Validations`.

    Example:
        >>> import aws_cdk as cdk
        >>> app = cdk.App()
        >>> cdk.Validations.of(app).add_plugins(IvsChecks())
        >>> stack = cdk.Stack(app, "Stack")
        >>> cdk.Validations.of(stack).acknowledge(
        ...     cdk.Acknowledgment(id="IvsChecks::InsecureIngest", reason="own network")
        ... )
    """

    def __init__(self) -> None:
        if not hasattr(cdk, "Validations"):
            raise UnsupportedError(
                "IvsChecks needs aws-cdk-lib 2.250 or newer, the first with Validations, and this "
                "one is older; upgrade with: pip install --upgrade aws-cdk-lib"
            )

    @property
    def name(self) -> str:
        """The part before the `::` in its ids."""
        return PLUGIN

    @property
    def version(self) -> str | None:
        """None: the rules have the package's version, which the AWS CDK does not need."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """The ids of all rules, without the part before the `::`."""
        return [*(rule.id for rule in RULES), MISSPELT]

    def visit(self, node: IConstruct) -> None:  # noqa: ARG002 (the interface's)
        """Reject the registration as an aspect, which is how rules of cdk-nag are registered.

        Args:
            node: A construct of the app.

        Raises:
            UnsupportedError: Always: the rules judge what was synthesized, not single constructs.
        """
        raise UnsupportedError(f"IvsChecks is a validation plugin, not an aspect; {_REGISTER}")

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the templates of an app; the AWS CDK calls this.

        Args:
            context: What was synthesized.

        Returns:
            The findings, acknowledged or not: the AWS CDK removes the acknowledged ones.
        """
        files = [Path(path) for path in context.template_paths]
        assembly = read_assembly(sorted({file.parent for file in files}))
        acknowledged = acknowledged_in(assembly)
        # The stacks' files do not describe the app.
        for entry in context.app_construct.node.metadata:
            if entry.type == ACKNOWLEDGED:
                for name in entry.data:
                    acknowledged.setdefault(name, set()).add("")
        findings = [*find(assembly), *misspelt(assembly, acknowledged)]
        return cdk.PolicyValidationPluginReport(
            success=all(finding.level != "error" for finding in findings),
            violations=[
                cdk.PolicyViolation(
                    rule_name=finding.id.partition("::")[2],
                    description=finding.message,
                    fix=finding.fix,
                    severity=finding.level,
                    violating_resources=[
                        cdk.PolicyViolatingResource(
                            construct_path=finding.path,
                            template_path=str(finding.template),
                            locations=[finding.location] if finding.location else [],
                        )
                    ],
                )
                for finding in findings
            ],
        )
