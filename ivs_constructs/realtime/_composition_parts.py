"""What holds for all that a composition names, whoever puts it together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivs_constructs._base import ARN_PARTS, arn_of
from ivs_constructs._environment import Surroundings, concrete
from ivs_constructs._provider.asset.ivs_handler.specs import ResourceSpec
from ivs_constructs._validation import Check, is_token
from ivs_constructs.realtime._composition_states import AUTOMATION_TAG


@dataclass(frozen=True, slots=True)
class Part:
    """A resource that the user named.

    Attributes:
        label: Where it was named, such as `destinations[0].channel`.
        given: The resource.
        arn: Its ARN, None where it has none.
    """

    label: str
    given: object
    arn: str | None

    @property
    def argument(self) -> str:
        """The argument in which it was named."""
        return re.split(r"[.\[]", self.label)[0]


def part_of(check: Check, spec: ResourceSpec, label: str, given: object) -> Part:
    """Judge a resource that the user named; None is none."""
    # Reported under the argument's own name: what is in it is said by the message.
    inner = Check(check.source)
    part = Part(label, given, arn_of(inner, spec, label, given))
    for failure in inner.failures:
        check.fail(part.argument, failure.code, failure.message)
    return part


def check_places(check: Check, surroundings: Surroundings, parts: Iterable[Part]) -> None:
    """Compare the places of all parts with the stack's, as far as they are known."""
    wanted = {"Region": surroundings.region, "account": surroundings.account}
    if not any(wanted.values()):
        return
    for part in parts:
        for (noun, stacks), found in zip(wanted.items(), _place(part), strict=True):
            if stacks is not None and found is not None and found != stacks:
                check.fail(
                    part.argument,
                    f"composition-{noun.lower()}",
                    f"{part.label} must be in the stack's {noun} {stacks}, got one in {found}; "
                    f"Amazon IVS composes within one {noun}, so take what is there",
                )


def _place(part: Part) -> tuple[str | None, str | None]:
    """Return the Region and account of a part, None where they are not known."""
    if part.arn is None:
        return None, None
    parts = part.arn.split(":", ARN_PARTS - 1)
    if not is_token(part.arn) and len(parts) == ARN_PARTS:
        return parts[3], parts[4]
    env = getattr(part.given, "env", None)
    return (None, None) if env is None else (concrete(env.region), concrete(env.account))


def check_own_tag(check: Check, tags: object) -> None:
    """Refuse the tag that marks the compositions of an automation."""
    if isinstance(tags, Mapping) and AUTOMATION_TAG in tags:
        check.fail(
            "tags",
            "own-tag",
            f"tags must not have the key {AUTOMATION_TAG}, by which this library finds its "
            "compositions; rename it",
        )
