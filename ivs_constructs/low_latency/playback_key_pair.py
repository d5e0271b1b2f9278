"""The public key with which Amazon IVS verifies viewers' tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import jsii
from aws_cdk.interfaces.aws_ivs import IPlaybackKeyPairRef, PlaybackKeyPairReference
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.key_material import KeyDraft
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import GUIDE, Form
from ivs_constructs._core.signing_keys import note_playback_key
from ivs_constructs.tokens._pem import public_key_problem

if TYPE_CHECKING:
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey


_FORMS = (
    Form(
        code="public-key",
        reads="public_key_material",
        problem=public_key_problem,
        source=f"{GUIDE}/private-channels-create-key.html",
    ),
)


class PlaybackKeyPairDraft(KeyDraft["PlaybackKeyPair"]):
    """The draft of a PlaybackKeyPair."""

    spec = specs.PLAYBACK_KEY_PAIR
    forms = _FORMS


@jsii.implements(IPlaybackKeyPairRef)
class PlaybackKeyPair(IvsResource):
    """The public key with which Amazon IVS verifies viewers' tokens for private channels.

    It serves all private channels of the account and Region. Amazon IVS never sees the private
    half, and your CDK app must not see it either.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        signing_key: The TokenSigningKey whose private half stays in AWS KMS. Default: none.
        public_key_material: PEM text of a P-384 (secp384r1) public key instead:
            `openssl ecparam -name secp384r1 -genkey -noout -out private.pem`, then
            `openssl ec -in private.pem -pubout -out public.pem`. Default: none.
        playback_key_pair_name: Name, up to 128 letters, digits, - and _. Default: none, which is
            best: another name replaces the key pair, and the same key cannot be imported twice.
        tags: Tags, up to 50. `Tags.of(key_pair)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If the text is not a P-384 public key, if neither or both of the two
            are given, or if a name or tag is not allowed.

    Example:
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> key_pair = PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
        >>> channel = Channel(stack, "Channel", authorized=True)

    A change of any property but the tags replaces the key pair; tokens signed with the old key are
    refused from then on. A new construct id means a new key pair: CloudFormation makes it before it
    deletes the old one, and the same key cannot be imported twice. Deploy without it first, or keep
    the logical id with `node.default_child.override_logical_id`.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels.html
    """

    _draft = PlaybackKeyPairDraft
    _attributes_instead: ClassVar[Mapping[str, str]] = {
        "private_key": "Amazon IVS never has it: sign with the TokenSigningKey of the pair"
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        signing_key: TokenSigningKey | None = None,
        public_key_material: str | None = None,
        playback_key_pair_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a PlaybackKeyPair. Its arguments are those listed for the class."""
        self._define(locals())

    def _finish(self, draft: PlaybackKeyPairDraft) -> None:
        note_playback_key(
            self,
            draft.stack_facts,
            str(draft.values["public_key_material"]),
            draft.given.get("signing_key"),
        )

    @property
    def playback_key_pair_arn(self) -> str:
        """The key pair's ARN (a token)."""
        return self._attribute("arn")

    @property
    def playback_key_pair_fingerprint(self) -> str:
        """The public key's fingerprint (a token)."""
        return self._attribute("fingerprint")

    @property
    @jsii.member(jsii_name="playbackKeyPairRef")
    def playback_key_pair_ref(self) -> PlaybackKeyPairReference:
        """The key pair in the form that the AWS CDK's own types accept."""
        return PlaybackKeyPairReference(playback_key_pair_arn=self.playback_key_pair_arn)

    @classmethod
    def from_playback_key_pair_arn(
        cls, scope: Construct, id: str, playback_key_pair_arn: str
    ) -> PlaybackKeyPair:
        """Import a key pair, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            playback_key_pair_arn: `arn:<partition>:ivs:<region>:<account>:playback-key/<id>`, or a
                token.

        Raises:
            InvalidPropertyError: If the ARN is not a key pair's.
        """
        key_pair = PlaybackKeyPair._imported(scope, id, playback_key_pair_arn)
        note_playback_key(key_pair, key_pair._stack_facts)
        return key_pair


IPlaybackKeyPair = PlaybackKeyPair
"""What aws_ivs_alpha calls it in annotations; defined and imported ones are one class here."""
