"""Verification: the claims it returns, and every reason to reject a token."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_constructs.errors import InvalidPropertyError, IvsConstructsError
from ivs_constructs.tokens import (
    ConnectionClaims,
    InvalidTokenError,
    ParticipantClaims,
    PlaybackClaims,
    sign,
    verify,
)
from ivs_constructs.tokens._signature import N, raw_signature

Signer = Callable[[bytes], bytes]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNIX = 1795262400
ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
KEY = f"{ACCOUNT}:public-key/f99cde61"

PLAYBACK = PlaybackClaims(
    channel_arn=f"{ACCOUNT}:channel/AbCdEfGh1234",
    viewer_id="4f1c2a",
    viewer_session_version=0,
    access_control_allow_origin=["https://example.com", "https://*.example.org"],
    strict_origin_enforcement=True,
    ads_player_params={"age": "18-24"},
)
PARTICIPANT = ParticipantClaims(
    stage_arn=f"{ACCOUNT}:stage/AbCdEfGh1234",
    events_url="wss://global.events.live-video.net",
    whip_url="https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
    participant_id="p-1",
    user_id="日本",
    attributes={"role": "host"},
    capabilities=["SUBSCRIBE"],
)
CONNECTION = ConnectionClaims(
    account_id="123456789012", region="eu-west-1", expires_in=timedelta(weeks=4)
)

PLAYBACK_HEADER = {"alg": "ES384", "typ": "JWT"}
REAL_TIME_HEADER = {**PLAYBACK_HEADER, "kid": KEY}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: object) -> str:
    return encoded(value if isinstance(value, bytes) else json.dumps(value).encode())


class Desk:
    """Signs whatever it is given, and verifies that."""

    def __init__(self, signer: Signer, public_key_material: str) -> None:
        self.signer = signer
        self.public_key_material = public_key_material

    def token(self, header: object, payload: object) -> str:
        signed = f"{part(header)}.{part(payload)}"
        return f"{signed}.{encoded(raw_signature(self.signer(signed.encode())))}"

    def read(
        self,
        token: str,
        kind: Any = PlaybackClaims,  # noqa: ANN401 (wrong types are the point)
        now: datetime = NOW,
        **given: Any,  # noqa: ANN401 (wrong types are the point)
    ) -> Any:  # noqa: ANN401 (any kind of claims)
        return verify(token, self.public_key_material, kind, now=now, **given)

    def refusal(
        self,
        token: str,
        kind: object = PlaybackClaims,
        **given: Any,  # noqa: ANN401 (wrong types are the point)
    ) -> str:
        with pytest.raises(InvalidTokenError) as caught:
            self.read(token, kind, **given)
        assert isinstance(caught.value, IvsConstructsError)
        assert caught.value.code == "InvalidToken"
        assert caught.value.__cause__ is None
        return str(caught.value)


@pytest.fixture(scope="module")
def desk(signer: Signer, public_key_material: str) -> Desk:
    return Desk(signer, public_key_material)


# What is read


def test_playback_claims_come_back(desk: Desk) -> None:
    assert desk.read(sign(PLAYBACK, desk.signer, now=NOW)) == PLAYBACK


def test_expires_in_of_a_playback_token_is_the_time_left(desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer, now=NOW)

    late = desk.read(token, now=NOW + timedelta(seconds=299))

    assert late.expires_in == timedelta(seconds=1)
    assert late.viewer_id == PLAYBACK.viewer_id


def test_playback_claims_without_anything_come_back(desk: Desk) -> None:
    claims = PlaybackClaims(channel_arn=PLAYBACK.channel_arn)

    assert desk.read(sign(claims, desk.signer, now=NOW)) == claims


@pytest.mark.parametrize("claims", [PARTICIPANT, CONNECTION], ids=["participant", "connection"])
@pytest.mark.parametrize("later", [0, 43199])
def test_real_time_claims_come_back(
    claims: ParticipantClaims | ConnectionClaims, later: int, desk: Desk
) -> None:
    token = sign(claims, desk.signer, public_key_arn=KEY, now=NOW)
    now = NOW + timedelta(seconds=later)

    assert desk.read(token, type(claims), now) == claims
    assert desk.read(token, type(claims), now, public_key_arn=KEY) == claims


def test_present_is_the_default(desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer)

    assert verify(token, desk.public_key_material, PlaybackClaims).viewer_id == "4f1c2a"


def test_public_key_may_have_other_line_ends(desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer, now=NOW)

    for pem in (
        desk.public_key_material.replace("\n", "\r\n"),
        f"\n{desk.public_key_material}\n  ",
    ):
        assert verify(token, pem, PlaybackClaims, now=NOW) == PLAYBACK


def test_capabilities_may_be_told_as_false(desk: Desk) -> None:
    payload = PARTICIPANT.payload(NOW)
    payload["capabilities"] = {"allow_publish": False, "allow_subscribe": True}

    assert desk.read(desk.token(REAL_TIME_HEADER, payload), ParticipantClaims) == PARTICIPANT


# Time


def test_token_is_good_until_its_last_second(desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer, now=NOW)

    assert desk.read(token, now=NOW + timedelta(seconds=299.999))
    assert desk.refusal(token, now=NOW + timedelta(seconds=300)) == (
        "token must be used before it expires, got it 0 seconds late"
    )
    assert desk.refusal(token, now=NOW + timedelta(seconds=307)) == (
        "token must be used before it expires, got it 7 seconds late"
    )


@pytest.mark.parametrize(
    ("expiry", "message"),
    [
        (UNIX + 0.5, "exp must be a whole number of seconds since 1970, got something else"),
        (str(UNIX), "exp must be a whole number of seconds since 1970, got something else"),
        (True, "exp must be a whole number of seconds since 1970, got something else"),
        (-1, "exp must be a whole number of seconds since 1970, got something else"),
        (0, f"token must be used before it expires, got it {UNIX} seconds late"),
        (
            UNIX * 1000,
            f"exp must be in seconds since 1970, got {UNIX * 1000}, which looks like milliseconds; "
            "divide it by 1000",
        ),
        (
            10**11,
            "exp must be in seconds since 1970, got 100000000000, which looks like milliseconds; "
            "divide it by 1000",
        ),
    ],
)
def test_fails_when_exp_is_no_time(expiry: object, message: str, desk: Desk) -> None:
    payload = {"aws:channel-arn": PLAYBACK.channel_arn, "exp": expiry}

    assert desk.refusal(desk.token(PLAYBACK_HEADER, payload)) == message


@pytest.mark.parametrize("issued", [-(10**30), 0.5, None])
def test_fails_when_iat_is_no_time(issued: object, desk: Desk) -> None:
    token = desk.token(REAL_TIME_HEADER, {**CONNECTION.payload(NOW), "iat": issued})

    assert "iat must" in desk.refusal(token, ConnectionClaims)


@pytest.mark.parametrize(
    ("claims", "longest"), [(PARTICIPANT, 14), (CONNECTION, 28)], ids=["participant", "connection"]
)
def test_fails_when_exp_is_too_far_from_iat(
    claims: ParticipantClaims | ConnectionClaims, longest: int, desk: Desk
) -> None:
    payload = {**claims.payload(NOW), "exp": UNIX + longest * 86400 + 1}

    with pytest.raises(InvalidPropertyError, match=rf"at most \d+ seconds \({longest} days\)"):
        desk.read(desk.token(REAL_TIME_HEADER, payload), type(claims))


# Form


@pytest.mark.parametrize(("token", "count"), [("", 1), ("a", 1), ("a.b", 2), ("a.b.c.d", 4)])
def test_fails_when_token_has_not_three_parts(token: str, count: int, desk: Desk) -> None:
    assert desk.refusal(token) == f"token must have 3 parts with dots between, got {count}"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda text: text + "=",
        lambda text: text + "A",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: "+/" + text,
        lambda text: "é" + text,
        lambda text: text[:4] + "A",
    ],
    ids=["empty", "padding", "letter", "line", "blank", "other alphabet", "no ASCII", "5 letters"],
)
def test_fails_when_part_is_no_base64url(
    place: int, change: Callable[[str], str], desk: Desk
) -> None:
    parts = sign(PLAYBACK, desk.signer, now=NOW).split(".")
    # Header and signature of a playback token have a multiple of 3 bytes: no letter fits behind.
    parts[1] = part(b'{"exp":1}')
    parts[place] = change(parts[place])

    assert desk.refusal(".".join(parts)) == (
        f"{('header', 'payload', 'signature')[place]} must be base64url without padding, got "
        "something else"
    )


def test_fails_when_last_letter_has_bits_of_no_byte(desk: Desk) -> None:
    # Both read as the byte 0 where that is tolerated, so one token would have two texts.
    assert base64.urlsafe_b64decode("AB==") == base64.urlsafe_b64decode("AA==")
    parts = sign(PLAYBACK, desk.signer, now=NOW).split(".")

    assert desk.refusal(f"{parts[0]}.AB.{parts[2]}") == (
        "payload must be base64url without padding, got something else"
    )


NOT_OBJECTS = [
    b"",
    b"[]",
    b'"text"',
    b"null",
    b"{",
    b"{}{}",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":1}',
    b'{"a":{"b":1,"b":2}}',
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b"[" * 100_000,
    b'{"exp":' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("data", NOT_OBJECTS[1:], ids=lambda data: repr(data[:20]))
def test_fails_when_header_is_no_object(data: bytes, desk: Desk) -> None:
    assert desk.refusal(desk.token(data, {})) == (
        "header must be a JSON object with each name once, got something else"
    )


@pytest.mark.parametrize("data", NOT_OBJECTS[1:], ids=lambda data: repr(data[:20]))
def test_fails_when_payload_is_no_object(data: bytes, desk: Desk) -> None:
    assert desk.refusal(desk.token(PLAYBACK_HEADER, data)) == (
        "payload must be a JSON object with each name once, got something else"
    )


# Header


@pytest.mark.parametrize(
    "algorithm",
    ["none", "None", "", "HS256", "HS384", "ES256", "ES512", "es384", None, 384, ["ES384"]],
)
def test_fails_when_algorithm_is_another(algorithm: object, desk: Desk) -> None:
    token = desk.token({"alg": algorithm, "typ": "JWT"}, PLAYBACK.payload(NOW))

    assert desk.refusal(token) == "alg in the header must be ES384, got another value"


def test_fails_when_algorithm_is_none_without_signature(desk: Desk) -> None:
    token = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(PLAYBACK.payload(NOW))}."

    assert desk.refusal(token) == "signature must be base64url without padding, got something else"


@pytest.mark.parametrize("header", [{"alg": "ES384"}, {"alg": "ES384", "typ": "jwt"}])
def test_fails_when_type_is_another(header: object, desk: Desk) -> None:
    assert desk.refusal(desk.token(header, PLAYBACK.payload(NOW))) == (
        "typ in the header must be JWT, got another value"
    )


@pytest.mark.parametrize("extra", [{"kid": KEY}, {"crit": ["exp"]}, {"jwk": {}}, {"x": 1}])
def test_fails_when_header_of_a_playback_token_has_more(extra: dict[str, Any], desk: Desk) -> None:
    token = desk.token({**PLAYBACK_HEADER, **extra}, PLAYBACK.payload(NOW))

    assert desk.refusal(token) == ("header of PlaybackClaims must have alg, typ, got other members")


@pytest.mark.parametrize(
    "header", [PLAYBACK_HEADER, {**REAL_TIME_HEADER, "crit": ["exp"]}], ids=["less", "more"]
)
def test_fails_when_header_of_a_participant_token_has_others(header: object, desk: Desk) -> None:
    token = desk.token(header, PARTICIPANT.payload(NOW))

    assert desk.refusal(token, ParticipantClaims) == (
        "header of ParticipantClaims must have alg, kid, typ, got other members"
    )


@pytest.mark.parametrize("kid", ["", None, 1, PLAYBACK.channel_arn, KEY + "\n"])
def test_fails_when_kid_is_no_public_key(kid: object, desk: Desk) -> None:
    token = desk.token({**PLAYBACK_HEADER, "kid": kid}, CONNECTION.payload(NOW))

    assert desk.refusal(token, ConnectionClaims) == (
        "kid in the header must be an ARN arn:aws:ivs:<region>:<account>:public-key/<id>, got "
        "another text"
    )


def test_fails_when_kid_is_another_key(desk: Desk) -> None:
    token = sign(CONNECTION, desk.signer, public_key_arn=KEY, now=NOW)

    assert desk.refusal(token, ConnectionClaims, public_key_arn=KEY + "0") == (
        "kid in the header must be the given public_key_arn, got another"
    )


def test_fails_when_key_is_asked_of_a_playback_token(desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer, now=NOW)

    assert desk.refusal(token, public_key_arn=KEY) == (
        "kid in the header must be the given public_key_arn, got another"
    )


# Signature

FORGED = (
    "signature must be made with the private half of the given public key over exactly this header "
    "and payload, got another one"
)


@pytest.mark.parametrize("size", [1, 64, 95, 97, 104])
def test_fails_when_signature_has_another_size(size: int, desk: Desk) -> None:
    signed = sign(PLAYBACK, desk.signer, now=NOW).rpartition(".")[0]

    assert desk.refusal(f"{signed}.{encoded(b'1' * size)}") == (
        f"signature must have r and s side by side in 96 bytes, got {size} bytes"
    )


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, 1), (1, 0), (N, 1), (1, N), (N + 1, N + 1), (2**384 - 1, 2**384 - 1), (1, 1)],
)
def test_fails_when_signature_is_made_up(r: int, s: int, desk: Desk) -> None:
    signed = sign(PLAYBACK, desk.signer, now=NOW).rpartition(".")[0]

    assert desk.refusal(f"{signed}.{encoded(r.to_bytes(48) + s.to_bytes(48))}") == FORGED


def test_fails_when_payload_was_changed(desk: Desk) -> None:
    header, payload, signature = sign(PLAYBACK, desk.signer, now=NOW).split(".")
    longer = part({**PLAYBACK.payload(NOW), "exp": UNIX + 599})

    assert desk.refusal(f"{header}.{longer}.{signature}") == FORGED
    assert desk.read(f"{header}.{payload}.{signature}") == PLAYBACK


def test_fails_when_header_was_changed(desk: Desk) -> None:
    _, payload, signature = sign(PLAYBACK, desk.signer, now=NOW).split(".")

    turned = part({"typ": "JWT", "alg": "ES384"})

    assert desk.refusal(f"{turned}.{payload}.{signature}") == FORGED


def test_fails_when_another_key_has_signed(
    desk: Desk, pem_of: Callable[[ec.EllipticCurvePrivateKey], str]
) -> None:
    other = pem_of(ec.generate_private_key(ec.SECP384R1()))

    with pytest.raises(InvalidTokenError) as caught:
        verify(sign(PLAYBACK, desk.signer, now=NOW), other, PlaybackClaims, now=NOW)

    assert str(caught.value) == FORGED


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(data=st.data())
def test_every_changed_letter_is_noticed(data: st.DataObject, desk: Desk) -> None:
    token = sign(PLAYBACK, desk.signer, now=NOW)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[place]))

    with pytest.raises(InvalidTokenError):
        desk.read(token[:place] + letter + token[place + 1 :])


# Claims


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        (PLAYBACK, {"aws:channel-arn", "exp"}),
        (
            PARTICIPANT,
            {
                "capabilities",
                "events_url",
                "exp",
                "iat",
                "jti",
                "resource",
                "topic",
                "version",
                "whip_url",
            },
        ),
        (CONNECTION, {"account_id", "events_url", "exp", "iat", "jti", "region", "version"}),
    ],
    ids=["playback", "participant", "connection"],
)
def test_fails_when_claim_is_missing(
    claims: PlaybackClaims | ParticipantClaims | ConnectionClaims, names: set[str], desk: Desk
) -> None:
    header = PLAYBACK_HEADER if claims is PLAYBACK else REAL_TIME_HEADER
    for name in names:
        payload = {key: each for key, each in claims.payload(NOW).items() if key != name}
        assert desk.refusal(desk.token(header, payload), type(claims)) == (
            f"token must have the claim {name}, got none"
        )


@pytest.mark.parametrize(
    ("extra", "count"), [(["aws:viewer_id"], "1 that is"), (["a", "b"], "2 that are")]
)
def test_fails_when_claim_is_unknown(extra: list[str], count: str, desk: Desk) -> None:
    payload = {**PLAYBACK.payload(NOW), **dict.fromkeys(extra, "x")}

    assert desk.refusal(desk.token(PLAYBACK_HEADER, payload)) == (
        f"token must have claims of PlaybackClaims only, got {count} unknown"
    )


def test_fails_when_kind_is_another(desk: Desk) -> None:
    token = desk.token(PLAYBACK_HEADER, PARTICIPANT.payload(NOW))

    assert desk.refusal(token) == "token must have the claim aws:channel-arn, got none"


def test_fails_when_claim_is_null(desk: Desk) -> None:
    token = desk.token(PLAYBACK_HEADER, {**PLAYBACK.payload(NOW), "aws:viewer-id": None})

    assert desk.refusal(token) == "aws:viewer-id must have a value or be left out, got null"


WRONG_CAPABILITIES: list[object] = [
    [],
    "allow_publish",
    {"allow_publish": 1},
    {"publish": True},
]


@pytest.mark.parametrize(
    ("claims", "name", "value", "message"),
    [
        (PARTICIPANT, "version", 1.0, "version must be 1.0, got another value"),
        (
            PARTICIPANT,
            "topic",
            "other",
            "topic must be the id in the stage's ARN, got another value",
        ),
        (CONNECTION, "version", "2.0", "version must be 1.0, got another value"),
        (
            CONNECTION,
            "events_url",
            "wss://example.com",
            "events_url must be wss://global.events.live-video.net, got another value",
        ),
        *(
            (
                PARTICIPANT,
                "capabilities",
                wrong,
                "capabilities must be an object with allow_publish and allow_subscribe as true or "
                "false, got something else",
            )
            for wrong in WRONG_CAPABILITIES
        ),
    ],
)
def test_fails_when_claim_of_a_real_time_token_is_wrong(
    claims: ParticipantClaims | ConnectionClaims, name: str, value: object, message: str, desk: Desk
) -> None:
    token = desk.token(REAL_TIME_HEADER, {**claims.payload(NOW), name: value})

    assert desk.refusal(token, type(claims)) == message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "exp",
            UNIX + 601,
            "expires_in must be at most 600 seconds (10 minutes) with viewer_id or "
            "single_use_uuid, got 601 seconds; shorten it by 1",
        ),
        ("aws:viewer-id", 7, "viewer_id must be a string, got a value of type int"),
        (
            "aws:viewer-session-version",
            "0",
            "viewer_session_version must be a whole number, got a value of type str",
        ),
    ],
)
def test_fails_when_claim_of_a_playback_token_is_wrong(
    name: str, value: object, message: str, desk: Desk
) -> None:
    token = desk.token(PLAYBACK_HEADER, {**PLAYBACK.payload(NOW), name: value})

    with pytest.raises(InvalidPropertyError) as caught:
        desk.read(token)

    assert [failure.message for failure in caught.value.failures] == [message]


@pytest.mark.parametrize("claims", [PARTICIPANT, CONNECTION], ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("ahead", [0, 300, 301, 10**9])
def test_fails_when_token_is_made_in_the_future(
    claims: ParticipantClaims | ConnectionClaims, ahead: int, desk: Desk
) -> None:
    payload = claims.payload(NOW + timedelta(seconds=ahead))
    token = desk.token(REAL_TIME_HEADER, payload)

    if ahead <= 300:
        desk.read(token, type(claims))
    else:
        assert desk.refusal(token, type(claims)) == (
            "iat must not be in the future, got a time more than 300 seconds from now; set the "
            "clock of the program that makes tokens"
        )


@pytest.mark.parametrize("origins", [["https://example.com"], ["https://a.example", 7], {}, 7])
def test_fails_when_origins_are_no_text(origins: object, desk: Desk) -> None:
    payload = {**PLAYBACK.payload(NOW), "aws:access-control-allow-origin": origins}

    assert desk.refusal(desk.token(PLAYBACK_HEADER, payload)) == (
        "aws:access-control-allow-origin must be a text of origins with commas between, got "
        "something else"
    )


@pytest.mark.parametrize(
    ("claims", "other"),
    [
        (CONNECTION, {"region": "us-east-1"}),
        (PARTICIPANT, {"resource": PARTICIPANT.stage_arn.replace("eu-west-1", "us-east-1")}),
    ],
    ids=["connection", "participant"],
)
def test_fails_when_token_is_for_another_region_than_its_key(
    claims: ParticipantClaims | ConnectionClaims, other: dict[str, str], desk: Desk
) -> None:
    token = desk.token(REAL_TIME_HEADER, {**claims.payload(NOW), **other})

    assert desk.refusal(token, type(claims)) == (
        "kid in the header must be a key in the claims' region, got one in another"
    )


def test_long_number_is_not_repeated(desk: Desk) -> None:
    message = desk.refusal(desk.token(PLAYBACK_HEADER, {**PLAYBACK.payload(NOW), "exp": 10**4000}))

    assert message == (
        f"exp must be in seconds since 1970, got 1{'0' * 79}…, which looks like milliseconds; "
        "divide it by 1000"
    )


# Arguments


@pytest.mark.parametrize(
    ("token", "pem", "kind", "message"),
    [
        (b"a.b.c", None, None, "token must be a string, got a value of type bytes"),
        (None, b"pem", None, "public_key_material must be a string, got a value of type bytes"),
        (
            None,
            "pem",
            None,
            "public_key_material must be the PEM text of a public key, got text without a PEM "
            "block; pass the file's content, as in Path('public.pem').read_text()",
        ),
        (
            None,
            None,
            dict,
            "kind must be one of the classes PlaybackClaims, ParticipantClaims, ConnectionClaims, "
            "got something else",
        ),
        (
            None,
            None,
            "PlaybackClaims",
            "kind must be one of the classes PlaybackClaims, ParticipantClaims, ConnectionClaims, "
            "got something else",
        ),
    ],
)
def test_fails_when_argument_is_wrong(
    token: Any,  # noqa: ANN401 (wrong types are the point)
    pem: Any,  # noqa: ANN401 (wrong types are the point)
    kind: Any,  # noqa: ANN401 (wrong types are the point)
    message: str,
    desk: Desk,
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        verify(token or "a.b.c", pem or desk.public_key_material, kind or PlaybackClaims)

    assert str(caught.value) == f"verify has 1 invalid property:\n  - {message}"


def test_fails_when_now_is_naive(desk: Desk) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        desk.read("a.b.c", now=NOW.replace(tzinfo=None))

    assert str(caught.value) == (
        "verify has 1 invalid property:\n"
        "  - now must have a time zone, got a naive datetime; write datetime.now(UTC)"
    )


@pytest.mark.parametrize(
    ("curve", "name"), [(ec.SECP256R1(), "a P-256 key"), (ec.SECP521R1(), "a P-521 key")]
)
def test_fails_when_key_is_on_another_curve(
    curve: ec.EllipticCurve,
    name: str,
    desk: Desk,
    pem_of: Callable[[ec.EllipticCurvePrivateKey], str],
) -> None:
    with pytest.raises(InvalidPropertyError, match=f"got {name}; make one with"):
        verify(sign(PLAYBACK, desk.signer), pem_of(ec.generate_private_key(curve)), PlaybackClaims)


def test_fails_when_key_is_private(desk: Desk, private_key: ec.EllipticCurvePrivateKey) -> None:
    pem = private_key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()

    with pytest.raises(InvalidPropertyError, match="got a private key") as caught:
        verify(sign(PLAYBACK, desk.signer), pem, PlaybackClaims)

    assert pem.splitlines()[1] not in str(caught.value)


def test_fails_when_key_is_compressed(desk: Desk, private_key: ec.EllipticCurvePrivateKey) -> None:
    point = private_key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    head = bytes.fromhex("3046301006072a8648ce3d020106052b81040022033200")
    body = base64.b64encode(head + point).decode()

    with pytest.raises(InvalidPropertyError, match="must be an uncompressed P-384"):
        verify(
            sign(PLAYBACK, desk.signer),
            f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n",
            PlaybackClaims,
        )
