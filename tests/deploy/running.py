"""What goes on after a deployment: functions that issue tokens, compositions that start."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ivs_constructs.tokens import Capability, ParticipantClaims, PlaybackClaims, verify
from tests.deploy.scenarios import Scenario, Steps
from tools.local_cloud import apps
from tools.local_cloud.bench import Bench

# Functions that issue tokens


def _http_event(
    path: str, claims: dict[str, str] | None, request: object, of: str | None = None
) -> dict[str, Any]:
    """What an HTTP API sends; the local cloud verifies no JWT."""
    authorizer = {} if claims is None else {"jwt": {"claims": claims, "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        **({} if of is None else {"pathParameters": {"key": of}}),
        "headers": {"content-type": "application/json"},
        "requestContext": {"authorizer": authorizer, "stage": "$default"},
        "body": json.dumps(request),
        "isBase64Encoded": False,
    }


def _by_http(
    bench: Bench,
    function: str,
    path: str,
    claims: dict[str, str] | None,
    *,
    of: str | None = None,
    **request: object,
) -> tuple[int, dict[str, Any]]:
    """Invoke a function as the HTTP API does; answers status and body."""
    answer = bench.invoke(function, _http_event(path, claims, request, of))
    assert answer["headers"]["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(answer["body"])
    return answer["statusCode"], body


_SIGNED_IN = {"sub": "4f1c2a9e-7d3b", "token_use": "access"}


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

    yield "token by the HTTP API's event"
    status, body = _by_http(bench, function, "/watch", _SIGNED_IN)
    assert status == 200
    assert verify(body["token"], key, PlaybackClaims).viewer_id == _SIGNED_IN["sub"]
    for signed_in, code in ((None, 401), ({"email": "a@example.com"}, 403)):
        status, body = _by_http(bench, function, "/watch", signed_in)
        assert (status, "token" in body) == (code, False)
    status, body = _by_http(bench, function, "/watch", _SIGNED_IN, viewerId="another")
    assert (status, "token" in body) == (400, False)

    yield "more than allowed"
    _is_refused(bench, function, "expiresInSeconds", viewerId="v", expiresInSeconds=3600)
    _is_refused(bench, function, "channelArn", viewerId="v", channelArn=f"{claims.channel_arn}x")
    _is_refused(bench, function, "viewerId")
    assert "viewer-1" not in bench.logs()
    assert _SIGNED_IN["sub"] not in bench.logs()
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
    key = public.data["publicKeyMaterial"]
    for function, path, may in (
        (hosts, "/host", {Capability.PUBLISH, Capability.SUBSCRIBE}),
        (audience, "/listen", {Capability.SUBSCRIBE}),
    ):
        status, by_http = _by_http(bench, function, path, _SIGNED_IN)
        assert status == 200
        for answer, user in (
            (bench.invoke(function, {"userId": "somebody"}), "somebody"),
            (by_http, _SIGNED_IN["sub"]),
        ):
            claims = verify(answer["token"], key, ParticipantClaims, public_key_arn=public.arn)
            assert claims.stage_arn == stage.arn
            assert claims.whip_url == stage.data["endpoints"]["whip"]
            assert claims.user_id == user
            assert set(claims.capabilities) == may
            assert answer["token"] not in bench.logs()
    assert "somebody" not in bench.logs()

    yield "exchange"
    _, listener = _by_http(bench, audience, "/listen", _SIGNED_IN)
    alias = outputs["ExchangeAlias"]
    wanted = {"token": listener["token"], "capabilities": ["PUBLISH", "SUBSCRIBE"]}
    status, co_host = _by_http(bench, alias, "/promote", _SIGNED_IN, **wanted)
    assert status == 200
    former, present = (
        verify(each["token"], key, ParticipantClaims, public_key_arn=public.arn)
        for each in (listener, co_host)
    )
    # topic, resource, jti, whip_url and events_url: the stage's id is part of its ARN.
    assert (present.stage_arn, present.participant_id) == (former.stage_arn, former.participant_id)
    assert (present.whip_url, present.events_url) == (former.whip_url, former.events_url)
    assert set(present.capabilities) == {Capability.PUBLISH, Capability.SUBSCRIBE}
    assert bench.invoke(alias, wanted)["participantId"] == listener["participantId"]

    yield "no exchange"
    somebody_else = {"sub": "somebody-else"}
    status, body = _by_http(bench, alias, "/promote", somebody_else, **wanted)
    assert (status, "token" in body) == (403, False)
    # Neither where it was not asked for, nor where it was not allowed.
    status, body = _by_http(bench, audience, "/promote", _SIGNED_IN, **wanted)
    assert (status, "token" in body) == (403, False)
    _is_refused(bench, audience, "request", **wanted)

    yield "more than allowed"
    _is_refused(bench, audience, "capabilities", capabilities=["PUBLISH"])

    yield "destroy"
    bench.destroy(app)


def _is_refused(bench: Bench, function: str, field: str, **request: object) -> None:
    answer = bench.invoke(function, request)
    assert answer.keys() == {"error"}
    assert field in [each["field"] for each in answer["error"]["problems"]]


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
    _all_succeeded(bench.executions(2), 2)
    [composition] = bench.resources("Composition")
    assert composition.data["stageArn"] == stage

    yield "duplicate event"
    bench.put_events(event("Participant Published"))
    _all_succeeded(bench.executions(3), 3)
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


def _all_succeeded(executions: list[dict[str, Any]], number: int) -> None:
    ends = [(each["status"], each.get("error"), each.get("cause")) for each in executions]
    assert ends == [("SUCCEEDED", None, None)] * number, ends


# Fleets


class _FleetOf:
    """Asks the fleet of a deployed stack."""

    def __init__(self, bench: Bench, function: str) -> None:
        self._client = bench.cloud.client("lambda")
        self._function = function

    def ask(self, verb: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        answer = self._client.invoke(
            FunctionName=self._function, Qualifier=verb, Payload=json.dumps(request).encode()
        )
        text = answer["Payload"].read()
        assert "FunctionError" not in answer, text
        reply: dict[str, Any] = json.loads(text)
        return reply


def _meeting_rooms(bench: Bench) -> Steps:
    name = "MeetingRooms"
    app = apps.define("meeting_rooms", name)

    yield "deploy"
    bench.deploy(app)
    rooms = _FleetOf(bench, bench.outputs(name)["RoomsFunction"])
    assert bench.resources("Stage") == []

    yield "acquire twice at once"
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(rooms.ask, "acquire", key="standup") for _ in range(2)]
        first, second = (each.result() for each in asked)
    stage = bench.only("Stage")
    assert first["arn"] == second["arn"] == stage.arn
    assert sorted([first["created"], second["created"]]) == [False, True]

    yield "token"
    answer = rooms.ask("token", key="standup", userId="ada")
    public = bench.only("PublicKey")
    key = public.data["publicKeyMaterial"]
    claims = verify(answer["token"], key, ParticipantClaims, public_key_arn=public.arn)
    assert (claims.stage_arn, claims.user_id) == (stage.arn, "ada")
    assert answer["token"] not in bench.logs()

    yield "token by the HTTP API's event"
    alias = f"{bench.outputs(name)['RoomsFunction']}:token"
    route = "/rooms/{key}"
    status, body = _by_http(bench, alias, route, _SIGNED_IN, of="standup")
    assert status == 200
    claims = verify(body["token"], key, ParticipantClaims, public_key_arn=public.arn)
    assert (claims.stage_arn, claims.user_id) == (stage.arn, _SIGNED_IN["sub"])
    for signed_in, of, code in (
        (None, "standup", 401),
        ({"email": "a@example.com"}, "standup", 403),
        (_SIGNED_IN, "nobody", 404),
        (_SIGNED_IN, "a b", 400),
    ):
        status, body = _by_http(bench, alias, route, signed_in, of=of)
        assert (status, "token" in body) == (code, False)
    status, body = _by_http(bench, alias, route, _SIGNED_IN, of="standup", userId="another")
    assert (status, "token" in body) == (400, False)
    assert _SIGNED_IN["sub"] not in bench.logs()

    yield "idle"
    rooms.ask("acquire", key="another")
    table = bench.cloud.client("dynamodb")
    [table_name] = table.list_tables()["TableNames"]
    idle = next(
        each
        for each in table.scan(TableName=table_name)["Items"]
        if each.get("key") == {"S": "standup"}
    )
    # As if the last use, and the token, were two hours and more ago.
    table.put_item(
        TableName=table_name, Item={**idle, "used": {"N": "1"}, "live_until": {"N": "1"}}
    )
    functions = bench.cloud.client("lambda").list_functions()["Functions"]
    [tends] = [each["FunctionName"] for each in functions if "RoomsTends" in each["FunctionName"]]
    bench.cloud.client("lambda").invoke(FunctionName=tends, Payload=b"{}")
    assert rooms.ask("get", key="standup")["error"]["code"] == "UnknownKey"
    assert rooms.ask("get", key="another")["arn"] == bench.only("Stage").arn

    yield "destroy with members alive"
    bench.cloud.emulator.start_publishing(bench.only("Stage").arn)
    bench.destroy(app)
    assert bench.resources("Stage") == []


def _creator_channels(bench: Bench) -> Steps:
    name = "CreatorChannels"
    app = apps.define("creator_channels", name)

    yield "deploy"
    bench.deploy(app)
    creators = _FleetOf(bench, bench.outputs(name)["CreatorsFunction"])

    yield "acquire, stream key, token"
    made = creators.ask("acquire", key="ada")
    channel = bench.only("Channel")
    assert made["arn"] == channel.arn
    assert channel.data["recordingConfigurationArn"] == bench.only("RecordingConfiguration").arn
    key = creators.ask("stream_key", key="ada")["streamKey"]
    assert key == bench.only("StreamKey").data["value"]
    answer = creators.ask("token", key="ada", viewerId="viewer-1")
    public = bench.only("PlaybackKeyPair").data["publicKeyMaterial"]
    assert verify(answer["token"], public, PlaybackClaims).channel_arn == channel.arn
    assert key not in bench.logs()
    assert "viewer-1" not in bench.logs()

    yield "destroy with members alive"
    bench.cloud.emulator.go_live(channel.arn, reconnects=True)
    bench.destroy(app)
    assert bench.resources("Channel") == []


SCENARIOS = (
    Scenario("a fleet of stages", _meeting_rooms),
    Scenario("a fleet of channels", _creator_channels),
    Scenario("playback tokens issued", _playback_issuer),
    Scenario("participant tokens issued", _participant_issuers),
    Scenario("composition starts by itself", _composition),
)
"""Every case."""
