"""The public key with which Amazon IVS verifies participants' tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import jsii
from aws_cdk.interfaces.aws_ivs import IPublicKeyRef, PublicKeyReference
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import id_from_arn
from ivs_constructs._core.key_material import KeyDraft
from ivs_constructs._core.quotas import number_of
from ivs_constructs._core.resource import IvsResource
from ivs_constructs._core.rules import REALTIME_GUIDE, Form, Rule
from ivs_constructs._core.signing_keys import note_public_key
from ivs_constructs.tokens._pem import STRAY_BLANKS, public_key_problem

if TYPE_CHECKING:
    from ivs_constructs.token_issuers.token_signing_key import TokenSigningKey


MOST_PUBLIC_KEYS = 3
"""The quota of public keys for participants' tokens in a Region; not adjustable."""

_STRICT_PEM = re.compile(
    r".*-----BEGIN PUBLIC KEY-----\r?\n([a-zA-Z0-9+/=\r\n]+)\r?\n-----END PUBLIC KEY-----(\r?\n)?.*"
)
"""The form that the real-time API requires. See: specs.PUBLIC_KEY.source"""


def _strict_key_problem(pem: str) -> str | None:
    problem = public_key_problem(pem)
    if problem is None and not _STRICT_PEM.fullmatch(pem):
        return STRAY_BLANKS
    return problem


_RULES = (
    Rule(
        code="public-key-quota",
        blames="public_key_material",
        reads=("number",),
        violated=lambda v: v.number > MOST_PUBLIC_KEYS,
        message=(
            "this is public key {number} of the app in its Region and account; the quota is "
            f"{MOST_PUBLIC_KEYS} and cannot be raised; drop one and share another, because a "
            "key serves all stages"
        ),
        source=f"{REALTIME_GUIDE}/service-quotas.html",
    ),
)

_FORMS = (
    Form(
        code="public-key",
        reads="public_key_material",
        problem=_strict_key_problem,
        source=f"{REALTIME_GUIDE}/getting-started-distribute-tokens.html",
    ),
)


class PublicKeyDraft(KeyDraft["PublicKey"]):
    """The draft of a PublicKey."""

    spec = specs.PUBLIC_KEY
    rules = _RULES
    forms = _FORMS

    def prepare(self) -> None:
        """Convert both ways of giving a key to one, and count the keys."""
        super().prepare()
        self.facts["number"] = number_of(self.spec, self.stack_facts, MOST_PUBLIC_KEYS) + 1


@jsii.implements(IPublicKeyRef)
class PublicKey(IvsResource):
    """The public key with which Amazon IVS verifies participants' tokens that you sign yourself.

    It serves all stages of the account and Region. Amazon IVS never sees the private half, and your
    CDK app must not see it either.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        signing_key: The TokenSigningKey whose private half stays in AWS KMS. Default: none.
        public_key_material: PEM text of a P-384 (secp384r1) public key instead:
            `openssl ecparam -name secp384r1 -genkey -noout -out private.pem`, then
            `openssl ec -in private.pem -pubout -out public.pem`. Default: none.
        public_key_name: Name, up to 128 letters, digits, - and _. Default: none, which is best:
            another name replaces the key, and the same key cannot be imported twice.
        tags: Tags, up to 50. `Tags.of(key)` adds to them. Default: none.

    Raises:
        InvalidPropertyError: If the text is not a P-384 public key, if neither or both of the two
            are given, if a name or tag is not allowed, or if the app already has 3 public keys in
            the Region.

    Example:
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> key = PublicKey(stack, "PublicKey", signing_key=signing_key)
        >>> kid = key.public_key_arn

    A change of any property but the tags replaces the key; tokens signed with the old one are
    refused from then on. A new construct id means a new key: CloudFormation makes it before it
    deletes the old one, and the same key cannot be imported twice. Deploy without it first, or keep
    the logical id with `node.default_child.override_logical_id`.

    See: https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/getting-started-distribute-tokens.html
    """

    _draft = PublicKeyDraft

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        signing_key: TokenSigningKey | None = None,
        public_key_material: str | None = None,
        public_key_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Define a PublicKey. Its arguments are those listed for the class."""
        self._define(locals())

    def _finish(self, draft: PublicKeyDraft) -> None:
        note_public_key(self, draft.stack_facts, str(draft.values["public_key_material"]))
        self._signing_key_arn = draft.signs_by

    @property
    def public_key_arn(self) -> str:
        """The public key's ARN (a token): the `kid` of tokens signed with its private half."""
        return self._attribute("arn")

    @property
    def public_key_id(self) -> str:
        """What follows `public-key/` in the ARN (a token)."""
        return id_from_arn(self.public_key_arn)

    @property
    def public_key_fingerprint(self) -> str:
        """The public key's fingerprint (a token)."""
        return self._attribute("fingerprint")

    @property
    @jsii.member(jsii_name="publicKeyRef")
    def public_key_ref(self) -> PublicKeyReference:
        """The public key in the form that the AWS CDK's own types accept."""
        return PublicKeyReference(public_key_arn=self.public_key_arn)

    @classmethod
    def from_public_key_arn(cls, scope: Construct, id: str, public_key_arn: str) -> PublicKey:
        """Import a public key, with the Region and account that its ARN names.

        Args:
            scope: The construct to import it into, usually `self`.
            id: The id, unique within the scope.
            public_key_arn: `arn:<partition>:ivs:<region>:<account>:public-key/<id>`, or a token.

        Raises:
            InvalidPropertyError: If the ARN is not a public key's.
        """
        return PublicKey._imported(scope, id, public_key_arn)
