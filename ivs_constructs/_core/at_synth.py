"""Runs what has to wait until the app is complete."""

from __future__ import annotations

from collections.abc import Callable

import jsii
from constructs import IConstruct, IValidation


def at_synth(construct: IConstruct, act: Callable[[], list[str] | None]) -> None:
    """Run a function in each synth, before the templates are written.

    Args:
        construct: The construct that it belongs to; a stage is synthesized as a whole.
        act: The function. It may return errors, which end the synth.
    """
    construct.node.add_validation(_AtSynth(act))


@jsii.implements(IValidation)
class _AtSynth:
    """What the AWS CDK calls once per synth."""

    def __init__(self, act: Callable[[], list[str] | None]) -> None:
        self._act = act

    def validate(self) -> list[str]:
        """Run the function, and return its errors."""
        return self._act() or []
