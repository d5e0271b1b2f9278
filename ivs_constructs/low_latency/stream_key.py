"""The key with which an encoder broadcasts to a channel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Resource
from aws_cdk.interfaces.aws_ivs import IChannelRef, IStreamKeyRef, StreamKeyReference
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import identity_of
from ivs_constructs._core.by_name import typed
from ivs_constructs._core.draft import Draft
from ivs_constructs._core.exposed_keys import watch_stream_key
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.shared_conditions import share_condition
from ivs_constructs._core.stack_facts import StackFacts
from ivs_constructs._core.tree import living
from ivs_constructs.errors import SecretAttributeError, UnknownAttributeError

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager

    from ivs_constructs.operate.grants import StreamKeyGrants


class StreamKeyDraft(Draft["StreamKey"]):
    """The draft of a StreamKey."""

    spec = specs.STREAM_KEY
    instead = "use that one"
    """What to do if the channel already has a key."""
    keeps_secret = False
    """Whether the secret is defined even if nobody reads it."""

    def prepare(self) -> None:
        """Replace the channel by its ARN, and reject a second key."""
        self.connect("channel", specs.CHANNEL)
        channel, arn = self.given["channel"], self.values["channel"]
        former = former_key(self.stack_facts, channel, arn)
        if former is not None:
            self.check.fail(
                "channel",
                "one-key",
                f"channel already has a stream key, '{former.node.path}'; {self.instead}, because "
                "Amazon IVS allows one per channel",
            )


@jsii.implements(IStreamKeyRef)
class StreamKey(IvsResource):
    """The key with which an encoder broadcasts to a channel; treat it as a password.

    The value itself is never handed out. `secret` keeps it in AWS Secrets Manager.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        channel: The channel to broadcast to. Amazon IVS allows one key per channel.
        tags: Tags, up to 50. `Tags.of(key)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If the channel already has a key, or a property is not allowed.

    Example:
        >>> key = StreamKey(stack, "StreamKey", channel=channel)
        >>> key.secret.grant_read(encoder_role)

    A change of the channel replaces the key: the old one is deleted first. A new construct id means
    a new key: CloudFormation makes it before it deletes the old one, and the channel can have only
    one. Deploy without it first, or keep the logical id with
    `node.default_child.override_logical_id`.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html
    """

    _draft = StreamKeyDraft

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        channel: IChannelRef,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a StreamKey. Its arguments are those listed for the class."""
        self._define(locals())

    def _finish(self, draft: StreamKeyDraft) -> None:
        channel = identity_of(draft.stack_facts, draft.given["channel"], draft.values["channel"])
        draft.stack_facts.registry.stream_keys[channel] = self
        share_condition(draft.stack_facts, self, draft.given["channel"])
        if draft.keeps_secret:
            _ = self._secret
        watch_stream_key(self, draft.stack_facts, lambda: self._attribute("value"))

    @property
    def stream_key_arn(self) -> str:
        """The stream key's ARN (a token)."""
        return self._attribute("arn")

    @property
    @jsii.member(jsii_name="streamKeyRef")
    def stream_key_ref(self) -> StreamKeyReference:
        """The stream key in the form that the AWS CDK's own types accept."""
        return StreamKeyReference(stream_key_arn=self.stream_key_arn)

    @property
    def grants(self) -> StreamKeyGrants:
        """Grants for this stream key."""
        # Imported here because most programs grant nothing on it.
        from ivs_constructs.operate.grants import StreamKeyGrants

        return StreamKeyGrants.from_stream_key(self)

    @property
    def secret(self) -> aws_secretsmanager.Secret:
        """The key's value in AWS Secrets Manager.

        The secret is defined when this is first read, so a secret that you do not use costs
        nothing. CloudFormation copies the value from Amazon IVS to Secrets Manager at deploy time.
        """
        secret: aws_secretsmanager.Secret = typed(self._secret)
        return secret

    @cached_property
    def _secret(self) -> Resource:
        # Imported here because it is for those who read the secret.
        from ivs_constructs._core.secret import define_secret

        secret = define_secret(self, "channel", self._attribute("value"))
        share_condition(self._stack_facts, secret, self)
        return secret

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name in ("stream_key_value", "value", "attr_value", "stream_key"):
                raise SecretAttributeError(
                    f"{name} would put the stream key in plain text into templates and "
                    "outputs; use StreamKey.secret, which keeps it in AWS Secrets Manager"
                )
            if name == "secret" and self.is_imported:
                raise UnknownAttributeError(
                    f"secret of the imported StreamKey '{self.node.path}' is unknown; import the "
                    "secret itself with aws_secretsmanager.Secret.from_secret_complete_arn(self, "
                    "'Secret', ...)"
                )
            return super().__getattr__(name)

    @classmethod
    def from_stream_key_arn(cls, scope: Construct, id: str, stream_key_arn: str) -> StreamKey:
        """Import a stream key, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            stream_key_arn: `arn:<partition>:ivs:<region>:<account>:stream-key/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a stream key's.
        """
        return StreamKey._imported(scope, id, stream_key_arn)


def former_key(stack_facts: StackFacts, channel: object, arn: str | None) -> Construct | None:
    """Return the stream key that a channel already has."""
    former = stack_facts.registry.stream_keys.get(identity_of(stack_facts, channel, arn))
    return former if former is not None and living([former]) else None


IStreamKey = StreamKey
"""What aws_ivs_alpha calls it in annotations; defined and imported ones are one class here."""
