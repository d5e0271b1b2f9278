"""How an encoder that speaks RTMP publishes to a stage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

import jsii
from aws_cdk import Resource
from aws_cdk.interfaces.aws_ivs import (
    IIngestConfigurationRef,
    IngestConfigurationReference,
    IStageRef,
)
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.by_name import typed
from ivs_constructs._core.check import enum_value, is_token
from ivs_constructs._core.exposed_keys import watch_stream_key
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import REALTIME_GUIDE, Rule, Severity
from ivs_constructs._core.secret import define_secret
from ivs_constructs._core.shared_conditions import share_condition
from ivs_constructs._core.stack_facts import context_of
from ivs_constructs._provider.provisioning import PROVISIONING, CustomDraft
from ivs_constructs.enums import IngestProtocol, InUse, Provisioning
from ivs_constructs.errors import SecretAttributeError, UnknownAttributeError, UnsupportedError

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager


MOST_ATTRIBUTE_BYTES = 1024
"""The maximum total size of a participant's attributes, names and values, in UTF-8."""


_RULES = (
    Rule(
        code="ingest-protocol",
        reads=("ingest_protocol", "insecure_ingest"),
        violated=lambda v: v.ingest_protocol == "RTMP" and v.insecure_ingest is not True,
        message=(
            "ingest_protocol {ingest_protocol} requires insecure_ingest True, got "
            "{insecure_ingest}; use RTMPS, or set insecure_ingest=True if an encoder cannot "
            "encrypt"
        ),
        source=specs.INGEST_CONFIGURATION.source,
    ),
    Rule(
        code="attributes-size",
        blames="attributes",
        reads=("attributes_size",),
        violated=lambda v: v.attributes_size > MOST_ATTRIBUTE_BYTES,
        message=(
            f"attributes must have at most {MOST_ATTRIBUTE_BYTES} bytes of UTF-8 in total, "
            "names and values together, got {attributes_size} bytes; shorten them"
        ),
        source=specs.INGEST_CONFIGURATION.source,
    ),
    Rule(
        code="ingest-without-stage",
        reads=("has_stage",),
        violated=lambda v: v.has_stage is False,
        message=(
            "the ingest configuration has no stage, so nothing can be published with its stream "
            "key; pass stage=..."
        ),
        source=f"{REALTIME_GUIDE}/rt-rtmp-publishing.html",
        severity=Severity.WARNING,
    ),
    Rule(
        code="insecure-ingest",
        reads=("insecure_ingest",),
        violated=lambda v: v.insecure_ingest is True,
        message=(
            "insecure_ingest opens RTMP without encryption; drop it unless an encoder cannot "
            "do RTMPS"
        ),
        source=specs.INGEST_CONFIGURATION.source,
        severity=Severity.WARNING,
    ),
)


class IngestConfigurationDraft(CustomDraft["IngestConfiguration"]):
    """The draft of an IngestConfiguration."""

    spec = specs.INGEST_CONFIGURATION
    rules = _RULES

    def prepare(self) -> None:
        """Replace the stage by its ARN, and decide what realizes this."""
        self.connect("stage", specs.STAGE)
        self.facts = {
            "has_stage": self.given["stage"] is not None,
            "attributes_size": _size_of(self.given["attributes"]),
        }
        if self.given["ingest_protocol"] is None:
            self.values["ingest_protocol"] = IngestProtocol.RTMPS
        elif str(enum_value(self.given["ingest_protocol"])).upper() == "WHIP":
            self.values["ingest_protocol"] = None
            self.check.fail(
                "ingest_protocol",
                "choice",
                "ingest_protocol must be one of RTMP, RTMPS, got 'WHIP'; WHIP needs no ingest "
                "configuration: publish to stage.whip_endpoint with a participant token",
            )
        if self.custom_only:
            self._refuse_cloudformation()
            self.realize_custom()

    @property
    def custom_only(self) -> list[str]:
        """The given arguments that CloudFormation's type lacks."""
        lacking = ("attributes", "redundant_ingest", "in_use")
        return [name for name in lacking if self.given[name] is not None]

    def _refuse_cloudformation(self) -> None:
        if context_of(self.scope, PROVISIONING) != Provisioning.CLOUDFORMATION:
            return
        for name in self.custom_only:
            self.check.fail(
                name,
                "custom-only",
                f"{name} requires a custom resource, got CLOUDFORMATION as context {PROVISIONING}; "
                f"drop {name} or the context",
            )


