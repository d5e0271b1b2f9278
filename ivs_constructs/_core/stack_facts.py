"""Facts about a construct's stack: Region, account, and what else the app contains.

Each question to the AWS CDK is a round trip to Node, so the answers are kept per scope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, cast
from weakref import WeakKeyDictionary, ref

import aws_cdk as cdk
from constructs import Construct, IConstruct, Node

from ivs_constructs._core.check import (
    ADDITIONAL_VALUES,
    additional_values,
    closest,
    is_token,
    listed,
    quoted,
)
from ivs_constructs._core.rules import ADDITIONAL_REGIONS, REGIONS, is_region
from ivs_constructs._core.tree import construct_in
from ivs_constructs.errors import InvalidScopeError

if TYPE_CHECKING:
    from aws_cdk import aws_iam

Place: TypeAlias = tuple[str | None, str | None]
"""A Region and an account, None if they are known only at deploy time."""


class AppRegistry:
    """What an app contains, as far as rules across constructs need it.

    Attributes:
        stream_keys: The stream key of each channel, by the channel's ARN and, if that is a string
            with deploy-time parts, the stack.
        associations: What sets each channel's associations, by channel in the same way.
        playback_keys: The playback keys defined in each Region and account.
        keyed_places: Regions and accounts for which a playback key was defined or imported: the
            construct, and the ARN of its key in AWS KMS: None if unknown, empty for a key that is
            not in AWS KMS.
        key_materials: The key pairs that were defined with a public key, in each place.
        counted: The resources of each type that has a quota, in each place.
        public_key_materials: The public keys that were defined with the same text, in each place.
        keys_watched: Stages whose keys are counted at synth.
        unkeyed: Private channels of each stage, for a warning if no playback key is defined.
        conditional_parts: What shares the condition of what it belongs to, in each stage.
        secret_values: What has a stream key in each stage, with what reads that.
        alarms_watched: Stages whose alarms are checked for a metric with a period that no alarm may
            have.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.stream_keys: dict[object, Construct] = {}
        self.associations: dict[object, Construct] = {}
        self.playback_keys: defaultdict[Place, list[Construct]] = defaultdict(list)
        self.keyed_places: defaultdict[Place, dict[Construct, str | None]] = defaultdict(dict)
        self.key_materials: defaultdict[object, list[Construct]] = defaultdict(list)
        self.counted: defaultdict[object, list[Construct]] = defaultdict(list)
        self.public_key_materials: defaultdict[object, list[Construct]] = defaultdict(list)
        self.keys_watched: set[IConstruct] = set()
        self.unkeyed: dict[IConstruct, list[tuple[Construct, StackFacts]]] = {}
        self.conditional_parts: dict[IConstruct, list[tuple[object, object]]] = {}
        self.secret_values: dict[IConstruct, list[tuple[Construct, Callable[[], str]]]] = {}
        self.alarms_watched: set[IConstruct] = set()


class StackFacts:
    """Facts that are the same for every construct of a stack.

    Attributes:
        region: The stack's Region, None if it is known only at deploy time.
        account: The stack's account, None if it is known only at deploy time.
        more_regions: Regions that the user allows in addition to the known ones.
        more_values: Enum values that the user allows in the same way.
        stage: The CDK stage, usually the app, which is synthesized as a whole.
        registry: What the app contains.
        own_stack: Returns the stack, which this does not keep alive.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        """Ask for what holds."""
        node = stack.node
        self.region = concrete(stack.region)
        self.account = concrete(stack.account)
        self.more_regions: tuple[str, ...] = ()
        if self.region is not None and self.region not in REGIONS:
            self.more_regions = listed(node.try_get_context(ADDITIONAL_REGIONS))
        values = listed(node.try_get_context(ADDITIONAL_VALUES))
        self.more_values = frozenset(values) | additional_values()
        self.stage = cast("cdk.Stage", cdk.Stage.of(stack))
        self.registry: AppRegistry = vars(node.root).setdefault(_REGISTRY, AppRegistry())
        self.own_stack = ref(stack)

    @property
    def facts(self) -> dict[str, object]:
        """The facts of the stack that rules read."""
        return {
            "region": self.region,
            "account": self.account,
            "more_regions": self.more_regions,
            "meant_region": _meant_region(self.region),
        }

    @property
    def place(self) -> Place:
        """Region and account."""
        return self.region, self.account

    @property
    def whereabouts(self) -> object:
        """The Region and account by which resources are counted."""
        # Stacks without a Region may end up in different ones, so each is counted separately.
        return self if None in self.place else self.place


_by_scope: WeakKeyDictionary[IConstruct, StackFacts] = WeakKeyDictionary()
_REGISTRY = "_ivs_constructs_registry"
"""The app's attribute that keeps its registry: it lives and dies with the app."""


