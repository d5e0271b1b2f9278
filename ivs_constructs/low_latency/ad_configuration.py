"""Which ads Amazon IVS inserts into a channel's stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import jsii
from aws_cdk.interfaces import IEnvironmentAware
from aws_cdk.interfaces import aws_ivs as references
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.check import Check
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import Rule
from ivs_constructs.low_latency.values import PostRollConfiguration

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_ivs import AdConfigurationReference, IAdConfigurationRef
    from aws_cdk.interfaces.aws_mediatailor import IPlaybackConfigurationRef
else:
    # aws-cdk-lib before 2.274 lacks these names; AdConfiguration says so when it is made, and the
    # rest of this library works, imports included.
    IAdConfigurationRef = getattr(references, "IAdConfigurationRef", IEnvironmentAware)
    AdConfigurationReference = getattr(references, "AdConfigurationReference", SimpleNamespace)


_RULES = (
    Rule(
        code="ads-region",
        reads=("region",),
        violated=lambda v: v.region in ("ap-northeast-1", "ap-northeast-2", "eu-west-1"),
        message=(
            "CloudFormation has no AWS::IVS::AdConfiguration in {region}; deploy the stack in "
            "us-east-1, us-west-2, eu-central-1 or ap-south-1"
        ),
        source=specs.AD_CONFIGURATION.source,
    ),
)


class AdConfigurationDraft(Draft["AdConfiguration"]):
    """The draft of an AdConfiguration."""

    spec = specs.AD_CONFIGURATION
    rules = _RULES

    def prepare(self) -> None:
        """Put the playback configurations into the API's structure."""
        self.values[_CONFIGURATIONS] = _with_arns(self.check, self.given[_CONFIGURATIONS])


@jsii.implements(IAdConfigurationRef)
class AdConfiguration(IvsResource):
    """Which ads Amazon IVS inserts into a channel's stream; for any number of channels.

    The ads come from AWS Elemental MediaTailor. In its playback configuration, set the video
    content source to the channel's playback URL without the file name, and the insertion mode to
    PLAYER_SELECT. Pass it to a channel as `ad_configuration`; the channel's container format must
    be TS.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        media_tailor_playback_configurations: One to three playback configurations of MediaTailor:
            L1 constructs or ARNs. Their names may contain only letters, digits and -.
        post_roll_configuration: An ad for the end of a stream. Default: none (set by IVS).
        ad_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        tags: Tags, up to 50. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property, or the stack's Region lacks the
            resource type.
        UnsupportedError: If the installed aws-cdk-lib is older than 2.274.0.

    Example:
        >>> ads = AdConfiguration(
        ...     stack,
        ...     "Ads",
        ...     media_tailor_playback_configurations=[
        ...         "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/main"
        ...     ],
        ... )

    A change of any property updates the ad configuration in place.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/server-side-ad-insertion.html
    """

    _draft = AdConfigurationDraft

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        media_tailor_playback_configurations: Sequence[str | IPlaybackConfigurationRef],
        post_roll_configuration: PostRollConfiguration | None = None,
        ad_configuration_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define an AdConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    @property
    def ad_configuration_arn(self) -> str:
        """The ad configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    @jsii.member(jsii_name="adConfigurationRef")
    def ad_configuration_ref(self) -> AdConfigurationReference:
        """The ad configuration in the form that the AWS CDK's own types accept."""
        return AdConfigurationReference(ad_configuration_arn=self.ad_configuration_arn)

    @classmethod
    def from_ad_configuration_arn(
        cls, scope: Construct, id: str, ad_configuration_arn: str
    ) -> AdConfiguration:
        """Import an ad configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            ad_configuration_arn: `arn:<partition>:ivs:<region>:<account>:ad-configuration/<id>`,
                or a token.

        Raises:
            InvalidPropertyError: If the ARN is not that of an ad configuration.
        """
        return AdConfiguration._imported(scope, id, ad_configuration_arn)


_CONFIGURATIONS = "media_tailor_playback_configurations"


def _with_arns(check: Check, configurations: object) -> object:
    """Put the ARN of each playback configuration into the API's structure."""
    if not isinstance(configurations, list | tuple | set | frozenset):
        return configurations
    items = list(cast("Sequence[object]", configurations))
    if isinstance(configurations, set | frozenset):
        items.sort(key=str)  # the order of a set changes from run to run; a template must not
    if None in items:
        check.fail(
            _CONFIGURATIONS,
            "type",
            f"{_CONFIGURATIONS} must hold ARNs or playback configurations of MediaTailor, got None",
        )
    return [{_CONFIGURATIONS: _arn(item)} for item in items]


def _arn(configuration: object) -> object:
    reference = getattr(configuration, "playback_configuration_ref", None)
    return getattr(reference, "playback_configuration_arn", configuration)
