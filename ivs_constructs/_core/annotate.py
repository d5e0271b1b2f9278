"""Reports something legal but risky as a message of the AWS CDK."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from ivs_constructs._core.rules import Advice, Severity


def annotate(construct: Construct, advice: Advice) -> None:
    """Attach a warning or a note to a construct; the AWS CDK prints it at synth."""
    annotations = cdk.Annotations.of(construct)
    if advice.severity is Severity.WARNING:
        annotations.add_warning_v2(advice.id, advice.text)
    else:
        annotations.add_info_v2(advice.id, advice.text)
