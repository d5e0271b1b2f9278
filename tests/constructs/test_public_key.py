from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import synthesize
from tests.constructs.refusals import found, refused, report
from tests.public_keys import P256, PRIVATE_PEM, SNAPSHOT_P384

ARN = "arn:aws:ivs:ap-south-1:123456789012:public-key/AbCdEfGhIjKl"
NATIVE = "AWS::IVS::PublicKey"
HERE = cdk.Environment(region="us-east-1", account="111111111111")


def pem(number: int) -> str:
    """A text that is known only at deploy time, and another for each number."""
    return cdk.Fn.import_value(f"Key{number}")


def test_public_key_minimal_has_no_name(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    ivs.PublicKey(stack, "PublicKey", public_key_material=SNAPSHOT_P384)
    rendered = synthesize(stack)
    assert rendered.one(NATIVE).properties == {"PublicKeyMaterial": SNAPSHOT_P384}
    assert rendered == snapshot_json


def test_public_key_full(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    key = ivs.PublicKey(
        stack,
        "PublicKey",
        public_key_material=SNAPSHOT_P384,
        public_key_name="participants",
        tags={"team": "video"},
    )
    cdk.Tags.of(key).add("stage", "test")
    cdk.CfnOutput(stack, "Fingerprint", value=key.public_key_fingerprint)
    cdk.CfnOutput(stack, "Id", value=key.public_key_id)
    rendered = synthesize(stack)
    assert rendered.one(NATIVE).properties == {
        "PublicKeyMaterial": SNAPSHOT_P384,
        "Name": "participants",
        "Tags": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "video"}],
    }
    assert key.public_key_ref.public_key_arn == key.public_key_arn
    assert stack.resolve(key.public_key_arn)["Fn::GetAtt"][1] == "Arn"
    assert rendered == snapshot_json


def test_public_key_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    text = cdk.CfnParameter(stack, "Pem").value_as_string
    ivs.PublicKey(stack, "PublicKey", public_key_material=text, public_key_name=text)
    rendered = synthesize(stack)
    assert rendered.one(NATIVE).properties == {
        "PublicKeyMaterial": {"Ref": "Pem"},
        "Name": {"Ref": "Pem"},
    }
    assert rendered == snapshot_json


def test_public_key_imported(stack: cdk.Stack) -> None:
    key = ivs.PublicKey.from_public_key_arn(stack, "PublicKey", ARN)
    assert key.public_key_arn == ARN
    assert key.public_key_id == "AbCdEfGhIjKl"
    assert key.public_key_ref.public_key_arn == ARN
    assert key.env.region == "ap-south-1"


# The key


MAKE = "openssl ecparam -name secp384r1 -genkey -noout -out private.pem"
EXPORT = "openssl ec -in private.pem -pubout -out public.pem"


@pytest.mark.parametrize(
    ("material", "problem"),
    [
        (
            PRIVATE_PEM,
            "must be a public key, got a private key; keep it out of code and templates, and pass "
            f"the public half: {EXPORT}",
        ),
        (
            P256,
            f"must be a P-384 (secp384r1) key, got a P-256 key; make one with: {MAKE}, then: "
            f"{EXPORT}",
        ),
        (
            "public.pem",
            "must be the PEM text of a public key, got text without a PEM block; pass the file's "
            "content, as in Path('public.pem').read_text()",
        ),
    ],
)
def test_public_key_refuses(stack: cdk.Stack, material: str, problem: str) -> None:
    error = refused(ivs.PublicKey, stack, public_key_material=material)
    assert str(error) == report("PublicKey", f"public_key_material {problem}")
    assert found(error) == [("public_key_material", "public-key")]
    assert error.failures[0].source.endswith("/getting-started-distribute-tokens.html")
    assert "MustNeverBeRepeated" not in str(error)


@pytest.mark.parametrize(
    ("material", "kind", "advice"),
    [
        (PRIVATE_PEM.encode(), "bytes", "; pass its text with .decode()"),
        (Path("public.pem"), "PosixPath", "; pass its content with .read_text()"),
        ([PRIVATE_PEM], "list", ""),
    ],
)
def test_public_key_never_shows_what_was_given(
    stack: cdk.Stack, material: object, kind: str, advice: str
) -> None:
    error = refused(ivs.PublicKey, stack, public_key_material=material)
    assert str(error) == report(
        "PublicKey", f"public_key_material must be a string, got a value of type {kind}{advice}"
    )


@pytest.mark.parametrize(
    "material",
    [
        f"\n{SNAPSHOT_P384}",
        f"{SNAPSHOT_P384}\n",
        SNAPSHOT_P384.replace("\n", "\n    "),
        SNAPSHOT_P384.replace("MHYw", " MHYw"),
    ],
)
def test_public_key_refuses_stray_white_space(stack: cdk.Stack, material: str) -> None:
    # A PlaybackKeyPair may have it, the real-time API refuses it.
    error = refused(ivs.PublicKey, stack, public_key_material=material)
    assert str(error) == report(
        "PublicKey",
        "public_key_material must have each line of the PEM block on its own, without spaces "
        "around it or empty lines around the block; pass the file's content as openssl wrote it, "
        r"or clean it with: '\n'.join(line.strip() for line in text.strip().splitlines())",
    )
    cleaned = "\n".join(line.strip() for line in material.strip().splitlines())
    ivs.PublicKey(stack, "It", public_key_material=cleaned)
    assert found(error) == [("public_key_material", "public-key")]


