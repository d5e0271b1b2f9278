"""Grants for a fleet, one method per verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import aws_cdk as cdk

from ivs_constructs._core.by_name import typed
from ivs_constructs._core.check import Check
from ivs_constructs._core.grantees import (
    check_identity,
    check_invoker,
    warn_across_accounts,
)
from ivs_constructs._core.misnamed import Advising
from ivs_constructs._core.stack_facts import Place, elsewhere, stack_facts_of
from ivs_constructs._core.statements import Conditions, all_of
from ivs_constructs.errors import UnsupportedError
from ivs_constructs.fleets._permissions import OPERATIONS, RESERVED, not_adopting
from ivs_constructs.fleets.function.settings import FLEET_TAG, OWN_TAGS
from ivs_constructs.operate._allowed import Allowed, grant
from ivs_constructs.operate.permissions import VERBS

if TYPE_CHECKING:
    from aws_cdk import aws_iam

_SOURCE = "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"

_MANAGE = {
    "stage": (
        *("CreateParticipantToken", "DeleteStage", "DisconnectParticipant", "GetParticipant"),
        *("GetStage", "GetStageSession", "ListParticipantEvents", "ListParticipants"),
        *("ListStageSessions", "UpdateStage"),
    ),
    "channel": (
        *("BatchStartViewerSessionRevocation", "DeleteChannel", "GetChannel", "GetStream"),
        *("GetStreamSession", "InsertAdBreak", "ListStreamSessions", "PutMetadata"),
        *("StartViewerSessionRevocation", "StopStream", "UpdateChannel"),
    ),
}
"""What your own code may do with members. Stream keys are read by verbs alone."""


_ON_MEMBERS = {
    verb: f"for all members, write {grants}.by_tag(fleet.tags).{verb}(grantee)"
    for kind, grants in (("stage", "StageGrants"), ("channel", "ChannelGrants"))
    for verb in VERBS[kind]
}
"""How to allow what the fleet has no verb for."""


class FleetGrants(Advising):
    """Grants for a fleet.

    Each verb is an alias of the fleet's function; a grantee may invoke only the aliases granted.
    `create` and `manage` are for code that calls Amazon IVS directly. Use a fleet's attribute
    `grants`.

    Args:
        kind: `stage` or `channel`.
        fleet: The value of the fleet's tag.
        aliases: The aliases of the fleet's function, by verb.

    Example:
        >>> rooms = StageFleet(stack, "GrantedRooms", max_size=50)
        >>> grant = rooms.grants.acquire(backend_role)
        >>> grant = rooms.grants.manage(backend_role)

    See: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """

    _attributes_instead: ClassVar[Mapping[str, str]] = _ON_MEMBERS

    def __init__(self, kind: str, fleet: str, aliases: Mapping[str, cdk.Resource]) -> None:
        self._kind = kind
        self._fleet = fleet
        self._aliases = aliases

    def __repr__(self) -> str:
        """Show the class."""
        return "<ivs_constructs.FleetGrants>"

    def acquire(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to get the member of any key, and to have it created."""
        return self._invoke("acquire", grantee)

    def get(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to look up the member of a key."""
        return self._invoke("get", grantee)

    def touch(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to report that the member of a key is in use."""
        return self._invoke("touch", grantee)

    def release(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to delete the member of a key."""
        return self._invoke("release", grantee)

    def list(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to list all members with their keys."""
        return self._invoke("list", grantee)

    def stream_key(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read the stream key of any channel of the fleet.

        Raises:
            UnsupportedError: If it is a fleet of stages.
        """
        return self._invoke("stream_key", grantee)

    def reset_stream_key(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to replace the stream key of any channel of the fleet, and to read it.

        Raises:
            UnsupportedError: If it is a fleet of stages.
        """
        return self._invoke("reset_stream_key", grantee)

    def token(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to get tokens for any member and any viewer or participant.

        Grant it only to the back end that authenticates them.

        Raises:
            UnsupportedError: If the fleet has no token issuer.
        """
        return self._invoke("token", grantee)

    def create(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to create members by calling Amazon IVS, with the fleet's `tags`.

        They belong to the fleet: they count as its members, and are deleted when idle and with the
        stack. IAM cannot distinguish a new resource from an untagged one: the grantee can also add
        the fleet's tag to a stage or channel without tags, and with `manage` delete it. It cannot
        take over resources tagged by another fleet or by a custom resource of this library.
        """
        operations = OPERATIONS[self._kind]
        types = [self._kind, *(["stream-key"] if self._kind == "channel" else [])]
        conditions = not_adopting(self._fleet)
        # With these tags, the fleet would take the member for one that it created itself.
        reserved = [f"{OWN_TAGS}{name}" for name in RESERVED]
        conditions["ForAllValues:StringNotEquals"] = {"aws:TagKeys": reserved}
        _check_identity(grantee)
        there = self._place(grantee)
        return grant(grantee, [_all((operations.create, "TagResource"), types, conditions, there)])

    def manage(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read, change and delete members by calling Amazon IVS.

        This is limited to resources with the fleet's tag, and excludes stream keys: see
        `stream_key`. After a deletion, the fleet forgets the member when it is next tended;
        `release` does both at once.
        """
        tagged = {"StringEquals": {f"aws:ResourceTag/{FLEET_TAG}": self._fleet}}
        _check_identity(grantee)
        there = self._place(grantee)
        allowed = [_all(_MANAGE[self._kind], [self._kind], tagged, there)]
        if self._kind == "channel":
            # Deleting a channel deletes its stream key, which can be untagged.
            allowed.append(_all(("DeleteChannel",), ["stream-key"], {}, there))
        return grant(grantee, allowed)

    def _place(self, grantee: aws_iam.IGrantable) -> Place:
        """Where members are, as far as it differs from where the grantee's policy is."""
        alias = next(iter(self._aliases.values()))
        place = stack_facts_of("FleetGrants", alias, "Default").place
        warn_across_accounts(grantee, place)
        return elsewhere(place, grantee)

    def _invoke(self, verb: str, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        alias = self._aliases.get(verb)
        if alias is None:
            needs = "channels" if "stream_key" in verb else "a token issuer; set token_issuer=True"
            raise UnsupportedError(f"the verb {verb} requires a fleet with {needs}")
        check = Check(_SOURCE)
        check_invoker(check, cdk.Stack.of(alias), grantee)
        check.raise_for("FleetGrants")
        granted: aws_iam.Grant = typed(alias).grant_invoke(grantee)
        return granted


def _check_identity(grantee: object) -> None:
    check = Check(_SOURCE)
    check_identity(check, grantee)
    check.raise_for("FleetGrants")


def _all(
    operations: tuple[str, ...], types: Sequence[str], conditions: Conditions, place: Place
) -> Allowed:
    """Return a statement that allows operations on all resources of some types."""
    return Allowed(
        operations=operations,
        resources=tuple(all_of(each, place) for each in types),
        wide=tuple(types),
        conditions=conditions,
    )
