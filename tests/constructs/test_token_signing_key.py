"""The key in AWS KMS: who may sign with it, how its public half travels, and how it is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_kms
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    Channel,
    InvalidPropertyError,
    InvalidScopeError,
    PlaybackKeyPair,
    PublicKey,
    Stage,
    TokenSigningKey,
)
from ivs_constructs.testing import synthesize
from ivs_constructs.token_issuers.participant_token_issuer import ParticipantTokenIssuer
from ivs_constructs.token_issuers.playback_token_issuer import PlaybackTokenIssuer
from tests.constructs.templates import of_type

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d"


def backend(stack: cdk.Stack) -> aws_iam.Role:
    return aws_iam.Role(
        stack, "Backend", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    )


def test_minimal(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    TokenSigningKey(stack, "SigningKey")

    rendered = synthesize(stack)

    # Nothing is fetched for who signs only.
    assert [each["Type"] for each in rendered.template["Resources"].values()] == ["AWS::KMS::Key"]
    key = rendered.one("AWS::KMS::Key").definition
    assert key["Properties"]["KeySpec"] == "ECC_NIST_P384"
    assert key["Properties"]["KeyUsage"] == "SIGN_VERIFY"
    # Kept, unless the deployment that makes it fails.
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
    assert key["UpdateReplacePolicy"] == "Retain"
    # AWS KMS refuses to rotate a key of this kind by itself.
    assert "EnableKeyRotation" not in key["Properties"]
    assert rendered == snapshot_json


def test_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    signing_key = TokenSigningKey(
        stack, "SigningKey", alias="video/viewers", removal_policy=cdk.RemovalPolicy.DESTROY
    )
    PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
    PublicKey(stack, "PublicKey", signing_key=signing_key)
    cdk.Tags.of(signing_key).add("team", "video")

    rendered = synthesize(stack)

    assert rendered.one("AWS::KMS::Alias").properties["AliasName"] == "alias/video/viewers"
    assert rendered.one("AWS::KMS::Key").definition["DeletionPolicy"] == "Delete"
    [material] = of_type(rendered, "Custom::IVSSigningKey")
    halves = {"Fn::GetAtt": [material, "PublicKey"]}
    for cfn_type in ("AWS::IVS::PlaybackKeyPair", "AWS::IVS::PublicKey"):
        assert rendered.one(cfn_type).properties == {"PublicKeyMaterial": halves}
    assert rendered == snapshot_json


def test_provider_may_read_the_public_half_of_this_key_only(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")
    TokenSigningKey(stack, "Other")
    PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)

    rendered = synthesize(stack)

    statements = [
        statement
        for policy in of_type(rendered, "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    [wanted] = [name for name in of_type(rendered, "AWS::KMS::Key") if "Other" not in name]
    assert statements == [
        {
            "Sid": "PublicKeys",
            "Effect": "Allow",
            "Action": "kms:GetPublicKey",
            "Resource": {"Fn::GetAtt": [wanted, "Arn"]},
        }
    ]


def test_grant_sign_is_for_one_algorithm(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")

    grant = signing_key.grant_sign(backend(stack))

    assert grant.success
    rendered = synthesize(stack)
    [key] = of_type(rendered, "AWS::KMS::Key")
    arn = {"Fn::GetAtt": [key, "Arn"]}
    policy = rendered.one("AWS::IAM::Policy").properties["PolicyDocument"]
    statements = sorted(policy["Statement"], key=lambda each: str(each["Action"]))
    assert statements == [
        {"Action": "kms:GetPublicKey", "Effect": "Allow", "Resource": arn},
        {
            "Action": "kms:Sign",
            "Condition": {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_384"}},
            "Effect": "Allow",
            "Resource": arn,
        },
    ]


def test_imported_key_serves_as_well(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    imported = aws_kms.Key.from_key_arn(stack, "Imported", KEY_ARN)
    signing_key = TokenSigningKey.from_key(stack, "SigningKey", imported)
    PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)
    signing_key.grant_sign(backend(stack))

    rendered = synthesize(stack)

    assert signing_key.key is imported
    assert signing_key.key_arn == KEY_ARN
    assert of_type(rendered, "AWS::KMS::Key") == {}
    assert rendered.one("Custom::IVSSigningKey").properties["KeyArn"] == KEY_ARN
    assert rendered == snapshot_json


def test_public_half_is_fetched_once(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")

    assert signing_key.public_key_material == signing_key.public_key_material
    assert len(of_type(synthesize(stack), "Custom::IVSSigningKey")) == 1


def test_key_of_another_stack_serves_as_well(app: cdk.App, stack: cdk.Stack) -> None:
    keys = cdk.Stack(app, "Keys")
    signing_key = TokenSigningKey(keys, "SigningKey")
    PlaybackKeyPair(stack, "KeyPair", signing_key=signing_key)

    app.synth()

    assert [each.stack_name for each in stack.dependencies] == ["Keys"]


def test_repr_shows_the_path(stack: cdk.Stack) -> None:
    signing_key = TokenSigningKey(stack, "SigningKey")

    assert repr(signing_key) == "<ivs_constructs.TokenSigningKey 'Stack/SigningKey'>"


@pytest.mark.parametrize("alias", ["a", "a" * 250, "video/viewers_2-b", cdk.Aws.STACK_NAME])
def test_alias_is_allowed(alias: str, stack: cdk.Stack) -> None:
    TokenSigningKey(stack, "SigningKey", alias=alias)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alias": ""}, "alias must have at least 1 characters, got 0 characters; lengthen it"),
        ({"alias": "a" * 251},
         "alias must have at most 250 characters, got 251 characters; shorten it by 1"),
        ({"alias": "a b"},
         "alias must have only letters, digits, /, - and _, got 'a b'; drop ' '"),
        ({"alias": 5}, "alias must be a string, got 5 (int); write '5'"),
        ({"alias": "alias/a"},
         "alias must not begin with alias/ or aws/, got 'alias/a'; drop that"),
        ({"alias": "aws/a"}, "alias must not begin with alias/ or aws/, got 'aws/a'; drop that"),
        ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
         "removal_policy must not be SNAPSHOT, which CloudFormation has for databases only; write "
         "RemovalPolicy.DESTROY or RemovalPolicy.RETAIN"),
        ({"removal_policy": "destroy"},
         "removal_policy must be a RemovalPolicy of aws_cdk, got 'destroy'; write "
         "RemovalPolicy.DESTROY or RemovalPolicy.RETAIN"),
    ],
)  # fmt: skip
def test_fails_when_a_property_is_no_good(
    arguments: dict[str, Any], message: str, stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        TokenSigningKey(stack, "SigningKey", **arguments)

    expected = "TokenSigningKey 'Stack/SigningKey' has 1 invalid property:\n"
    assert str(caught.value) == f"{expected}  - {message}"
    assert stack.node.try_find_child("SigningKey") is None


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "key must be a key of AWS KMS, got None"),
        (KEY_ARN,
         f"key must be a key of AWS KMS, got '{KEY_ARN}'; import it with "
         "aws_kms.Key.from_key_arn(self, 'Imported', ...)"),
    ],
)  # fmt: skip
def test_fails_when_it_is_no_key(key: Any, message: str, stack: cdk.Stack) -> None:  # noqa: ANN401 (wrong types)
    with pytest.raises(InvalidPropertyError) as caught:
        TokenSigningKey.from_key(stack, "SigningKey", key)

    assert str(caught.value).endswith(f"  - {message}")


SPEC = (
    "key must have the key_spec ECC_NIST_P384 to sign tokens, got {}; define it with "
    "key_spec=aws_kms.KeySpec.ECC_NIST_P384"
)
USAGE = (
    "key must have the key_usage SIGN_VERIFY to sign tokens, got {}; define it with "
    "key_usage=aws_kms.KeyUsage.SIGN_VERIFY"
)


def level1_key(stack: cdk.Stack, **options: Any) -> aws_kms.IKey:  # noqa: ANN401 (any properties)
    policy = aws_iam.PolicyDocument().to_json() or {"Version": "2012-10-17", "Statement": []}
    return aws_kms.Key.from_cfn_key(aws_kms.CfnKey(stack, "Level1", key_policy=policy, **options))


@pytest.mark.parametrize(
    ("define", "messages"),
    [
        (
            lambda s: aws_kms.Key(s, "Symmetric"),
            [
                SPEC.format("SYMMETRIC_DEFAULT (the default)"),
                USAGE.format("ENCRYPT_DECRYPT (the default)"),
            ],
        ),
        (
            lambda s: aws_kms.Key(
                s,
                "Smaller",
                key_spec=aws_kms.KeySpec.ECC_NIST_P256,
                key_usage=aws_kms.KeyUsage.SIGN_VERIFY,
            ),
            [SPEC.format("ECC_NIST_P256")],
        ),
        (
            lambda s: level1_key(s, key_spec="ECC_NIST_P384", key_usage="KEY_AGREEMENT"),
            [USAGE.format("KEY_AGREEMENT")],
        ),
        (
            lambda s: level1_key(s, key_spec=cdk.Aws.NO_VALUE, key_usage="ENCRYPT_DECRYPT"),
            [USAGE.format("ENCRYPT_DECRYPT")],
        ),
    ],
)
def test_fails_when_a_key_of_the_app_is_of_another_kind(
    define: Callable[[cdk.Stack], Any], messages: list[str], stack: cdk.Stack
) -> None:
    key = define(stack)

    with pytest.raises(InvalidPropertyError) as caught:
        TokenSigningKey.from_key(stack, "SigningKey", key)

    assert [each.message for each in caught.value.failures] == messages
    assert stack.node.try_find_child("SigningKey") is None


@pytest.mark.parametrize(
    "define",
    [
        lambda s: aws_kms.Key(
            s,
            "Key",
            key_spec=aws_kms.KeySpec.ECC_NIST_P384,
            key_usage=aws_kms.KeyUsage.SIGN_VERIFY,
        ),
        lambda s: level1_key(s, key_spec="ECC_NIST_P384", key_usage="SIGN_VERIFY"),
        lambda s: level1_key(s, key_spec=cdk.Aws.NO_VALUE, key_usage=cdk.Aws.NO_VALUE),
        lambda s: TokenSigningKey(s, "Other").key,
    ],
    ids=["level2", "level1", "deploy-time", "ours"],
)
def test_key_of_the_app_that_may_be_of_the_kind_is_taken(
    define: Callable[[cdk.Stack], Any], stack: cdk.Stack
) -> None:
    key = define(stack)

    assert TokenSigningKey.from_key(stack, "SigningKey", key).key is key


def test_fails_when_the_scope_is_no_good(app: cdk.App) -> None:
    with pytest.raises(InvalidScopeError, match="scope must be inside a stack"):
        TokenSigningKey(app, "SigningKey")


# Replacing a key, as docs/tokens.md tells it


STEPS = ("old alone", "both known", "new signs", "new alone")


def private_channel(step: str) -> cdk.Stack:
    stack = cdk.Stack(cdk.App(), "Stack")
    keys = []
    if step != "new alone":
        keys.append(TokenSigningKey(stack, "SigningKey"))
        PlaybackKeyPair(stack, "KeyPair", signing_key=keys[0])
    if step != "old alone":
        keys.append(TokenSigningKey(stack, "SigningKey2"))
        PlaybackKeyPair(stack, "KeyPair2", signing_key=keys[-1])
    signs = keys[0] if step in ("old alone", "both known") else keys[-1]
    channel = Channel(stack, "Channel", channel_name="main", authorized=True)
    PlaybackTokenIssuer(stack, "Issuer", signing_key=signs, channels=[channel])
    return stack


def stage_with_own_tokens(step: str) -> cdk.Stack:
    stack = cdk.Stack(cdk.App(), "Stack")
    pairs = []
    for name in ("", "2"):
        if step != ("old alone" if name else "new alone"):
            key = TokenSigningKey(stack, f"SigningKey{name}")
            pairs.append((key, PublicKey(stack, f"PublicKey{name}", signing_key=key)))
    key, public_key = pairs[0] if step in ("old alone", "both known") else pairs[-1]
    ParticipantTokenIssuer(
        stack, "Issuer", signing_key=key, public_key=public_key, stages=[Stage(stack, "Stage")]
    )
    return stack


@pytest.mark.parametrize(
    ("make", "cfn_type"),
    [
        (private_channel, "AWS::IVS::PlaybackKeyPair"),
        (stage_with_own_tokens, "AWS::IVS::PublicKey"),
    ],
)
def test_keys_change_by_overlap(make: Callable[[str], cdk.Stack], cfn_type: str) -> None:
    steps = [synthesize(make(step)) for step in STEPS]

    known = [of_type(each, cfn_type) for each in steps]
    assert [len(each) for each in known] == [1, 2, 2, 1]  # of 3
    old, new = known[0], known[3]
    assert old.keys() | new.keys() == known[1].keys() == known[2].keys()
    # No step replaces or changes a key that stays.
    assert known[1] == known[2] == {**old, **new}
    # Only the third step changes who signs, when Amazon IVS knows both.
    signing = [
        next(
            each["Properties"]["Environment"]
            for each in of_type(step, "AWS::Lambda::Function").values()
            if "TOKEN_ISSUER" in each["Properties"].get("Environment", {}).get("Variables", {})
        )
        for step in steps
    ]
    assert signing[0] == signing[1]
    assert signing[1] != signing[2]
    assert signing[2] == signing[3]
    # Keys in AWS KMS are kept when they leave the stack.
    for each in steps:
        keys = of_type(each, "AWS::KMS::Key").values()
        assert {key["DeletionPolicy"] for key in keys} == {"RetainExceptOnCreate"}
