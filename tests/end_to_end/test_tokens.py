"""Tokens from the template to the viewer.

Nothing is made by hand: the key, the text of its public half, the key pair and the issuer are what
the synthesized template says. Lambda's code is that of the assets, and calls AWS by boto3 over
HTTP.
"""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from moto.kms.models import kms_backends

from benchmarks.tokens import claims_by_others
from ivs_constructs import (
    Channel,
    ParticipantTokenIssuer,
    PlaybackKeyPair,
    PlaybackTokenIssuer,
    PublicKey,
    Stage,
    TokenSigningKey,
)
from ivs_constructs.tokens import ParticipantClaims, PlaybackClaims, verify
from tests.end_to_end.cloud import ACCOUNT, CREDENTIALS, REGION, SIGNATURE, Cloud
from tests.end_to_end.stack import Stack as Deployed

Deploy = Callable[[Callable[[cdk.Stack], object]], Deployed]
Json = dict[str, Any]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tokens.md"


def known_keys(cloud: Cloud, kind: str) -> dict[str, str]:
    """The PEM texts that Amazon IVS was given, by ARN."""
    return {each.arn: each.data["publicKeyMaterial"] for each in cloud.emulator.resources(kind)}


# From the template to the token


def test_private_channel_lets_in_who_has_a_token(bundles: Deployed) -> None:
    cloud = bundles.cloud

    [answer] = bundles.invoke("ChannelTokenIssuer", {"viewerId": "viewer-4711"})

    [(_, pem)] = known_keys(cloud, "PlaybackKeyPair").items()
    [channel] = cloud.emulator.resources("Channel")
    claims = verify(answer["token"], pem, PlaybackClaims)
    assert claims.channel_arn == channel.arn
    assert claims.viewer_id == "viewer-4711"
    assert claims_by_others(answer["token"], pem)["aws:channel-arn"] == channel.arn
    assert channel.data["authorized"] is True
    assert answer["playbackUrl"] == f"{channel.data['playbackUrl']}?token={answer['token']}"
    # What was imported is the public half of the key in AWS KMS.
    [key] = bundles.all("AWS::KMS::Key", "Channel")
    der = cloud.kms.get_public_key(KeyId=key.physical_id)["PublicKey"]
    assert (
        load_pem_public_key(pem.encode()).public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        == der
    )


def test_stage_lets_in_who_has_a_token(bundles: Deployed) -> None:
    cloud = bundles.cloud

    [answer] = bundles.invoke(
        "StageTokenIssuer", {"userId": "user-4711", "attributes": {"role": "host"}}
    )

    [(arn, pem)] = known_keys(cloud, "PublicKey").items()
    [made] = cloud.emulator.resources("Stage")
    claims = verify(answer["token"], pem, ParticipantClaims, public_key_arn=arn)
    assert claims == ParticipantClaims(
        stage_arn=made.arn,
        events_url=made.data["endpoints"]["events"],
        whip_url=made.data["endpoints"]["whip"],
        participant_id=answer["participantId"],
        user_id="user-4711",
        attributes={"role": "host"},
    )
    assert claims_by_others(answer["token"], pem)["resource"] == made.arn
    assert jwt.get_unverified_header(answer["token"])["kid"] == arn


@pytest.mark.parametrize("issuer", ["ChannelTokenIssuer", "StageTokenIssuer"])
def test_each_token_takes_one_signature(issuer: str, bundles: Deployed) -> None:
    before = len(bundles.cloud.asked)

    good = {"viewerId": "v"} if issuer.startswith("Channel") else {}
    answers = bundles.invoke(issuer, good, {**good, "expiresInSeconds": 0}, good)

    # None for what is refused.
    assert ["token" in each for each in answers] == [True, False, True]
    assert bundles.cloud.asked[before:] == ["Sign", "Sign"]


# What is fixed at deploy


