"""How a composition is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

import jsii
from aws_cdk.interfaces.aws_ivs import EncoderConfigurationReference, IEncoderConfigurationRef
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.rules import LEAST_BITRATE, Rule, Severity
from ivs_constructs._provider.provisioning import ProvisionedDraft, ProvisionedResource
from ivs_constructs.enums import InUse, Provisioning
from ivs_constructs.realtime.values import Video

_RULES = (
    Rule(
        code="bitrate-unit",
        reads=("video",),
        violated=lambda v: v.video.get("bitrate", LEAST_BITRATE) < LEAST_BITRATE,
        message=(
            "the video has {video[bitrate]} bits a second, which is too little for any "
            "picture; if kilobits are meant, multiply the bitrate by 1000"
        ),
        source=specs.ENCODER_CONFIGURATION.source,
        severity=Severity.WARNING,
    ),
)


class EncoderConfigurationDraft(ProvisionedDraft["EncoderConfiguration"]):
    """The draft of an EncoderConfiguration."""

    spec = specs.ENCODER_CONFIGURATION
    rules = _RULES


@jsii.implements(IEncoderConfigurationRef)
class EncoderConfiguration(ProvisionedResource):
    """How a composition, the one picture made of a stage's participants, is encoded.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        video: Picture size, frame rate and bitrate.
            Default: 1280 times 720 pixels, 30 frames and 2500000 bits a second (set by IVS).
        encoder_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        in_use: What a deployment does when it has to delete this while a composition uses it, an
            InUse. Default: FAIL (set by this library).
        provisioning: What realizes this, a Provisioning. Default: the context
            `ivs_constructs:provisioning`, else CUSTOM (set by this library).
        tags: Tags, up to 46. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property, or asks CloudFormation's own
            type for what only a custom resource can do.

    Example:
        >>> encoder = EncoderConfiguration(stack, "Encoder", video=Video.hd_720p())

    A change of any property but the tags replaces the encoder configuration.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/server-side-composition.html
    """

    _draft = EncoderConfigurationDraft
    _instead: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("width", "height", "framerate", "bitrate"), "write video=Video(width=..., height=...)"
    )

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        video: Video | None = None,
        encoder_configuration_name: str | None = None,
        in_use: InUse | str | None = None,
        provisioning: Provisioning | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define an EncoderConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    @property
    def video(self) -> Video | None:
        """Picture size, frame rate and bitrate, as given."""
        return cast("Video | None", self._value("video"))

    @property
    def encoder_configuration_arn(self) -> str:
        """The encoder configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    def encoder_configuration_id(self) -> str:
        """What follows `encoder-configuration/` in the ARN (a token)."""
        return id_from_arn(self.encoder_configuration_arn)

    @property
    @jsii.member(jsii_name="encoderConfigurationRef")
    def encoder_configuration_ref(self) -> EncoderConfigurationReference:
        """The encoder configuration in the form that the AWS CDK's own types accept."""
        return EncoderConfigurationReference(
            encoder_configuration_arn=self.encoder_configuration_arn
        )

    @classmethod
    def from_encoder_configuration_arn(
        cls, scope: Construct, id: str, encoder_configuration_arn: str
    ) -> EncoderConfiguration:
        """Import an encoder configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            encoder_configuration_arn:
                `arn:<partition>:ivs:<region>:<account>:encoder-configuration/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not an encoder configuration's.
        """
        return EncoderConfiguration._imported(scope, id, encoder_configuration_arn)
