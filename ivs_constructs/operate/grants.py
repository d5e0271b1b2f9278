"""Grants for an Amazon IVS resource, as verbs for what the grantee may do with it.

`VERBS` lists the operations of each verb, and `PERMISSIONS` what each operation needs; this module
combines them. Grants work on anything with the AWS CDK's reference interface: constructs of this
library, L1s and imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeVar, cast

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of, check_arn, check_one, place_of
from ivs_constructs._core.arn_text import ARN_PARTS
from ivs_constructs._core.check import Check, did_you_mean, quoted, with_article
from ivs_constructs._core.grantees import check_identity, warn_across_accounts
from ivs_constructs._core.misnamed import Advising
from ivs_constructs._core.rules import REGIONS, is_region
from ivs_constructs._core.stack_facts import elsewhere, policy_holder, recall, stack_of
from ivs_constructs._core.statements import NOT_OUR_TAGS, all_of
from ivs_constructs.operate._allowed import Allowed, grant
from ivs_constructs.operate._facades import arn_for
from ivs_constructs.operate.permissions import PERMISSIONS, VERBS, Permission

if TYPE_CHECKING:
    from aws_cdk import aws_iam
    from aws_cdk.interfaces.aws_ivs import (
        IChannelRef,
        IEncoderConfigurationRef,
        IRecordingConfigurationRef,
        IStageRef,
        IStorageConfigurationRef,
        IStreamKeyRef,
    )
    from constructs import IConstruct

_SOURCE = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "list_interactive-video-service.html"
)


_TAGGING = ("TagResource", "UntagResource")


class _StageMembers(Protocol):
    """Stages that an application creates at run time: a StageFleet."""

    @property
    def member_type(self) -> Literal["stage"]:
        """The type of the members."""
        ...

    @property
    def tags(self) -> dict[str, str]:
        """The tags that all of them have."""
        ...


class _ChannelMembers(Protocol):
    """Channels that an application creates at run time: a ChannelFleet."""

    @property
    def member_type(self) -> Literal["channel"]:
        """The type of the members."""
        ...

    @property
    def tags(self) -> dict[str, str]:
        """The tags that all of them have."""
        ...


@dataclass(frozen=True, slots=True)
class _On:
    """What a permission is on.

    Attributes:
        arn: An ARN, or all resources of a type.
        wide: The type, if it is all of them.
        tags: The tags that they must have, as condition keys with their values.
    """

    arn: str
    wide: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Grants(Advising):
    """The base of the grants for all types of resources.

    A grantee is a role, a function or another principal that has a policy of its own.

    Args:
        arn: The resource's ARN, or a token. If you have the resource itself, use its attribute
            `grants` or a method such as `from_channel`.

    Raises:
        InvalidPropertyError: If the ARN has another type.

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec: ClassVar[specs.ResourceSpec]
    # The tags that it must have, as condition keys with their values.
    _tags: tuple[tuple[str, str], ...] = ()
    # The resource of the ARN, if it was passed itself: it knows its Region and account.
    _resource: object = None
    # Whether the permissions are on all resources of the type in that Region and account.
    _all_of_its_place: ClassVar[bool] = False

    def __init__(self, arn: str) -> None:
        check = Check(_SOURCE)
        check_arn(check, self._spec, "arn", arn)
        check.raise_for(type(self).__name__)
        self._arn = arn

    def __repr__(self) -> str:
        """Name the class."""
        return f"<ivs_constructs.{type(self).__name__}>"

    def actions(self, grantee: aws_iam.IGrantable, *operations: str) -> aws_iam.Grant:
        """Allows the grantee operations that have no method here.

        Each is allowed on this resource. If it always affects another type as well, it is allowed
        on all resources of that type in this resource's account and Region. `TagResource` and
        `UntagResource` are allowed for all tags but this library's own, which start with
        `ivs-constructs:` and determine which stack a resource belongs to.

        Args:
            grantee: The grantee.
            operations: Their names in the API, such as `TagResource`.

        Raises:
            InvalidPropertyError: If an operation is not one on this type of resource.
        """
        check = Check(_SOURCE)
        kind = self._spec.arn_type
        known = [
            name for name, each in PERMISSIONS.items() if kind in _types_of(each) and not each.makes
        ]
        if not operations:
            check.fail("operations", "required", "operations must name at least one; add it")
        for name in operations:
            if name not in known:
                advice = _operation_advice(name, kind, known)
                check.fail(
                    "operations",
                    "choice",
                    f"operations must be allowed on {with_article(kind)}, got {quoted(name)}"
                    f"{advice}",
                )
        check.raise_for(type(self).__name__)
        return self._allow(grantee, operations)

    def _verb(
        self,
        grantee: aws_iam.IGrantable,
        verb: str,
        named: Mapping[str, Sequence[_On]] | None = None,
    ) -> aws_iam.Grant:
        """Allow a verb's operations; see `_allow`."""
        return self._allow(grantee, VERBS[self._spec.arn_type][verb], named)

    def _allow(
        self,
        grantee: aws_iam.IGrantable,
        operations: Iterable[str],
        named: Mapping[str, Sequence[_On]] | None = None,
    ) -> aws_iam.Grant:
        """Allow operations, in one statement for each set of resources.

        Args:
            grantee: The grantee.
            operations: Their names.
            named: Other resources, by type. If an operation always affects a type that is not
                here, all resources of that type are allowed.
        """
        check = Check(_SOURCE)
        check_identity(check, grantee)
        holder = None if check.failures or self._resource is not None else policy_holder(grantee)
        if holder is not None:
            check_one(check, "arn", self._arn, stack_of(holder))
        check.raise_for(type(self).__name__)
        warn_across_accounts(grantee, place_of(self._resource, self._arn))
        own = self._own(grantee)
        known = {kind: list(each) for kind, each in (named or {}).items()}
        known.setdefault(self._spec.arn_type, []).insert(0, own)
        statements: dict[tuple[tuple[_On, ...], bool], list[str]] = {}
        for name in sorted(operations):
            permission = PERMISSIONS[name]
            touched: list[_On] = []
            for kind in _types_of(permission):
                if kind in known and not permission.makes:
                    touched += known[kind]
                elif kind in permission.types:
                    touched.append(_On(self._all_of(kind, grantee), kind))
            # IAM looks for a statement for each resource, so tags limit only those that need them.
            for tags in dict.fromkeys(each.tags for each in touched):
                alike = tuple(each for each in touched if each.tags == tags)
                statements.setdefault((alike, name in _TAGGING), []).append(name)
        return grant(
            grantee,
            [
                Allowed(
                    tuple(names),
                    tuple(each.arn for each in alike),
                    tuple(dict.fromkeys(each.wide for each in alike if each.wide)),
                    {
                        **({"StringEquals": dict(alike[0].tags)} if alike[0].tags else {}),
                        **(NOT_OUR_TAGS if tagging else {}),
                    },
                )
                for (alike, tagging), names in statements.items()
            ],
        )

    def _own(self, grantee: aws_iam.IGrantable) -> _On:
        """What the permissions are for."""
        kind = self._spec.arn_type
        arn = self._all_of(kind, grantee) if self._all_of_its_place else self._arn
        return _On(arn, kind if arn.endswith("/*") else "", self._tags)

    def _all_of(self, kind: str, grantee: aws_iam.IGrantable) -> str:
        """Name all of a type in the account and Region of the resource."""
        parts = self._arn.split(":")
        if len(parts) == ARN_PARTS:
            return ":".join([*parts[:-1], f"{kind}/*"])
        # The whole ARN is one token. Unless the resource knows better, it is assumed to be in the
        # Region and account of the stack that has the policy.
        place = (None, None) if self._resource is None else place_of(self._resource, self._arn)
        return all_of(kind, elsewhere(place, grantee))


