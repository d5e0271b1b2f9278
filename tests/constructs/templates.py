"""Looking at what a stack has become."""

from __future__ import annotations

from typing import Any

from ivs_constructs.testing import Synthesized


def of_type(made: Synthesized, cfn_type: str) -> dict[str, dict[str, Any]]:
    """What the template says of the resources of a type, by their logical IDs."""
    return {each.logical_id: each.definition for each in made.resources(cfn_type)}