def stack_facts_of(subject: str, scope: object, id: object) -> StackFacts:
    """Return the facts for a new construct, after checking its scope and id.

    Raises:
        InvalidScopeError: If the scope is not a construct inside a stack, or the id is not a
            string.
    """
    if isinstance(scope, str) and isinstance(id, Construct):
        raise InvalidScopeError(
            f"{subject}: scope and id are swapped, got {quoted(scope)} as scope; write "
            f"{subject}(self, {quoted(scope)}, ...)"
        )
    if not isinstance(scope, Construct):
        raise InvalidScopeError(
            f"{subject}: scope must be a construct inside a stack (usually self), got "
            f"{quoted(scope)}"
        )
    if not isinstance(id, str) or not id:
        raise InvalidScopeError(f"{subject}: id must be a non-empty string, got {quoted(id)}")
    if is_token(id):
        raise InvalidScopeError(f"{subject}: id must be known at synth, got {quoted(id)}")
    known = _by_scope.get(scope)
    if known is not None:
        return known
    stack = _stack_of(subject, scope, id)
    known = _by_scope.get(stack) or StackFacts(stack)
    _by_scope[stack] = known
    _by_scope[scope] = known
    return known


def remember(
    construct: Construct, stack_facts: StackFacts, at: tuple[Construct, str] | None = None
) -> None:
    """Remember a construct's facts for what is defined inside it.

    Args:
        construct: The construct.
        stack_facts: The facts of its stack.
        at: Its scope and id, from which its path is made when needed.
    """
    _by_scope[construct] = stack_facts
    if at is not None:
        vars(construct)[_AT] = at


def own_path(construct: Construct) -> str:
    """Return the path of a construct, asking Node only if it is not known yet."""
    at: tuple[Construct, str] | None = vars(construct).get(_AT)
    return construct.node.path if at is None else path_of(*at)


def recall(construct: IConstruct) -> StackFacts:
    """Return what `remember` stored for a construct."""
    return _by_scope[construct]


def recalled(construct: object) -> StackFacts | None:
    """Return what `remember` stored for a construct, None for one that is not of this library."""
    return _by_scope.get(construct) if isinstance(construct, Construct) else None


_contexts: WeakKeyDictionary[IConstruct, dict[str, object]] = WeakKeyDictionary()
_NODE, _AT = "_ivs_constructs_node", "_ivs_constructs_at"
_paths: WeakKeyDictionary[IConstruct, str] = WeakKeyDictionary()


def context_of(scope: Construct, key: str) -> object:
    """Return a context value that holds for a scope, which cannot change once it has children."""
    known = _contexts.setdefault(scope, {})
    if key not in known:
        known[key] = scope.node.try_get_context(key)
    return known[key]


def path_of(scope: Construct, id: str) -> str:
    """Return the path that a construct has or would have."""
    if scope not in _paths:
        _paths[scope] = own_path(scope)
    # As the constructs library writes ids.
    return f"{_paths[scope]}/{id.replace('/', '--')}".lstrip("/")


def node_of(construct: Construct) -> Node:
    """Return the node of a construct, asking Node only once."""
    node: Node = vars(construct).setdefault(_NODE, None) or construct.node
    vars(construct)[_NODE] = node
    return node


def stack_of(construct: Construct) -> cdk.Stack:
    """Return the stack of a construct, asking Node only if it is not known yet."""
    known = _by_scope.get(construct)
    return (known and known.own_stack()) or cdk.Stack.of(construct)


def elsewhere(place: Place, grantee: aws_iam.IGrantable) -> Place:
    """Return the Region and account that a policy must name, None where its own stack's will do.

    Args:
        place: The Region and account of the resources, as far as they are known.
        grantee: The principal that gets the policy.
    """
    principal = policy_holder(grantee) if any(place) else None
    if principal is None:
        return None, None
    return beyond(place, stack_facts_of("Grant", principal, "Default").place)


def beyond(place: Place, here: Place) -> Place:
    """Return the Region and account of one place, None where those of another will do."""
    differs = [None if there == known else there for there, known in zip(place, here, strict=True)]
    return differs[0], differs[1]


def policy_holder(grantee: aws_iam.IGrantable) -> Construct | None:
    """Return the construct whose policy allows a grantee something, None if there is none.

    Args:
        grantee: The principal, such as a role, or what has one, such as a function.
    """
    # A managed policy is a grantee whose principal is no construct.
    return construct_in(grantee.grant_principal) or construct_in(grantee)


def concrete(value: str) -> str | None:
    """Return a string that is known now, None for a token."""
    return None if is_token(value) else value


def _meant_region(region: str | None) -> str:
    """Suggest the Region that was meant; one of the right form is meant as it is."""
    if region is None or is_region(region):
        return ""
    meant = closest(region, REGIONS)
    return "" if meant is None else f" (did you mean '{meant}'?)"


def _stack_of(subject: str, scope: Construct, id: str) -> cdk.Stack:
    if isinstance(scope, cdk.Stack):
        return scope
    try:
        return cdk.Stack.of(scope)
    except RuntimeError:  # how jsii reports any error in JavaScript
        raise InvalidScopeError(
            f"{subject} '{id}': scope must be inside a stack, got {type(scope).__name__}; "
            "make a Stack in it and define the construct there"
        ) from None
