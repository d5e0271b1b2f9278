"""Counts resources with low account quotas, and warns when the app exceeds one."""

from __future__ import annotations

from typing import Final

from constructs import Construct

from ivs_constructs._core.rules import Advice, Severity
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._core.tree import living
from ivs_constructs._specs import ResourceSpec

QUOTAS: Final = {
    "Channel": 5000,
    "EncoderConfiguration": 20,
    "IngestConfiguration": 100,
    "RecordingConfiguration": 20,
    "Stage": 1000,
    "StorageConfiguration": 5,
}
"""An account's usual quotas in a Region; AWS raises them on request.

Those of Channel and RecordingConfiguration are the lowest seen; accounts differ. Public keys, whose
quota cannot be raised, and playback keys have rules of their own.

See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/service-quotas.html
"""


def number_of(spec: ResourceSpec, stack_facts: StackFacts, most: int) -> int:
    """Return how many resources of a type the app defines in a stack's Region and account.

    Args:
        spec: The type.
        stack_facts: The stack's facts.
        most: The quota. Below it, resources that were removed again are counted too: the app is
            searched only when it matters.
    """
    known = stack_facts.registry.counted[spec.name, stack_facts.whereabouts]
    if len(known) >= most:
        known[:] = living(known)
    return len(known)


def count(spec: ResourceSpec, stack_facts: StackFacts, construct: Construct) -> list[Advice]:
    """Count a resource, and return the warning if it is the first beyond the quota."""
    known = stack_facts.registry.counted[spec.name, stack_facts.whereabouts]
    known.append(construct)
    quota = QUOTAS.get(spec.name)
    # Reported once: later resources would only repeat it. Nor is the app searched again for them,
    # which would take time that grows with the square of their number.
    if quota is None or len(known) != quota + 1 or number_of(spec, stack_facts, quota + 1) <= quota:
        return []
    noun = spec.noun.replace("_", " ")
    return [
        Advice(
            Severity.WARNING,
            f"ivs-constructs:{spec.noun.replace('_', '-')}-quota",
            f"this is {noun} {quota + 1} of the app in its Region and account, and the quota is "
            f"usually {quota}; share one, or request a quota increase",
        )
    ]
