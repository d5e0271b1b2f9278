"""Acts when the app is complete."""

from __future__ import annotations

from collections.abc import Callable

import jsii
from constructs import IConstruct, IValidation


def at_synth(construct: IConstruct, act: Callable[[], list[str] | None]) -> None:
    """Let something happen in each synth, before templates are made.

    Args:
        construct: The construct that it belongs to; a stage is synthesized as a whole.
        act: Does it, and returns the errors if there can be any.
    """
    construct.node.add_validation(_AtSynth(act))


@jsii.implements(IValidation)
class _AtSynth:
    """What the AWS CDK calls once per synth."""

    def __init__(self, act: Callable[[], list[str] | None]) -> None:
        self._act = act

    def validate(self) -> list[str]:
        """Act; return the errors."""
        return self._act() or []
