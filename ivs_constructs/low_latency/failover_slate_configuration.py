"""What viewers see while a broadcast is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._provider.provisioning import CustomDraft
from ivs_constructs.enums import InUse

if TYPE_CHECKING:
    from aws_cdk import Duration


class FailoverSlateConfigurationDraft(CustomDraft["FailoverSlateConfiguration"]):
    """The draft of a FailoverSlateConfiguration."""

    spec = specs.FAILOVER_SLATE_CONFIGURATION
    policies = (InUse.FAIL, InUse.WAIT)

    def prepare(self) -> None:
        """Let a custom resource realize this."""
        self.realize_custom()


class FailoverSlateConfiguration(IvsResource):
    """What viewers see while a broadcast is interrupted; for any number of channels.

    Pass it to a channel as `failover_slate_configuration`, which turns the slate on.
    CloudFormation has no such type, so this is always a custom resource.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        activation_threshold: How long the input must be missing before the slate is shown, 3-5
            seconds. Default: 3 seconds (set by IVS).
        min_slate_display: The shortest time the slate is shown, 3-10 seconds.
            Default: 3 seconds (set by IVS).
        max_slate_display: The longest time the slate is shown, 60-180 seconds.
            Default: 60 seconds (set by IVS).
        failover_slate_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        in_use: What a deployment does when it has to delete or change this and Amazon IVS refuses
            because a channel has it: InUse.FAIL or InUse.WAIT. There is no STOP, because there is
            nothing to stop: the configuration has to be removed from the channel.
            Default: FAIL (set by this library).
        tags: Tags, up to 46. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property.

    Example:
        >>> slate = FailoverSlateConfiguration(
        ...     stack, "Slate", max_slate_display=cdk.Duration.minutes(2)
        ... )

    A change of any property updates the configuration in place.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateFailoverSlateConfiguration.html
    """

    _draft = FailoverSlateConfigurationDraft

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        activation_threshold: Duration | None = None,
        min_slate_display: Duration | None = None,
        max_slate_display: Duration | None = None,
        failover_slate_configuration_name: str | None = None,
        in_use: InUse | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a FailoverSlateConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    @property
    def failover_slate_configuration_arn(self) -> str:
        """The failover slate configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    def failover_slate_configuration_id(self) -> str:
        """What follows `failover-slate-configuration/` in the ARN (a token)."""
        return id_from_arn(self.failover_slate_configuration_arn)

    @classmethod
    def from_failover_slate_configuration_arn(
        cls, scope: Construct, id: str, failover_slate_configuration_arn: str
    ) -> FailoverSlateConfiguration:
        """Import a failover slate configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            failover_slate_configuration_arn:
                `arn:<partition>:ivs:<region>:<account>:failover-slate-configuration/<id>`, or a
                token.

        Raises:
            InvalidPropertyError: If the ARN is not a failover slate configuration's.
        """
        return FailoverSlateConfiguration._imported(scope, id, failover_slate_configuration_arn)
