"""What holds for a construct's stack: Region, account, and what else the same app holds.

Each question to the AWS CDK is a round trip to Node, so the answers are kept per scope.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct, IConstruct

from ivs_constructs._core.check import is_token, quoted
from ivs_constructs._core.rules import ADDITIONAL_REGIONS, REGIONS
from ivs_constructs.errors import InvalidScopeError


@dataclass(slots=True, eq=False)
class AppRegistry:
    """What an app was seen to hold, as far as rules across constructs need it.

    Attributes:
        stream_keys: The stream key of each channel, by the channel's ARN and, where that is a text
            with deploy-time parts, the stack.
        associations: What gives each channel its associations, by the channel likewise.
        playback_keys: Number of playback keys defined in each Region and account.
        keyed_places: Regions and accounts for which a playback key was defined or imported, and
            the ARNs of the keys in AWS KMS that these are of; None for what is not known.
        key_materials: The key pair that was defined first with a public key, in each place.
        public_keys: Number of public keys for participants' tokens defined in each place.
        public_key_materials: The one that was defined first with the same text, in each place.
        unkeyed: Private channels of each stage, to be warned about if no playback key turns up.
        alarms_watched: Stages whose alarms are looked through, for a metric there has a period
            that none may have.
    """

    stream_keys: dict[object, Construct] = field(default_factory=dict[object, Construct])
    associations: dict[object, Construct] = field(default_factory=dict[object, Construct])
    playback_keys: Counter[tuple[str | None, str | None]] = field(
        default_factory=Counter[tuple[str | None, str | None]]
    )
    keyed_places: defaultdict[tuple[str | None, str | None], set[str | None]] = field(
        default_factory=lambda: defaultdict(set)
    )
    key_materials: dict[tuple[object, str], Construct] = field(
        default_factory=dict[tuple[object, str], Construct]
    )
    public_keys: Counter[object] = field(default_factory=Counter[object])
    public_key_materials: dict[tuple[object, str], Construct] = field(
        default_factory=dict[tuple[object, str], Construct]
    )
    unkeyed: dict[IConstruct, list[tuple[Construct, StackFacts]]] = field(
        default_factory=dict[IConstruct, "list[tuple[Construct, StackFacts]]"]
    )
    alarms_watched: set[IConstruct] = field(default_factory=set[IConstruct])


@dataclass(frozen=True, slots=True, eq=False)
class StackFacts:
    """What holds for every construct of a stack.

    Attributes:
        region: The stack's Region, None where it is known only at deploy time.
        account: The stack's account, None where it is known only at deploy time.
        more_regions: Regions which the user accepts besides the known ones.
        stage: The stage, mostly the app, which is synthesized as a whole.
        registry: What the app holds.
    """

    region: str | None
    account: str | None
    more_regions: tuple[str, ...]
    stage: cdk.Stage
    registry: AppRegistry

    @property
    def facts(self) -> dict[str, object]:
        """What rules read of the stack."""
        return {
            "region": self.region,
            "account": self.account,
            "more_regions": self.more_regions,
        }

    @property
    def place(self) -> tuple[str | None, str | None]:
        """Region and account."""
        return self.region, self.account


_by_scope: WeakKeyDictionary[IConstruct, StackFacts] = WeakKeyDictionary()
_REGISTRY = "_ivs_constructs_registry"
"""The app's attribute that keeps its registry: it lives and dies with the app."""


def stack_facts_of(subject: str, scope: object, id: object) -> StackFacts:
    """Return what holds for a new construct, after looking at its scope and id.

    Args:
        subject: The construct's class, for messages.
        scope: The scope that the user gave.
        id: The id that the user gave.

    Raises:
        InvalidScopeError: If the scope is no construct inside a stack, or the id is no string.
    """
    if not isinstance(scope, Construct):
        raise InvalidScopeError(
            f"{subject}: scope must be a construct inside a stack (usually self), got "
            f"{quoted(scope)}"
        )
    if not isinstance(id, str) or not id:
        raise InvalidScopeError(
            f"{subject}: id must be a string that is not empty, got {quoted(id)}"
        )
    if is_token(id):
        raise InvalidScopeError(f"{subject}: id must be known at synth, got {quoted(id)}")
    known = _by_scope.get(scope)
    if known is not None:
        return known
    stack = _stack_of(subject, scope, id)
    known = _by_scope.get(stack) or _of_stack(stack)
    _by_scope[stack] = known
    _by_scope[scope] = known
    return known


def remember(construct: Construct, stack_facts: StackFacts) -> None:
    """Note that what holds for a construct holds for what is defined inside it."""
    _by_scope[construct] = stack_facts


def recall(construct: Construct) -> StackFacts:
    """Return what `remember` has noted for a construct."""
    return _by_scope[construct]


def concrete(value: str) -> str | None:
    """Return a text that is known now, None for a token."""
    return None if is_token(value) else value


def _stack_of(subject: str, scope: Construct, id: str) -> cdk.Stack:
    if isinstance(scope, cdk.Stack):
        return scope
    try:
        return cdk.Stack.of(scope)
    except RuntimeError:  # all that jsii makes of any error in JavaScript
        raise InvalidScopeError(
            f"{subject} '{id}': scope must be inside a stack, got {type(scope).__name__}; "
            "make a Stack in it and define the construct there"
        ) from None


def _of_stack(stack: cdk.Stack) -> StackFacts:
    region = concrete(stack.region)
    stage = cdk.Stage.of(stack)
    more: tuple[str, ...] = ()
    if region is not None and region not in REGIONS:
        more = _listed(stack.node.try_get_context(ADDITIONAL_REGIONS))
    return StackFacts(
        region=region,
        account=concrete(stack.account),
        more_regions=more,
        stage=cast("cdk.Stage", stage),
        registry=vars(stack.node.root).setdefault(_REGISTRY, AppRegistry()),
    )


def _listed(context: object) -> tuple[str, ...]:
    """Read names from a context value: a list, or a text with commas as the command line gives."""
    if isinstance(context, str):
        return tuple(name.strip() for name in context.split(","))
    if isinstance(context, list):
        return tuple(str(name) for name in cast("list[object]", context))
    return ()
