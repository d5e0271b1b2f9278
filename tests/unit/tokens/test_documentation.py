"""The page on tokens: its programs run, and its messages match the code."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3  # type: ignore[import-untyped]  # no types
import pytest

from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import (
    ConnectionClaims,
    KmsSigner,
    ParticipantClaims,
    PlaybackClaims,
    verify,
)

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tokens.md").read_text(encoding="utf-8")
ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
SETTINGS = {
    "SIGNING_KEY_ID": "alias/playback-tokens",
    "CHANNEL_ARN": f"{ACCOUNT}:channel/AbCdEfGh1234",
    "PLAYBACK_URL": "https://1a2b3c.eu-west-1.playback.live-video.net/channel.AbCdEf.m3u8",
    "STAGE_ARN": f"{ACCOUNT}:stage/AbCdEfGh1234",
    "EVENTS_URL": "wss://global.events.live-video.net",
    "WHIP_URL": "https://1a2b3c4d5e6f.global-bm.whip.live-video.net",
    "PUBLIC_KEY_ARN": f"{ACCOUNT}:public-key/f99cde61",
}

make_client = boto3.client


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def calls(
    monkeypatch: pytest.MonkeyPatch, signer: Callable[[bytes], bytes]
) -> list[tuple[str, dict[str, Any]]]:
    """What was asked of AWS: checked by boto3 against the models, and answered here."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def answer(model: Any, params: dict[str, Any], **_: object) -> tuple[object, dict[str, bytes]]:  # noqa: ANN401 (botocore ships no types)
        body = json.loads(params["body"])
        asked.append((model.name, body))
        signature = signer(base64.b64decode(body["Message"])) if model.name == "Sign" else b""
        return SimpleNamespace(status_code=200), {"Signature": signature}

    def client(service: str) -> object:
        made = make_client(
            service,
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 (nobody checks it)
        )
        made.meta.events.register("before-call", answer)
        return made

    monkeypatch.setattr(boto3, "client", client)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return asked


def test_programs_run(calls: list[tuple[str, dict[str, Any]]], public_key_material: str) -> None:
    names: dict[str, Any] = {}
    made: dict[type, tuple[Any, str]] = {}
    for block in blocks("python"):
        exec(block, names)  # noqa: S102 (the project's own documentation)
        if "token" in names:
            made[type(names["claims"])] = names["claims"], names["token"]

    event = {"requestContext": {"authorizer": {"principalId": "4f1c2a"}}}
    url = names["handler"](event, None)["body"]
    assert url.startswith(f"{SETTINGS['PLAYBACK_URL']}?token=")
    watching = verify(url.partition("?token=")[2], public_key_material, PlaybackClaims)
    assert watching.viewer_id == "4f1c2a"
    assert made.keys() == {ParticipantClaims, ConnectionClaims}
    for kind, (claims, token) in made.items():
        assert verify(token, public_key_material, kind) == claims
    names["test_viewers_get_hd"]()

    assert isinstance(names["signer"], KmsSigner)
    assert [name for name, _ in calls] == [
        "Sign",
        "Sign",
        "StartViewerSessionRevocation",
        "DisconnectParticipant",
        "RevokeConnectionToken",
        "Sign",
    ]


def test_message_is_the_one_of_today() -> None:
    [shown] = blocks("text")

    with pytest.raises(InvalidPropertyError) as caught:
        PlaybackClaims(
            channel_arn=SETTINGS["CHANNEL_ARN"], viewer_id="v" * 64, expires_in=timedelta(hours=1)
        )

    assert shown == f"InvalidPropertyError: {caught.value}\n"


def test_statement_is_json() -> None:
    [statement] = blocks("json")

    assert json.loads(statement)["Action"] == "kms:Sign"


@pytest.mark.parametrize("kind", [PlaybackClaims, ParticipantClaims, ConnectionClaims])
def test_every_limit_has_its_row(kind: type) -> None:
    limits = PAGE.partition("\n## Limits\n")[2].partition("\n## ")[0]
    # Of these there is nothing to limit, or an ARN says it by itself.
    unlimited = {
        "channel_arn",
        "stage_arn",
        "events_url",
        "whip_url",
        "account_id",
        "region",
        "strict_origin_enforcement",
        "ads_opt_out",
        "ads_playback_config_name",
    }
    rows = " ".join(row.split("|")[1] for row in limits.splitlines() if row.startswith("| `"))

    assert set(kind.__annotations__) - unlimited <= set(re.findall(r"`(\w+)`", rows))
