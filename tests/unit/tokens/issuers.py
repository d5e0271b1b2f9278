"""What the tests of both functions that issue tokens share."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

Json = dict[str, Any]

ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
CHANNEL = f"{ACCOUNT}:channel/AbCdEfGh1234"
OTHER_CHANNEL = f"{ACCOUNT}:channel/Other"
URL = "https://1a2b3c.eu-west-1.playback.live-video.net/channel.AbCdEf.m3u8"
STAGE = f"{ACCOUNT}:stage/AbCdEfGh1234"
OTHER_STAGE = f"{ACCOUNT}:stage/Other"
PUBLIC_KEY = f"{ACCOUNT}:public-key/f99cde61"
ENDPOINTS: Json = {
    "events_url": "wss://global.events.live-video.net",
    "whip_url": "https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
}


class Key:
    """A key in the KMS of moto."""

    def __init__(self, spec: str = "ECC_NIST_P384") -> None:
        client = boto3.client("kms")
        made = client.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
        self.arn: str = made["KeyMetadata"]["Arn"]
        der = client.get_public_key(KeyId=self.arn)["PublicKey"]
        self.pem = (
            load_der_public_key(der)
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


def settings_of(issuer: str, key: Key, **changes: object) -> Json:
    """The settings of a function, those of most tests and some others."""
    settings: Json = {"signing_key_arn": key.arn}
    if issuer == "playback":
        settings |= {
            "max_lifetime": 300,
            "channels": [{"channel_arn": CHANNEL, "playback_url": URL}],
            "strict_origin_enforcement": False,
            "single_use": False,
        }
    else:
        settings |= {
            "max_lifetime": 3600,
            "public_key_arn": PUBLIC_KEY,
            "stages": [{"stage_arn": STAGE, **ENDPOINTS}],
        }
    return settings | changes


def payload(token: str) -> Json:
    part = token.split(".")[1]
    found: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def problems(answer: Json) -> list[tuple[str, str]]:
    assert answer.keys() == {"error"}
    error = answer["error"]
    assert error["code"] == "InvalidRequest"
    assert error["message"] == "; ".join(each["message"] for each in error["problems"])
    assert all(each["message"].startswith(each["field"]) for each in error["problems"])
    return [(each["field"], each["code"]) for each in error["problems"]]
