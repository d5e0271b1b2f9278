"""The rules as a validation plugin of the AWS CDK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii

from ivs_constructs.checks.assembly import ACKNOWLEDGED, read_assembly
from ivs_constructs.checks.finding import MISSPELT, PLUGIN, acknowledged_in, find, misspelt
from ivs_constructs.checks.rules import RULES
from ivs_constructs.errors import UnsupportedError

# Looked up, so that this can be imported with an older aws-cdk-lib and say what is wrong.
_PLUGIN: Any = getattr(cdk, "IPolicyValidationPlugin", cdk.IResolvable)


@jsii.implements(_PLUGIN)
class IvsChecks:
    """Rules for Amazon IVS in any template of an app: of this library, L1s and others.

    Findings of level `error` end the synthesis; the others are printed. A finding is acknowledged
    as the AWS CDK has it, on its construct or on one around it, with a reason. An acknowledgement
    that names no rule is told as well. What is not known at synth is not judged.

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
                "one is older; upgrade by: pip install --upgrade aws-cdk-lib"
            )

    @property
    def name(self) -> str:
        """What comes before the `::` of its ids."""
        return PLUGIN

    @property
    def version(self) -> str | None:
        """None: the rules have the version of the package, which the AWS CDK need not count."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """The ids of all rules, without what comes before the `::`."""
        return [*(rule.id for rule in RULES), MISSPELT]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge the templates of an app; the AWS CDK calls it.

        Args:
            context: What was synthesized.

        Returns:
            What was found, acknowledged or not: the AWS CDK takes out what is acknowledged.
        """
        files = [Path(path) for path in context.template_paths]
        assembly = read_assembly(sorted({file.parent for file in files}))
        acknowledged = acknowledged_in(assembly)
        # The stacks' files say nothing of the app.
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