class ChannelGrants(Grants):
    """Grants for a channel.

    Args:
        arn: The channel's ARN, or a token. If you have the channel itself, use its attribute
            `grants` or `from_channel`.

    Raises:
        InvalidPropertyError: If the ARN is not a channel's.

    Example:
        >>> grant = ChannelGrants.from_channel(channel).put_metadata(encoder_role)
        >>> grant = channel.grants.stop_stream(encoder_role)

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec = specs.CHANNEL
    _attributes_instead: ClassVar[Mapping[str, str]] = {
        "read_stream_key": "use the grants of the stream key: stream_key.grants.read(grantee)",
        "get_stream_key": "use the grants of the stream key: stream_key.grants.read(grantee)",
    }

    @classmethod
    def from_channel(cls, channel: IChannelRef) -> ChannelGrants:
        """Use a channel of this library, an L1 or an import.

        Args:
            channel: The channel.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return _of(cls(arn_for(cls, specs.CHANNEL, _SOURCE, channel)), channel)

    @classmethod
    def by_tag(cls, tags: Mapping[str, str], *, region: str | None = None) -> ChannelGrants:
        """Use all channels with certain tags in the account of the grantee's stack.

        For channels that an application makes at run time, whose ARNs are not known at synth, such
        as those with the `tags` of a ChannelFleet. Tags do not limit what a grant allows on stream
        keys: Amazon IVS makes them with their channels, without tags.

        Args:
            tags: The tags, at least one.
            region: The Region. Default: that of the grantee's stack.

        Raises:
            InvalidPropertyError: If no tag is given, or the Region has another form.

        Example:
            >>> grant = ChannelGrants.by_tag({"team": "video"}).stop_stream(encoder_role)
        """
        return _by_tag(cls, tags, region)

    def put_metadata(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to put timed metadata into the stream."""
        return self._verb(grantee, "put_metadata")

    def stop_stream(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to disconnect the broadcaster; one that reconnects is live again."""
        return self._verb(grantee, "stop_stream")

    def insert_ad_break(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to put an ad break into the stream."""
        return self._verb(grantee, "insert_ad_break")

    def revoke_viewers(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to revoke the sessions of viewers of a private channel."""
        return self._verb(grantee, "revoke_viewers")

    def read(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read the channel, its stream, and its stream sessions.

        The stream key is not included.
        """
        return self._verb(grantee, "read")

    def update(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to change the channel. CloudFormation does not notice such changes."""
        return self._verb(grantee, "update")

    def reset_stream_key(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to find the channel's stream key, delete it and create another.

        IAM authorizes both on stream keys and does not check the channel. The next key's ARN is not
        known yet, so all stream keys in the channel's account and Region are allowed.
        """
        return self._verb(grantee, "reset_stream_key")


class StreamKeyGrants(Grants):
    """Grants for a stream key.

    Args:
        arn: The stream key's ARN, or a token. If you have the key itself, use its attribute
            `grants` or `from_stream_key`.

    Raises:
        InvalidPropertyError: If the ARN is not a stream key's.

    Example:
        >>> key = StreamKey(stack, "GrantedKey", channel=Channel(stack, "Granted"))
        >>> grant = StreamKeyGrants.from_stream_key(key).read(encoder_role)

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec = specs.STREAM_KEY

    @classmethod
    def from_stream_key(cls, stream_key: IStreamKeyRef) -> StreamKeyGrants:
        """Use a stream key of this library, an L1 or an import.

        Args:
            stream_key: The stream key.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return _of(cls(arn_for(cls, specs.STREAM_KEY, _SOURCE, stream_key)), stream_key)

    def read(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read the stream key's value from Amazon IVS.

        To read it from Secrets Manager, use `secret.grant_read` instead.
        """
        return self._verb(grantee, "read")

    def reset(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to delete this stream key and to create another.

        The next key's ARN is not known yet, so creating is allowed on all stream keys in the
        account and Region. Deleting the next key is not allowed; `ChannelGrants.reset_stream_key`
        allows it repeatedly.
        """
        return self._verb(grantee, "reset")


class StageGrants(Grants):
    """Grants for a stage and its compositions.

    Args:
        arn: The stage's ARN, or a token. If you have the stage itself, use its attribute `grants`
            or `from_stage`.

    Raises:
        InvalidPropertyError: If the ARN is not a stage's.

    Example:
        >>> stage = Stage(stack, "GrantedStage")
        >>> grant = StageGrants.from_stage(stage).create_participant_token(encoder_role)

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec = specs.STAGE

    @classmethod
    def from_stage(cls, stage: IStageRef) -> StageGrants:
        """Use a stage of this library, an L1 or an import.

        Args:
            stage: The stage.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return _of(cls(arn_for(cls, specs.STAGE, _SOURCE, stage)), stage)

    @classmethod
    def by_tag(cls, tags: Mapping[str, str], *, region: str | None = None) -> StageGrants:
        """Use all stages with certain tags in the account of the grantee's stack.

        For stages that an application makes at run time, whose ARNs are not known at synth, such as
        those with the `tags` of a StageFleet.

        Args:
            tags: The tags, at least one.
            region: The Region. Default: that of the grantee's stack.

        Raises:
            InvalidPropertyError: If no tag is given, or the Region has another form.

        Example:
            >>> grant = StageGrants.by_tag({"team": "video"}).disconnect_participant(encoder_role)
        """
        return _by_tag(cls, tags, region)

    def create_participant_token(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to create tokens that participants join with."""
        return self._verb(grantee, "create_participant_token")

    def disconnect_participant(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to disconnect participants from the stage."""
        return self._verb(grantee, "disconnect_participant")

    def read(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read the stage, its sessions, participants, and their events."""
        return self._verb(grantee, "read")

    def update(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to change the stage. CloudFormation does not notice such changes."""
        return self._verb(grantee, "update")

    def replicate(
        self, grantee: aws_iam.IGrantable, destination: IStageRef | _StageMembers
    ) -> aws_iam.Grant:
        """Allows the grantee to start and stop replicating participants of this stage.

        Args:
            grantee: The role or other principal to allow this.
            destination: The other stage, or a StageFleet for all of its stages.

        Raises:
            InvalidPropertyError: If the destination is not a stage.
        """
        check = Check(_SOURCE)
        other = _on(check, specs.STAGE, "destination", destination, grantee)
        if cast("object", destination) is None:
            check.fail(
                "destination", "required", "destination is required; pass a Stage or a StageFleet"
            )
        check.raise_for(type(self).__name__)
        return self._verb(grantee, "replicate", {"stage": other})

    def start_composition(
        self,
        grantee: aws_iam.IGrantable,
        *,
        encoder_configuration: IEncoderConfigurationRef | None = None,
        storage_configuration: IStorageConfigurationRef | None = None,
        channel: IChannelRef | _ChannelMembers | None = None,
    ) -> aws_iam.Grant:
        """Allows the grantee to start compositions of this stage with the given destinations.

        IAM authorizes it on everything that a composition uses. To pass tags, the caller also needs
        `ivs:TagResource`.

        Args:
            grantee: The role or other principal to allow this.
            encoder_configuration: How compositions are encoded. Default: any encoder
                configuration of the stage's account and Region.
            storage_configuration: Where they may be recorded. Default: nowhere.
            channel: Where they may be broadcast, or a ChannelFleet for all of its channels.
                Default: nowhere.

        Raises:
            InvalidPropertyError: If neither a storage configuration nor a channel is given, or an
                argument has another type.
        """
        check = Check(_SOURCE)
        given = (
            (specs.ENCODER_CONFIGURATION, "encoder_configuration", encoder_configuration),
            (specs.STORAGE_CONFIGURATION, "storage_configuration", storage_configuration),
            (specs.CHANNEL, "channel", channel),
        )
        named = {spec.arn_type: _on(check, spec, prop, each, grantee) for spec, prop, each in given}
        if storage_configuration is None and channel is None:
            check.fail(
                "channel",
                "required",
                "channel or storage_configuration is required, because a composition needs a "
                "destination; pass one or both",
            )
        check.raise_for(type(self).__name__)
        return self._verb(
            grantee, "start_composition", {kind: each for kind, each in named.items() if each}
        )

    def stop_composition(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to list this stage's compositions, and to read and stop compositions.

        A composition gets its ARN when it starts, so reading and stopping are allowed on all
        compositions in the stage's account and Region.
        """
        return self._verb(grantee, "stop_composition")


class CompositionGrants(Grants):
    """Grants for the compositions of a stage.

    A composition gets its ARN when it starts, so all compositions in the stage's account and Region
    are allowed, or those with certain tags. An automation's `grants` allow reading and stopping
    only what that automation started.

    Args:
        stage_arn: The stage's ARN, or a token. If you have the stage itself, use
            `from_stage`, or an automation's attribute `grants`.
        tags: Tags that compositions must have to be read and stopped; all compositions of the stage
            can be listed. Default: none.

    Raises:
        InvalidPropertyError: If the ARN is not a stage's.

    Example:
        >>> stage = Stage(stack, "ComposedStage")
        >>> grant = CompositionGrants.from_stage(stage, tags={"show": "news"}).stop(encoder_role)

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec = specs.COMPOSITION
    _all_of_its_place = True

    def __init__(self, stage_arn: str, *, tags: Mapping[str, str] | None = None) -> None:
        check = Check(_SOURCE)
        check_arn(check, specs.STAGE, "stage_arn", stage_arn)
        if tags is not None:
            _check_tags(check, tags)
        check.raise_for(type(self).__name__)
        self._arn = stage_arn
        if tags:
            self._tags = _with_tags(tags)

    @classmethod
    def from_stage(
        cls, stage: IStageRef, *, tags: Mapping[str, str] | None = None
    ) -> CompositionGrants:
        """Use a stage of this library, an L1 or an import.

        Args:
            stage: The stage.
            tags: Tags that compositions must have. Default: none.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return _of(cls(arn_for(cls, specs.STAGE, _SOURCE, stage), tags=tags), stage)

    def read(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to list the compositions of the stage, and to read them."""
        return self._verb(grantee, "read", {"stage": [_On(self._arn)]})

    def stop(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to list the stage's compositions with their tags, and to stop them."""
        return self._verb(grantee, "stop", {"stage": [_On(self._arn)]})


class RecordingConfigurationGrants(Grants):
    """Grants for a recording configuration; for recordings, use the bucket's.

    Args:
        arn: The recording configuration's ARN, or a token. If you have the recording configuration
            itself, use its attribute `grants` or `from_recording_configuration`.

    Raises:
        InvalidPropertyError: If the ARN is not a recording configuration's.

    Example:
        >>> recording = RecordingConfiguration(stack, "GrantedRecording")
        >>> grants = RecordingConfigurationGrants.from_recording_configuration(recording)
        >>> grant = grants.read(encoder_role)

    See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_interactive-video-service.html
    """

    _spec = specs.RECORDING_CONFIGURATION

    @classmethod
    def from_recording_configuration(
        cls, recording_configuration: IRecordingConfigurationRef
    ) -> RecordingConfigurationGrants:
        """Use a recording configuration of this library, an L1 or an import.

        Args:
            recording_configuration: The recording configuration.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        arn = arn_for(cls, specs.RECORDING_CONFIGURATION, _SOURCE, recording_configuration)
        return _of(cls(arn), recording_configuration)

    def read(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to read the recording configuration, including its state."""
        return self._verb(grantee, "read")


_Grants = TypeVar("_Grants", bound=Grants)


def _of(grants: _Grants, resource: object) -> _Grants:
    """Keep the resource with its permissions, since it knows its Region and account."""
    grants._resource = resource  # pyright: ignore[reportPrivateUsage] (of this module)
    return grants


def _on(
    check: Check, spec: specs.ResourceSpec, prop: str, given: object, grantee: aws_iam.IGrantable
) -> list[_On]:
    """Return a resource that the user passed, or all members of a fleet."""
    if getattr(given, "member_type", "") == spec.arn_type:
        members = cast("_StageMembers | _ChannelMembers", given)
        place = elsewhere(recall(cast("IConstruct", given)).place, grantee)
        return [_On(all_of(spec.arn_type, place), spec.arn_type, _with_tags(members.tags))]
    arn = arn_of(check, spec, prop, given)
    return [] if arn is None else [_On(arn)]


def _by_tag(cls: type[_Grants], tags: Mapping[str, str], region: str | None) -> _Grants:
    check = Check(_SOURCE)
    if not isinstance(cast("object", tags), Mapping) or not tags:
        own = "; pass its attribute tags" if hasattr(type(tags), "tags") else ""
        check.fail(
            "tags",
            "required",
            f"tags must be a dict with at least one tag, got {quoted(tags)}"
            f"{own or '; without one, the grant would apply to everything'}",
        )
    else:
        _check_tags(check, tags)
    if region is not None and not is_region(region):
        check.fail(
            "region",
            "region",
            f"region must be a Region such as 'eu-west-1', got {quoted(region)}"
            f"{did_you_mean(region, REGIONS)}",
        )
    check.raise_for(cls.__name__)
    # Not through the constructor, which expects one resource.
    grants = cls.__new__(cls)
    grants._arn = all_of(cls._spec.arn_type, (region, None))  # pyright: ignore[reportPrivateUsage] (of this module)
    grants._tags = _with_tags(tags)  # pyright: ignore[reportPrivateUsage] (of this module)
    return grants


def _check_tags(check: Check, tags: object) -> None:
    """Reject what no tag can be; this library's own tags are allowed here."""
    items = cast("Mapping[object, object]", tags).items() if isinstance(tags, Mapping) else ()
    if not isinstance(tags, Mapping):
        check.fail("tags", "type", f"tags must be a dict of strings, got {quoted(tags)}")
    for key, value in items:
        if not (isinstance(key, str) and key and isinstance(value, str)):
            check.fail(
                "tags",
                "type",
                f"tags must hold strings, the keys not empty, got {quoted(value)} under "
                f"{quoted(key)}; correct it",
            )


def _with_tags(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"aws:ResourceTag/{key}", value) for key, value in tags.items())


def _operation_advice(name: object, kind: str, known: Sequence[str]) -> str:
    """Say what to write instead of an operation that is not one on this type of resource."""
    if isinstance(name, list | tuple):
        items = ", ".join(quoted(each) for each in cast("Sequence[object]", name))
        return f"; write each as an argument of its own: {items}"
    if name == "*":
        return "; name the operations"
    permission = PERMISSIONS.get(str(name))
    if permission is None:
        return did_you_mean(str(name).removeprefix("ivs:").replace("_", ""), known)
    types = _types_of(permission)
    if kind in types:
        return "; it makes one, whose ARN is not known yet"
    if types and not permission.makes:
        return f"; it is an operation on {with_article(types[0].replace('-', ' '))}"
    return "; grant it with ApiCall(...).grant(grantee)"


def _types_of(permission: Permission) -> tuple[str, ...]:
    """All types of resources that an operation may be authorized on."""
    return (*permission.types, *permission.also)
