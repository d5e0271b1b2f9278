"""Facades of resources, whichever library defined them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Self, cast

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import arn_of, check_arn
from ivs_constructs._core.check import Check, did_you_mean
from ivs_constructs._core.stack_facts import stack_facts_of
from ivs_constructs._core.tree import construct_in

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_ivs import IChannelRef, IStageRef


class Facade:
    """Events or metrics, in the place of a construct.

    Args:
        scope: The construct.

    Raises:
        InvalidScopeError: If it is not a construct inside a stack.
    """

    _source: ClassVar[str]

    def __init__(self, scope: Construct) -> None:
        stack_facts_of(type(self).__name__, scope, "Default")
        self._scope = scope

    def __repr__(self) -> str:
        """Name the class and the path of the scope."""
        return f"<ivs_constructs.{type(self).__name__} of '{self._scope.node.path}'>"


class ChannelFacade(Facade):
    """Events or metrics of a channel."""

    def __init__(self, scope: Construct, channel_arn: str) -> None:
        super().__init__(scope)
        self._channel_arn = _checked_arn(type(self), specs.CHANNEL, channel_arn)

    @classmethod
    def from_channel(cls, channel: IChannelRef) -> Self:
        """Use a channel of this library, an L1 or an import.

        Rules are defined below it unless they get a `cross_stack_scope`.

        Args:
            channel: The channel.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return cls(_construct(channel), arn_for(cls, specs.CHANNEL, cls._source, channel))

    @property
    def channel_arn(self) -> str:
        """The channel's ARN."""
        return self._channel_arn


class StageFacade(Facade):
    """Events or metrics of a stage."""

    def __init__(self, scope: Construct, stage_arn: str) -> None:
        super().__init__(scope)
        self._stage_arn = _checked_arn(type(self), specs.STAGE, stage_arn)

    @classmethod
    def from_stage(cls, stage: IStageRef) -> Self:
        """Use a stage of this library, an L1 or an import.

        Rules are defined below it unless they get a `cross_stack_scope`.

        Args:
            stage: The stage.

        Raises:
            InvalidPropertyError: If it is something else.
        """
        return cls(_construct(stage), arn_for(cls, specs.STAGE, cls._source, stage))

    @property
    def stage_arn(self) -> str:
        """The stage's ARN."""
        return self._stage_arn


def arn_for(facade: type, spec: specs.ResourceSpec, source: str, resource: object) -> str:
    """Return the ARN of a facade's resource.

    Args:
        facade: The facade.
        spec: The type that the resource must have.
        source: The page that says so.
        resource: What the user passed.

    Raises:
        InvalidPropertyError: If it is something else.
    """
    check = Check(source)
    arn = arn_of(check, spec, spec.noun, resource)
    if resource is None:
        check.fail(spec.noun, "required", f"{spec.noun} is required; give a value")
    check.raise_for(facade.__name__)
    return str(arn)


def refuse_unknown(options: Mapping[str, object], known: Iterable[str]) -> None:
    """Reject an option that a method does not have, and name the one that was probably meant.

    Raises:
        TypeError: If there is one, as for any unexpected argument.
    """
    names = list(known)
    for name in options:
        if name not in names:
            raise TypeError(f"unexpected keyword argument '{name}'{did_you_mean(name, names)}")


def _checked_arn(facade: type[Facade], spec: specs.ResourceSpec, arn: str) -> str:
    """Return the ARN that was passed to a facade, if it has that type."""
    check = Check(facade._source)  # pyright: ignore[reportPrivateUsage] (of this module)
    check_arn(check, spec, f"{spec.noun}_arn", arn)
    check.raise_for(facade.__name__)
    return arn


def _construct(resource: object) -> Construct:
    """Return the construct that children can be defined in."""
    # If it is none, jsii says so where a child is defined in it.
    return construct_in(resource) or cast("Construct", resource)