@jsii.implements(IIngestConfigurationRef)
class IngestConfiguration(IvsResource):
    """Lets an RTMP encoder publish to a stage as a participant.

    The encoder needs the stage's `rtmps_endpoint` and the stream key; treat that as a password.
    The key itself is never handed out. `secret` keeps it in AWS Secrets Manager.

    CloudFormation's own type realizes this, unless you pass `attributes`, `redundant_ingest` or
    `in_use`, which that type lacks: then a custom resource does, and there is no `secret`.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        stage: The stage to publish to. Default: none; the stream key is useless until the
            configuration has one.
        ingest_protocol: How the encoder publishes, an IngestProtocol. RTMP needs
            `insecure_ingest`. Default: RTMPS (set by this library).
        insecure_ingest: Whether the encoder may publish without encryption.
            Default: False (set by IVS).
        user_id: Your own name for the participant, up to 128 characters. All participants see
            it: no personal data. Default: none.
        attributes: Your own facts about the participant, up to 1024 bytes of UTF-8 in total. All
            participants see them: no personal data. Default: none.
        redundant_ingest: Whether two encoders can publish at the same time, so that one can fail.
            Default: False (set by IVS).
        ingest_configuration_name: Name, up to 128 letters, digits, - and _. Default: none.
        in_use: What a deployment does when it has to delete or change this while an encoder
            publishes, an InUse. Default: FAIL (set by this library) for a custom resource; what
            CloudFormation does for its own type.
        tags: Tags, up to 46. `Tags.of(configuration)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If Amazon IVS would refuse a property.

    Example:
        >>> stage = Stage(stack, "Stage")
        >>> ingest = IngestConfiguration(stack, "Ingest", stage=stage, user_id="studio")
        >>> ingest.secret.grant_read(encoder_role)

    A change of `stage`, `redundant_ingest` or the tags is made in place; any other change replaces
    the configuration, and the encoder needs the new stream key. So does passing the first of
    `attributes`, `redundant_ingest` and `in_use`, or dropping the last of them.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-rtmp-publishing.html
    """

    _draft = IngestConfigurationDraft
    _instead: ClassVar[Mapping[str, str]] = {
        "capabilities": "an encoder may publish and nothing else; drop it",
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: IStageRef | None = None,
        ingest_protocol: IngestProtocol | str | None = None,
        insecure_ingest: bool | None = None,
        user_id: str | None = None,
        attributes: Mapping[str, str] | None = None,
        redundant_ingest: bool | None = None,
        ingest_configuration_name: str | None = None,
        in_use: InUse | str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define an IngestConfiguration. Its arguments are those listed for the class."""
        self._define(locals())

    def _fill_defaults(self, draft: IngestConfigurationDraft) -> None:
        self._custom_only = draft.custom_only

    def _finish(self, draft: IngestConfigurationDraft) -> None:
        if not self._is_custom:
            watch_stream_key(self, draft.stack_facts, lambda: self._attribute("stream_key"))

    def _target(self) -> str | None:
        return cast("str | None", self._values["stage"])

    @property
    def ingest_configuration_arn(self) -> str:
        """The ingest configuration's ARN (a token)."""
        return self._attribute("arn")

    @property
    def ingest_configuration_id(self) -> str:
        """What follows `ingest-configuration/` in the ARN (a token)."""
        return id_from_arn(self.ingest_configuration_arn)

    @property
    def participant_id(self) -> str:
        """The id of the participant that the encoder publishes as (a token)."""
        return self._attribute("participant_id")

    @property
    @jsii.member(jsii_name="ingestConfigurationRef")
    def ingest_configuration_ref(self) -> IngestConfigurationReference:
        """The ingest configuration in the form that the AWS CDK's own types accept."""
        return IngestConfigurationReference(ingest_configuration_arn=self.ingest_configuration_arn)

    @property
    def secret(self) -> aws_secretsmanager.Secret:
        """The stream key in AWS Secrets Manager.

        The secret is defined when this is first read, so a secret that you do not use costs
        nothing. CloudFormation copies the value from Amazon IVS to Secrets Manager at deploy time.

        Raises:
            UnsupportedError: If a custom resource realizes this, because it never returns the key.
        """
        if self._is_custom:
            reason = " and ".join(self._custom_only)
            raise UnsupportedError(
                f"secret of IngestConfiguration '{self.node.path}' requires CloudFormation's own "
                f"type, got a custom resource because of {reason}, which never returns the "
                f"stream key; drop {reason}, or read the key after the deployment with: aws "
                "ivs-realtime get-ingest-configuration --arn <ARN>"
            )
        secret: aws_secretsmanager.Secret = typed(self._secret)
        return secret

    @cached_property
    def _secret(self) -> Resource:
        secret = define_secret(self, "ingest configuration", self._attribute("stream_key"))
        share_condition(self._stack_facts, secret, self)
        return secret

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name in ("stream_key", "stream_key_value", "attr_stream_key"):
                raise SecretAttributeError(
                    f"{name} would put the stream key in plain text into templates and outputs; "
                    "use IngestConfiguration.secret, which keeps it in AWS Secrets Manager"
                )
            if name == "secret" and self.is_imported:
                raise UnknownAttributeError(
                    f"secret of the imported IngestConfiguration '{self.node.path}' is unknown; "
                    "import the secret itself with "
                    "aws_secretsmanager.Secret.from_secret_complete_arn(self, 'Secret', ...)"
                )
            return super().__getattr__(name)

    @classmethod
    def from_ingest_configuration_arn(
        cls, scope: Construct, id: str, ingest_configuration_arn: str
    ) -> IngestConfiguration:
        """Import an ingest configuration, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            ingest_configuration_arn:
                `arn:<partition>:ivs:<region>:<account>:ingest-configuration/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not an ingest configuration's.
        """
        return IngestConfiguration._imported(scope, id, ingest_configuration_arn)


def _size_of(attributes: object) -> int | None:
    """Return the size of attributes as Amazon IVS counts it, None if not all are known."""
    if not isinstance(attributes, Mapping):
        return None
    parts = [part for pair in cast("Mapping[object, object]", attributes).items() for part in pair]
    if not all(isinstance(part, str) and not is_token(part) for part in parts):
        return None
    return len("".join(cast("list[str]", parts)).encode(errors="surrogatepass"))