def test_issuers_sign_what_was_fixed(cloud: Cloud, deploy: Deploy) -> None:
    def define(stack: cdk.Stack) -> None:
        key = TokenSigningKey(stack, "Key")
        PlaybackKeyPair(stack, "KeyPair", signing_key=key)
        PlaybackTokenIssuer(
            stack,
            "Viewers",
            signing_key=key,
            channels=[Channel(stack, name, authorized=True) for name in ("One", "Two")],
            allowed_origins=["https://*.example.com"],
            maximum_resolution="HD",
            single_use=True,
        )
        ParticipantTokenIssuer(
            stack,
            "Participants",
            signing_key=key,
            public_key=PublicKey(stack, "PublicKey", signing_key=key),
            stages=[Stage(stack, "Stage")],
            capabilities=["SUBSCRIBE"],
            max_lifetime=cdk.Duration.hours(1),
        )

    deployed = deploy(define)
    one, two = (each.arn for each in cloud.emulator.resources("Channel"))

    good, other, *bad = deployed.invoke(
        "Viewers",
        {"channelArn": one, "viewerId": "viewer-4711", "maximumResolution": "SD"},
        {"channelArn": two, "viewerId": "v"},
        {"channelArn": one, "viewerId": "v", "origins": ["https://evil.example"]},
        {"channelArn": f"{one}5", "viewerId": "v"},
        {"viewerId": "v"},
        {"channelArn": one},
    )
    [pem] = known_keys(cloud, "PlaybackKeyPair").values()
    watching = verify(good["token"], pem, PlaybackClaims)
    assert watching.channel_arn == one
    assert watching.viewer_id == "viewer-4711"
    assert watching.maximum_resolution == "SD"
    assert watching.access_control_allow_origin == ("https://*.example.com",)
    assert watching.single_use_uuid
    assert verify(other["token"], pem, PlaybackClaims).channel_arn == two
    assert [each["error"]["message"] for each in bad] == [
        "origins must hold some of https://*.example.com, got 1 other",
        "channelArn must be one that this issuer signs for, got something else",
        "channelArn must name one of the 2 of this issuer, got none",
        "viewerId must name the viewer, got none; name one, or deploy the issuer with "
        "require_viewer=False",
    ]

    good, *bad = deployed.invoke(
        "Participants", {}, {"capabilities": ["PUBLISH"]}, {"expiresInSeconds": 3601}
    )
    [(arn, pem)] = known_keys(cloud, "PublicKey").items()
    joining = verify(good["token"], pem, ParticipantClaims, public_key_arn=arn)
    assert [*joining.capabilities] == ["SUBSCRIBE"]
    assert joining.expires_in == timedelta(hours=1)
    assert [each["error"]["message"] for each in bad] == [
        "capabilities must hold some of SUBSCRIBE, got 1 other",
        "expiresInSeconds must be 1-3600 seconds, got more",
    ]


# A change of keys, as docs/tokens.md tells it


def _watches(token: str, pems: list[str]) -> bool:
    """Amazon IVS tries all playback keys of the account."""
    for pem in pems:
        try:
            jwt.decode(token, pem, algorithms=["ES384"])
        except jwt.InvalidSignatureError:
            continue
        return bool(verify(token, pem, PlaybackClaims))
    return False


def _joins(token: str, known: dict[str, str]) -> bool:
    """Amazon IVS takes the public key that the token names."""
    named = jwt.get_unverified_header(token)["kid"]
    return named in known and bool(
        verify(token, known[named], ParticipantClaims, public_key_arn=named)
    )


def _program(title: str) -> str:
    """A program on the page on tokens."""
    text = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf'^ *```python title="{title}"\n(.*?)^ *```$', text, re.M | re.S)
    return textwrap.dedent(found)


def test_viewers_keep_watching_while_the_key_changes(cloud: Cloud, deploy: Deploy) -> None:
    both, signs_old = re.split(r"(?=^PlaybackTokenIssuer)", _program("Step 1"), flags=re.M)
    old, new = re.split(r"(?=^new = )", both, flags=re.M)
    signs_new = _program("Step 2")
    # The page does not show what was before, and in words only what is left in the end.
    steps = [old + signs_old, both + signs_old, both + signs_new, new + signs_new]

    def program(step: str) -> Callable[[cdk.Stack], object]:
        def define(stack: cdk.Stack) -> None:
            names = {
                each.__name__: each
                for each in (PlaybackKeyPair, PlaybackTokenIssuer, TokenSigningKey)
            }
            channel = Channel(stack, "Channel", authorized=True)
            exec(step, {**names, "self": stack, "channel": channel})  # noqa: S102 (the project's own documentation)

        return define

    # Not documented for key pairs as it is for public keys; one more must never be needed.
    cloud.emulator.set_quota("PlaybackKeyPair", 3)
    tokens: list[str] = []
    watching = []
    keys = set()
    for step in steps:
        deployed = deploy(program(step))
        keys |= {each.physical_id for each in deployed.all("AWS::KMS::Key")}
        tokens.append(deployed.invoke("Issuer", {"viewerId": "v"})[0]["token"])
        known = [*known_keys(cloud, "PlaybackKeyPair").values()]
        watching.append((len(known), [_watches(each, known) for each in tokens]))

    assert watching == [
        (1, [True]),
        (2, [True, True]),
        (2, [True, True, True]),
        (1, [False, False, True, True]),
    ]
    # Both keys are kept by AWS KMS, and the channel has been the same all the time.
    states = [cloud.kms.describe_key(KeyId=each)["KeyMetadata"]["KeyState"] for each in keys]
    assert states == ["Enabled", "Enabled"]
    assert len(cloud.emulator.resources("Channel")) == 1


