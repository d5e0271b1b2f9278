"""A key that signs tokens and never leaves AWS KMS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

from aws_cdk import CfnResource, RemovalPolicy, Resource, Stack
from constructs import Construct

from ivs_constructs import _specs as specs
from ivs_constructs._core.arn import check_one
from ivs_constructs._core.arn_text import has_wildcard
from ivs_constructs._core.by_name import attribute_of, define_by_name, member_by_name, typed
from ivs_constructs._core.check import Check, is_token, quoted
from ivs_constructs._core.composite import Composite
from ivs_constructs._core.resource import check_removal_policy
from ivs_constructs._core.shared_conditions import share_condition
from ivs_constructs._core.stack_facts import path_of, recall, stack_facts_of
from ivs_constructs._core.tree import construct_in
from ivs_constructs._provider.provisioning import Custom
from ivs_constructs._specs import Prop

if TYPE_CHECKING:
    from aws_cdk import aws_iam, aws_kms

_SOURCE = "https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html"
_KIND = {
    "key_spec": ("KeySpec", "ECC_NIST_P384", "SYMMETRIC_DEFAULT"),
    "key_usage": ("KeyUsage", "SIGN_VERIFY", "ENCRYPT_DECRYPT"),
}
"""The AWS CDK's name, the value that signing needs, and AWS KMS's default."""

_ALIAS = Prop(
    py="alias",
    cfn="",
    api="",
    minimum=1,
    maximum=250,
    pattern="[a-zA-Z0-9/_-]*",
    form="only letters, digits, /, - and _",
)


class TokenSigningKey(Composite):
    """A key in AWS KMS that signs playback tokens and participant tokens.

    Its private half never leaves KMS. Its public half reaches Amazon IVS through
    `PlaybackKeyPair(signing_key=…)` or `PublicKey(signing_key=…)`. A program that signs tokens
    needs `grant_sign` and uses `ivs_constructs.tokens.KmsSigner`.

    Args:
        scope: The construct to define this in, usually `self`.
        id: The id, unique within the scope.
        alias: Name of the key in AWS KMS, without `alias/`. Default: none.
        removal_policy: What happens to the key when it leaves the stack. Deleting a key invalidates
            all its tokens. Default: RETAIN_ON_UPDATE_OR_DELETE (set by this library): the key is
            retained, unless the deployment that creates it fails.

    Raises:
        InvalidPropertyError: If the alias or the removal policy is invalid.
        InvalidScopeError: If the scope or the id is invalid.

    Example:
        >>> signing_key = TokenSigningKey(stack, "SigningKey")
        >>> key_pair = PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
        >>> signing_key.grant_sign(viewer_role)

    AWS KMS does not rotate such a key automatically: create a second one, use both for a while,
    then drop the first. A change of the alias changes only the alias; a key cannot be changed.

    See: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels.html
    """

    _attributes_instead: ClassVar[Mapping[str, str]] = {
        "private_key": "it never leaves AWS KMS: sign with KmsSigner, and grant_sign(grantee)"
    }

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        alias: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        """Define a TokenSigningKey. Its arguments are those listed for the class."""
        check = Check(_SOURCE)
        name = None if alias is None else _checked_alias(check, alias)
        if removal_policy is not None:
            check_removal_policy(check, removal_policy)
        self._begin_checked(scope, id, check)
        properties = {
            "alias": name,
            "description": "Signs tokens of Amazon IVS",
            "keySpec": member_by_name("aws_kms.KeySpec", "ECC_NIST_P384"),
            "keyUsage": member_by_name("aws_kms.KeyUsage", "SIGN_VERIFY"),
            "removalPolicy": removal_policy or RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        }
        given = {name: value for name, value in properties.items() if value is not None}
        # By name, because importing aws_kms loads all IAM types.
        made = define_by_name(Resource, "aws_kms.Key", self, "Key", given)
        # Type checkers see no relation between jsii's classes and interfaces.
        self._key = cast("aws_kms.IKey", made)
        self._key_arn = attribute_of(made, "keyArn")
        self._defined_arn: str | None = self._key_arn
        self._made_here = True

    def _begin_checked(self, scope: Construct, id: str, check: Check) -> None:
        stack_facts = stack_facts_of("TokenSigningKey", scope, id)
        check.raise_for("TokenSigningKey", lambda: path_of(scope, id))
        self._begin(scope, id, stack_facts)

    @classmethod
    def from_key(cls, scope: Construct, id: str, key: aws_kms.IKey) -> TokenSigningKey:
        """Use an existing KMS key, defined or imported elsewhere.

        It must be a signing key with the spec ECC_NIST_P384. A key that is defined in the app is
        checked now; with an imported key of another kind, the deployment fails.

        Args:
            scope: The construct to define this in, usually `self`.
            id: The id, unique within the scope.
            key: The key; import one by `aws_kms.Key.from_key_arn`.

        Raises:
            InvalidPropertyError: If it is not a key of AWS KMS, or has another key spec or usage.
            InvalidScopeError: If the scope or the id is invalid.
        """
        check = Check(_SOURCE)
        if not isinstance(getattr(key, "key_arn", None), str):
            advice = ""
            if isinstance(key, str):
                advice = "; import it with aws_kms.Key.from_key_arn(self, 'Imported', ...)"
            check.fail("key", "type", f"key must be a key of AWS KMS, got {quoted(key)}{advice}")
        else:
            _check_arn(check, key.key_arn)
            if (made_at := construct_in(key)) is not None:
                check_one(check, "key", key.key_arn, Stack.of(made_at))
            _check_kind(check, key)
        made = cls.__new__(cls)
        made._begin_checked(scope, id, check)
        made._key, made._key_arn, made._made_here = key, key.key_arn, False
        made._defined_arn = key.key_arn if isinstance(key.node.default_child, CfnResource) else None
        return made

    @property
    def key(self) -> aws_kms.IKey:
        """The key in AWS KMS."""
        key: aws_kms.IKey = typed(self._key)
        return key

    @property
    def key_arn(self) -> str:
        """The key's ARN (a token unless imported)."""
        return self._key_arn

    @cached_property
    def public_key_material(self) -> str:
        """PEM text of the public half (a token), fetched from AWS KMS at deploy time."""
        arn = self.key_arn
        resource = Custom().define(specs.SIGNING_KEY, self, {"key": arn}, arn, id="PublicKey")
        share_condition(recall(self), resource, self._key)
        return resource.get_att("PublicKey").to_string()

    def grant_sign(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Allows the grantee to sign tokens, only with their algorithm, and to read the public key.

        Args:
            grantee: The grantee, such as a function or a role in the same account.

        Raises:
            InvalidPropertyError: If the grantee cannot be granted permissions.
        """
        # Imported lazily: aws_iam is slow to load, and most programs grant nothing on the key.
        from aws_cdk import aws_iam

        from ivs_constructs._core.grantees import check_identity
        from ivs_constructs._core.statements import FOR_TOKENS

        check = Check(_SOURCE)
        check_identity(check, grantee)
        check.raise_for("TokenSigningKey", lambda: self.node.path)

        read = aws_iam.Grant.add_to_principal(
            grantee=grantee, actions=["kms:GetPublicKey"], resource_arns=[self.key_arn]
        )
        sign = aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Sign"],
            resource_arns=[self.key_arn],
            conditions=FOR_TOKENS,
        )
        return sign.combine(read)


def _checked_alias(check: Check, given: object) -> str | None:
    before = len(check.failures)
    alias: str | None = check.value(_ALIAS, given)
    if len(check.failures) > before or alias is None or is_token(alias):
        return alias
    if re.match(r"(alias/|/?aws/)", alias):
        check.fail(
            "alias",
            "alias-prefix",
            f"alias must not begin with alias/ or aws/, got {quoted(alias)}; drop that",
            "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
        )
    return alias


def _check_arn(check: Check, arn: str) -> None:
    """Reject an ARN for several keys, or one that can refer to another key later."""
    if has_wildcard(arn):
        check.fail("key", "arn", f"key must be one key, got the ARN {quoted(arn)}; name one key")
    elif ":alias/" in arn:
        check.fail(
            "key",
            "alias",
            f"key must be known by its own ARN, got that of an alias, {quoted(arn)}; IAM does not "
            "resolve aliases: pass the key's ARN, arn:<partition>:kms:<region>:<account>:key/<id>",
        )


def _check_kind(check: Check, key: aws_kms.IKey) -> None:
    """Reject a key that cannot sign tokens, if the app defines it."""
    # Any program that defines a key has already loaded it.
    from aws_cdk import aws_kms

    # Key.from_cfn_key creates its result inside the CfnKey.
    for level1 in (key.node.default_child, key.node.scope):
        if isinstance(level1, aws_kms.CfnKey):
            _check_level1(check, level1)


def _check_level1(check: Check, level1: aws_kms.CfnKey) -> None:
    for name, (enum, wanted, default) in _KIND.items():
        written = getattr(level1, name)
        found = f"{default} (the default)" if written is None else written
        if found != wanted and not is_token(found):
            check.fail(
                "key",
                name.replace("_", "-"),
                f"key must have the {name} {wanted} to sign tokens, got {found}; define it with "
                f"{name}=aws_kms.{enum}.{wanted}",
            )
