"""What goes on after a deployment: functions that issue tokens, compositions that start."""

from __future__ import annotations

import json
from typing import Any

from ivs_constructs.tokens import Capability, ParticipantClaims, PlaybackClaims, verify
from tests.deploy.scenarios import Scenario, Steps
from tools.local_cloud import apps
from tools.local_cloud.bench import Bench

# Functions that issue tokens


def _playback_issuer(bench: Bench) -> Steps:
    name = "PrivateChannelWithTokenIssuer"
    app = apps.define("private_channel_with_token_issuer", name)

    yield "deploy"
    bench.deploy(app)

    yield "token"
    function = bench.outputs(name)["IssuerFunction"]
    answer = bench.invoke(function, {"viewerId": "viewer-1", "expiresInSeconds": 60})
    key = bench.only("PlaybackKeyPair").data["publicKeyMaterial"]
    claims = verify(answer["token"], key, PlaybackClaims)
    assert claims.channel_arn == bench.only("Channel").arn
    assert claims.viewer_id == "viewer-1"
    assert answer["playbackUrl"].endswith(f"?token={answer['token']}")

    yield "more than allowed"
    _is_refused(bench, function, "expiresInSeconds", expiresInSeconds=3600)
    _is_refused(bench, function, "channelArn", channelArn=f"{claims.channel_arn}x")
    assert "viewer-1" not in bench.logs()
    assert answer["token"] not in bench.logs()

    yield "destroy"
    bench.destroy(app)


def _participant_issuers(bench: Bench) -> Steps:
    name = "StageWithTokenIssuer"
    app = apps.define("stage_with_token_issuer", name)

    yield "deploy"
    bench.deploy(app)

    yield "tokens"
    stage, public = bench.only("Stage"), bench.only("PublicKey")
    outputs = bench.outputs(name)
    hosts, audience = outputs["HostsFunction"], outputs["AudienceFunction"]
    for function, may in (
        (hosts, {Capability.PUBLISH, Capability.SUBSCRIBE}),
        (audience, {Capability.SUBSCRIBE}),
    ):
        answer = bench.invoke(function, {"userId": "somebody"})
        key = public.data["publicKeyMaterial"]
        claims = verify(answer["token"], key, ParticipantClaims, public_key_arn=public.arn)
        assert claims.stage_arn == stage.arn
        assert claims.whip_url == stage.data["endpoints"]["whip"]
        assert set(claims.capabilities) == may
        assert answer["token"] not in bench.logs()
    assert "somebody" not in bench.logs()

    yield "more than allowed"
    _is_refused(bench, audience, "capabilities", capabilities=["PUBLISH"])

    yield "destroy"
    bench.destroy(app)


def _is_refused(bench: Bench, function: str, field: str, **request: object) -> None:
    answer = bench.invoke(function, request)
    assert answer.keys() == {"error"}
    assert [each["field"] for each in answer["error"]["problems"]] == [field]


# Compositions


def _composition(bench: Bench) -> Steps:
    name = "BroadcastStageToChannel"
    app = apps.define("broadcast_stage_to_channel", name)
    emulator = bench.cloud.emulator

    yield "deploy"
    bench.deploy(app)
    stage = bench.only("Stage").arn

    yield "participant publishes"
    participant = emulator.start_publishing(stage)
    session = bench.only("Stage").data["activeSessionId"]

    def event(event_name: str, of: str = stage) -> dict[str, Any]:
        detail = {"event_name": event_name, "session_id": session, "participant_id": participant}
        return {
            "Source": "aws.ivs",
            "DetailType": "IVS Stage Update",
            "Resources": [of],
            "Detail": json.dumps(detail),
        }

    # Events may come twice: both executions are under way at the same time.
    bench.put_events(event("Participant Published"), event("Participant Published"))
    executions = bench.executions(2)
    assert [each["status"] for each in executions] == ["SUCCEEDED"] * 2
    [composition] = bench.resources("Composition")
    assert composition.data["stageArn"] == stage

    yield "duplicate event"
    bench.put_events(event("Participant Published"))
    executions = bench.executions(3)
    assert [each["status"] for each in executions] == ["SUCCEEDED"] * 3
    assert [each.arn for each in bench.resources("Composition")] == [composition.arn]

    yield "other events"
    other = f"{stage}x"
    bench.put_events(event("Participant Unpublished"), event("Participant Published", other))
    # Nothing to wait for: an execution would be there when the event is taken.
    assert len(bench.executions(3)) == 3

    yield "destroy"
    emulator.stop_publishing(stage, participant)
    emulator.end_composition(composition.arn)
    bench.destroy(app)
    emulator.reset()


SCENARIOS = (
    Scenario("playback tokens issued", _playback_issuer),
    Scenario("participant tokens issued", _participant_issuers),
    Scenario("composition starts by itself", _composition),
)
"""Every case."""