def test_participants_keep_joining_while_the_key_changes(cloud: Cloud, deploy: Deploy) -> None:
    def program(known: tuple[str, ...], signs: str) -> Callable[[cdk.Stack], object]:
        def define(stack: cdk.Stack) -> None:
            keys = {name: TokenSigningKey(stack, f"SigningKey{name}") for name in known}
            public_keys = {
                name: PublicKey(stack, f"PublicKey{name}", signing_key=key)
                for name, key in keys.items()
            }
            ParticipantTokenIssuer(
                stack,
                "Issuer",
                signing_key=keys[signs],
                public_key=public_keys[signs],
                stages=[Stage(stack, "Stage")],
            )

        return define

    tokens: list[str] = []
    joining = []
    for known, signs in ((("",), ""), (("", "2"), ""), (("", "2"), "2"), (("2",), "2")):
        deployed = deploy(program(known, signs))
        tokens.append(deployed.invoke("Issuer", {})[0]["token"])
        pems = known_keys(cloud, "PublicKey")
        joining.append((len(pems), [_joins(each, pems) for each in tokens]))

    assert joining == [
        (1, [True]),
        (2, [True, True]),
        (2, [True, True, True]),
        (1, [False, False, True, True]),
    ]


# Secrets


def _private_halves() -> list[str]:
    """What would give a private key away, in the forms that it could be written in."""
    forms = []
    for key in kms_backends[ACCOUNT][REGION].keys.values():
        private = vars(key.private_key)["private_key"]
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            continue  # a key that moto keeps for other services
        secret = private.private_numbers().private_value
        der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        forms += [f"{secret:x}", str(secret), der.hex(), base64.b64encode(der).decode()[24:]]
    assert forms
    return forms


def test_no_secret_is_where_others_can_read_it(
    bundles: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks for what was planted in template, logs and replies, whatever is asked and fails."""
    cloud = bundles.cloud
    planted = "canary-4711"
    huge = planted * (2**20 // len(planted))
    requests: dict[str, list[Json]] = {
        "ChannelTokenIssuer": [
            {"viewerId": planted},
            {"viewerId": huge},
            {"channelArn": planted},
            {"origins": [planted]},
            {"expiresInSeconds": planted},
            {"maximumResolution": planted},
            {planted: planted},
        ],
        "StageTokenIssuer": [
            {"userId": planted, "attributes": {planted: planted}},
            {"userId": huge},
            {"stageArn": planted},
            {"attributes": {"name": huge}},
            {"attributes": {huge: planted}},
            {"attributes": {"name": [planted]}},
            {"capabilities": [planted]},
            {planted: planted},
        ],
    }
    answers = {name: bundles.invoke(name, *events) for name, events in requests.items()}
    private_halves = _private_halves()
    # Somebody deletes the keys: now every request fails on this side.
    monkeypatch.setattr(kms_backends[ACCOUNT][REGION], "keys", {})
    broken = [
        *bundles.invoke("ChannelTokenIssuer", {"viewerId": planted}),
        *bundles.invoke("StageTokenIssuer", {"userId": planted}),
    ]

    assert [["token" in each for each in found] for found in answers.values()] == [
        [True] + [False] * 6,
        [True] + [False] * 7,
    ]
    tokens = [found[0]["token"] for found in answers.values()]
    # Where the secrets belong they are, so they can be found.
    [secret] = cloud.secrets.list_secrets()["SecretList"]
    [stream_key] = cloud.emulator.resources("StreamKey")
    value = cloud.secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    assert value == stream_key.data["value"]
    assert planted in base64.urlsafe_b64decode(tokens[0].split(".")[1] + "==").decode()

    everywhere = [value, SIGNATURE, *CREDENTIALS.values(), *private_halves]
    replies = json.dumps(cloud.replies)
    assert [each for each in everywhere if each in bundles.template + cloud.log + replies] == []
    parts = [part for token in tokens for part in token.split(".")[1:]]
    assert [each for each in (planted, *parts) if each in bundles.template + cloud.log] == []
    refused = [each for found in answers.values() for each in found[1:]]
    assert planted not in json.dumps(refused + broken)
    assert [each["errorMessage"] for each in broken] == [
        "the token could not be signed; see the function's log"
    ] * 2
    # Who asked for it has the token, and nobody else.
    assert [replies.count(each) for each in tokens] == [2, 1]  # with and in the URL
    assert '"outcome": "issued"' in cloud.log
    assert '"code": "NotFoundException"' in cloud.log