@pytest.mark.parametrize(
    "material", [SNAPSHOT_P384, SNAPSHOT_P384.strip(), SNAPSHOT_P384.replace("\n", "\r\n")]
)
def test_public_key_accepts_line_ends(stack: cdk.Stack, material: str) -> None:
    ivs.PublicKey(stack, "It", public_key_material=material)


def test_public_key_is_required(stack: cdk.Stack) -> None:
    assert str(refused(ivs.PublicKey, stack, public_key_material=None)) == report(
        "PublicKey",
        "one of signing_key and public_key_material is required, got neither; pass "
        "signing_key=TokenSigningKey(self, 'SigningKey')",
    )


def test_public_key_refuses_a_name(stack: cdk.Stack) -> None:
    error = refused(
        ivs.PublicKey, stack, public_key_material=SNAPSHOT_P384, public_key_name="my key"
    )
    assert str(error) == report(
        "PublicKey",
        "public_key_name must have only letters, digits, - and _, got 'my key'; drop ' '",
    )


def test_public_key_refuses_the_arn_of_something_else(stack: cdk.Stack) -> None:
    arn = ARN.replace("public-key", "playback-key")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.PublicKey.from_public_key_arn(stack, "It", arn)
    assert str(caught.value) == report(
        "PublicKey",
        "public_key_arn must be arn:<partition>:ivs:<region>:<account>:public-key/<id>, got "
        f"'{arn}'; that is a playback key",
    )


# How many there may be


def test_public_key_refuses_a_fourth(stack: cdk.Stack) -> None:
    for number in range(3):
        ivs.PublicKey(stack, f"Key{number}", public_key_material=pem(number))
    for _ in range(2):  # what was refused does not count
        error = refused(ivs.PublicKey, stack, public_key_material=pem(3))
        assert str(error) == report(
            "PublicKey",
            "this is public key 4 of the app in its Region and account; the quota is 3 and cannot "
            "be raised; drop one and share another, because a key serves all stages",
        )
        assert found(error) == [("public_key_material", "public-key-quota")]
        assert error.failures[0].source.endswith("/service-quotas.html")


def test_public_keys_count_by_region_and_account(app: cdk.App) -> None:
    elsewhere = [
        cdk.Environment(region="us-east-1", account="222222222222"),
        cdk.Environment(region="us-west-2", account="111111111111"),
    ]
    for at, env in enumerate([HERE, HERE, HERE, *elsewhere]):
        stack = cdk.Stack(app, f"Stack{at}", env=env)
        ivs.PublicKey(stack, "Key", public_key_material=pem(at))
        ivs.PublicKey.from_public_key_arn(stack, "Imported", ARN)
    fourth = cdk.Stack(cdk.Stage(app, "Stage"), "Stack", env=HERE)
    error = refused(ivs.PublicKey, fourth, public_key_material=pem(9))
    assert found(error) == [("public_key_material", "public-key-quota")]


def test_public_keys_of_stacks_without_region_count_by_stack(app: cdk.App) -> None:
    # They may be deployed to different Regions.
    for at in range(5):
        ivs.PublicKey(cdk.Stack(app, f"Stack{at}"), "Key", public_key_material=pem(at))


def test_public_keys_and_playback_keys_count_apart(stack: cdk.Stack) -> None:
    for number in range(3):
        material = pem(number)
        ivs.PublicKey(stack, f"Key{number}", public_key_material=material)
        ivs.PlaybackKeyPair(stack, f"Pair{number}", public_key_material=material)
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_same_public_key_twice_is_warned_about(stack: cdk.Stack) -> None:
    ivs.PublicKey(stack, "First", public_key_material=SNAPSHOT_P384)
    ivs.PublicKey(stack, "Second", public_key_material=SNAPSHOT_P384.replace("\n", "\r\n"))
    told = Annotations.from_stack(stack)
    told.has_warning(
        "/Stack/Second",
        "'Stack/First' has the same public key, and Amazon IVS imports a key only once per Region; "
        "share that one, it serves all stages [ack: ivs-constructs:same-key-twice]",
    )
    told.has_no_warning("/Stack/First", Match.any_value())


def test_same_public_key_in_two_regions_is_fine(app: cdk.App) -> None:
    for region in ("us-east-1", "us-west-2"):
        env = cdk.Environment(region=region, account="111111111111")
        ivs.PublicKey(cdk.Stack(app, region, env=env), "Key", public_key_material=SNAPSHOT_P384)
    for stack in app.node.children:
        assert isinstance(stack, cdk.Stack)
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
