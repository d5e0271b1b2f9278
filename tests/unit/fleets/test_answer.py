"""What a fleet answers, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ivs_constructs.fleets.function import answer, aws, verbs
from ivs_constructs.fleets.function.settings import CLAIM_TAG, FLEET_TAG, KEY_TAG, TEMPLATE_TAG
from ivs_constructs.testing.emulator.faults import Refuse, Reset, ServerError, Throttle
from tests.unit.fleets.conftest import ANSWERS, FLEET, TABLE, Cloud, Context


def code(reply: dict[str, Any]) -> str:
    found: str = reply["error"]["code"]
    return found


def asked(cloud: Cloud, verb: str, **request: object) -> tuple[dict[str, Any], int]:
    """Ask, and count the calls of AWS."""
    before = len(cloud.dynamodb.asked) + len(cloud.emulator.calls)
    reply = cloud.ask(verb, **request)
    return reply, len(cloud.dynamodb.asked) + len(cloud.emulator.calls) - before


def test_acquire_makes_a_stage_and_then_returns_it(cloud: Cloud) -> None:
    made, calls = asked(cloud, "acquire", key="room 1")
    again, calls_again = asked(cloud, "acquire", key="room 1")

    [stage] = cloud.members()
    assert made == {"arn": stage.arn, "endpoints": stage.data["endpoints"], "created": True}
    assert again == {**made, "created": False}
    assert calls <= 6
    assert calls_again == 1
    assert stage.data["name"] == "one"
    assert stage.tags["team"] == "video"
    assert "room 1" not in json.dumps(stage.tags)
    assert {CLAIM_TAG, KEY_TAG, TEMPLATE_TAG} < stage.tags.keys()


def test_get_and_touch_return_it_in_one_call(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    used = cloud.rows()[0]["used"]
    got, calls = asked(cloud, "get", key="a")

    assert cloud.rows()[0]["used"] == used
    touched, calls_of_touch = asked(cloud, "touch", key="a")
    assert cloud.rows()[0]["used"] != used
    assert got == touched == {"arn": made["arn"], "endpoints": made["endpoints"]}
    assert calls == calls_of_touch == 1


def test_acquire_makes_a_channel(cloud: Cloud) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")

    [channel] = cloud.members()
    assert made == {
        "arn": channel.arn,
        "playbackUrl": channel.data["playbackUrl"],
        "ingestEndpoint": channel.data["ingestEndpoint"],
        "created": True,
    }


def test_member_made_ahead_is_taken_in_three_calls(cloud: Cloud) -> None:
    cloud.deploy(ready=2)
    cloud.tend()
    ready = {each.arn for each in cloud.members()}
    reply, calls = asked(cloud, "acquire", key="a")

    assert len(ready) == 2
    assert reply["arn"] in ready
    assert calls <= 3
    assert len(cloud.rows()) == 2


@pytest.mark.parametrize("kind", ["stage", "channel"])
def test_none_made_ahead_takes_six_calls_at_most(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind, ready=2)
    assert asked(cloud, "acquire", key="a")[1] <= 6


def test_release_deletes_it(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")

    assert cloud.ask("release", key="a", arn=made["arn"]) == {"released": True, "deleted": True}
    assert cloud.members() == cloud.rows() == []
    assert cloud.fleet()["size"] == {"N": "0"}
    assert code(cloud.ask("get", key="a")) == "UnknownKey"
    assert code(cloud.ask("touch", key="a")) == "UnknownKey"
    assert code(cloud.ask("release", key="a", arn=made["arn"])) == "UnknownKey"


def test_release_spares_the_successor(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.ask("release", key="a", arn=made["arn"])
    successor = cloud.ask("acquire", key="a")

    assert code(cloud.ask("release", key="a", arn=made["arn"])) == "UnknownKey"
    assert cloud.ask("get", key="a")["arn"] == successor["arn"] != made["arn"]


def test_release_refuses_what_is_live_unless_forced(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.start_publishing(made["arn"])

    assert code(cloud.ask("release", key="a", arn=made["arn"])) == "InUse"
    assert cloud.ask("get", key="a")["arn"] == made["arn"]
    assert cloud.ask("release", key="a", arn=made["arn"], force=True)["deleted"]


def test_forced_release_takes_a_channel_off_the_air_for_good(cloud: Cloud) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")
    cloud.emulator.go_live(made["arn"], reconnects=True)

    assert code(cloud.ask("release", key="a", arn=made["arn"])) == "InUse"
    assert cloud.ask("release", key="a", arn=made["arn"], force=True)["deleted"]
    assert cloud.members() == []


def test_what_release_leaves_undone_is_done_by_tending(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("DeleteStage", Refuse("ConflictException"))
    reply = cloud.ask("release", key="a", arn=made["arn"])

    assert reply == {"released": True, "deleted": False}
    assert code(cloud.ask("get", key="a")) == "UnknownKey"
    assert len(cloud.members()) == 1
    cloud.tend()
    assert cloud.members() == cloud.rows() == []


def test_release_is_done_although_the_deletion_fails(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("DeleteStage", ServerError(), forever=True)

    assert cloud.ask("release", key="a", arn=made["arn"]) == {"released": True, "deleted": False}


def test_acquire_does_not_wait_for_ever_for_a_removal(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("DeleteStage", Refuse("ConflictException"))
    cloud.ask("release", key="a", arn=made["arn"])
    successor = cloud.ask("acquire", key="a")

    assert successor["arn"] != made["arn"]
    cloud.tend()
    assert [each.arn for each in cloud.members()] == [successor["arn"]]


def test_full(cloud: Cloud) -> None:
    cloud.deploy(max_size=1)
    cloud.ask("acquire", key="a")
    reply = cloud.ask("acquire", key="b")

    assert reply["error"]["size"] == 1
    assert code(reply) == "Full"
    assert len(cloud.rows()) == 1
    assert "created" in cloud.ask("acquire", key="a")


def test_quota_of_the_account(cloud: Cloud) -> None:
    cloud.emulator.set_quota("Stage", 0)

    assert code(cloud.ask("acquire", key="a")) == "QuotaReached"
    assert cloud.rows() == []
    assert cloud.fleet()["size"] == {"N": "0"}


def test_closed(cloud: Cloud) -> None:
    assert cloud.cloudformation("Delete")

    assert code(cloud.ask("acquire", key="a")) == "Closed"
    assert cloud.members() == cloud.rows() == []


def test_throttled_creates_end_in_busy_and_are_given_up(cloud: Cloud) -> None:
    cloud.emulator.faults.add("CreateStage", Throttle(), forever=True)
    began = cloud.time.now
    reply = cloud.ask("acquire", key="a")

    assert code(reply) == "Busy"
    assert reply["error"]["retryAfterSeconds"] >= 1
    assert cloud.time.now - began <= 25
    assert cloud.rows() == []
    cloud.emulator.faults.clear()
    assert cloud.ask("acquire", key="a")["created"]


def test_lost_create_is_busy_and_its_stage_is_nobodys(cloud: Cloud) -> None:
    cloud.emulator.faults.add("CreateStage", Reset(after_effect=True))

    assert code(cloud.ask("acquire", key="a")) == "Busy"
    [orphan] = cloud.members()
    member = cloud.ask("acquire", key="a")
    assert member["arn"] != orphan.arn
    cloud.tend()
    assert [each.arn for each in cloud.members()] == [member["arn"]]


def test_refused_create_fails_and_tells_nothing(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.emulator.faults.add("CreateStage", Refuse("AccessDeniedException", "role/secret"))
    with pytest.raises(answer.FleetError, match="see the log") as raised:
        cloud.ask("acquire", key="somebody@example.com")

    assert "role/secret" not in str(raised.value)
    written = capsys.readouterr().out
    assert "role/secret" in written
    assert "somebody" not in written
    assert cloud.rows() == []


def test_throttled_table(cloud: Cloud) -> None:
    refusal = json.dumps({"__type": "ProvisionedThroughputExceededException"}).encode()
    cloud.dynamodb.next = [(400, refusal)] * 3
    assert cloud.ask("acquire", key="a")["created"]

    cloud.dynamodb.next = [(400, refusal)] * 1000
    assert code(cloud.ask("acquire", key="a")) == "Busy"
    cloud.dynamodb.next = [(500, b"{}"), (0, b"")]
    assert not cloud.ask("acquire", key="a")["created"]


def test_denied_table(cloud: Cloud) -> None:
    refusal = json.dumps({"__type": "AccessDeniedException", "message": "no"}).encode()
    cloud.dynamodb.next = [(400, refusal)]
    with pytest.raises(answer.FleetError):
        cloud.ask("get", key="a")


def test_reservation_that_fails_gives_the_claim_up(cloud: Cloud) -> None:
    refusal = json.dumps({"__type": "ValidationException"}).encode()

    real = aws.send
    seen: list[str] = []

    def send(call: Any) -> Any:  # noqa: ANN401 (a call)
        seen.append(call.operation)
        if seen == ["UpdateItem", "PutItem", "UpdateItem"]:
            cloud.dynamodb.next = [(400, refusal)]
        return real(call)

    cloud.monkeypatch.setattr(aws, "send", send)
    with pytest.raises(answer.FleetError):
        cloud.ask("acquire", key="a")
    assert cloud.rows() == []


def test_turns_are_one_after_the_other(cloud: Cloud) -> None:
    # Others have taken all turns of the next minute.
    cloud.dynamodb.asked.clear()
    table = cloud.fleet()
    later = f"{cloud.time.now + 60:.3f}"
    cloud.client("dynamodb").put_item(TableName=TABLE, Item={**table, "next": {"N": later}})
    reply = cloud.ask("acquire", key="a")

    assert code(reply) == "Busy"
    assert reply["error"]["retryAfterSeconds"] >= 30
    assert cloud.rows() == []

    cloud.client("dynamodb").put_item(
        TableName=TABLE, Item={**table, "next": {"N": f"{cloud.time.now + 5:.3f}"}}
    )
    began = cloud.time.now
    assert cloud.ask("acquire", key="a")["created"]
    assert cloud.time.now - began >= 4.9


def test_another_claim_is_waited_for(cloud: Cloud) -> None:
    cloud.emulator.faults.add("CreateStage", Reset(after_effect=True))

    # The function dies before it gives the claim up.
    real = aws.send

    def dies(call: Any) -> Any:  # noqa: ANN401 (a call)
        if call.operation == "TransactWriteItems":
            raise KeyboardInterrupt
        return real(call)

    cloud.monkeypatch.setattr(aws, "send", dies)
    with pytest.raises(KeyboardInterrupt):
        cloud.ask("acquire", key="a")
    cloud.monkeypatch.setattr(aws, "send", real)
    began = cloud.time.now

    assert code(cloud.ask("acquire", key="a")) == "Busy"
    assert cloud.time.now - began <= 25
    assert code(cloud.ask("get", key="a")) == "UnknownKey"
    cloud.time.now += 60
    assert cloud.ask("acquire", key="a")["created"]


def test_stream_key(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")
    reply = cloud.ask("stream_key", key="a")

    [key] = cloud.emulator.resources("StreamKey")
    value = key.data["value"]
    assert reply == {
        "arn": made["arn"],
        "streamKey": value,
        "ingestEndpoint": made["ingestEndpoint"],
    }
    for verb in ("acquire", "get", "touch", "list"):
        request = {} if verb == "list" else {"key": "a"}
        assert value not in json.dumps(cloud.ask(verb, **request))
    assert value not in json.dumps(cloud.rows())
    assert value not in capsys.readouterr().out


def test_stream_key_that_was_reset_is_found(cloud: Cloud) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")
    ivs = cloud.client("ivs")
    [key] = cloud.emulator.resources("StreamKey")
    ivs.delete_stream_key(arn=key.arn)

    assert code(cloud.ask("stream_key", key="a")) == "UnknownKey"
    another = ivs.create_stream_key(channelArn=made["arn"])["streamKey"]["value"]
    assert cloud.ask("stream_key", key="a")["streamKey"] == another


def test_stream_key_that_goes_while_it_is_read(cloud: Cloud) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("GetStreamKey", Refuse("ResourceNotFoundException"))
    assert code(cloud.ask("stream_key", key="a")) == "UnknownKey"
    cloud.emulator.faults.add("GetStreamKey", Refuse("AccessDeniedException"))
    with pytest.raises(answer.FleetError):
        cloud.ask("stream_key", key="a")
    cloud.client("ivs").delete_channel(arn=made["arn"])
    assert code(cloud.ask("stream_key", key="a")) == "UnknownKey"
    cloud.emulator.faults.add("ListStreamKeys", Refuse("AccessDeniedException"))
    with pytest.raises(answer.FleetError):
        cloud.ask("stream_key", key="a")


def test_reset_replaces_the_stream_key(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.deploy("channel")
    made = cloud.ask("acquire", key="a")
    first = cloud.ask("stream_key", key="a")
    reply = cloud.ask("reset_stream_key", key="a")

    [key] = cloud.emulator.resources("StreamKey")
    assert reply == {**first, "streamKey": key.data["value"]}
    assert reply["streamKey"] != first["streamKey"]
    # With the fleet's tag: the function may use no others.
    assert key.tags == {FLEET_TAG: FLEET}
    assert cloud.ask("stream_key", key="a") == reply
    assert reply["streamKey"] not in json.dumps(cloud.rows()) + capsys.readouterr().out
    # A broadcast that has begun goes on unless the request says otherwise.
    cloud.emulator.go_live(made["arn"], reconnects=True)
    cloud.ask("reset_stream_key", key="a")
    assert cloud.client("ivs").get_stream(channelArn=made["arn"])["stream"]["state"] == "LIVE"
    last = cloud.ask("reset_stream_key", key="a", stop=True)
    # It ends some seconds later, and an encoder with the former key cannot reconnect.
    shown = [cloud.client("ivs").list_streams()["streams"] for _ in range(9)]
    assert shown[-1] == []
    assert cloud.ask("reset_stream_key", key="a", stop=True)["streamKey"] != last["streamKey"]


def test_reset_creates_a_stream_key_where_none_is_left(cloud: Cloud) -> None:
    cloud.deploy("channel")
    cloud.ask("acquire", key="a")
    # As after a reset that failed half-way.
    [key] = cloud.emulator.resources("StreamKey")
    cloud.client("ivs").delete_stream_key(arn=key.arn)
    reply = cloud.ask("reset_stream_key", key="a")
    assert cloud.ask("stream_key", key="a") == reply


def test_reset_whose_answer_is_lost_reads_what_it_created(cloud: Cloud) -> None:
    cloud.deploy("channel")
    cloud.ask("acquire", key="a")
    first = cloud.ask("stream_key", key="a")["streamKey"]
    cloud.emulator.faults.add("CreateStreamKey", Reset(after_effect=True))
    reply = cloud.ask("reset_stream_key", key="a")
    [key] = cloud.emulator.resources("StreamKey")
    assert first != reply["streamKey"] == key.data["value"]


def test_reset_never_returns_the_key_that_it_replaces(cloud: Cloud) -> None:
    """Amazon IVS may count and show a key that was just deleted."""
    cloud.deploy("channel")
    cloud.ask("acquire", key="a")
    real = aws.send

    def lags(call: Any) -> Any:  # noqa: ANN401 (an answer)
        return {} if call.operation == "DeleteStreamKey" else real(call)

    cloud.monkeypatch.setattr(aws, "send", lags)
    assert code(cloud.ask("reset_stream_key", key="a")) == "Busy"


@pytest.mark.parametrize(
    ("operation", "refused", "expected"),
    [
        ("CreateStreamKey", "ThrottlingException", "Busy"),
        ("CreateStreamKey", "ResourceNotFoundException", "UnknownKey"),
        ("DeleteStreamKey", "ThrottlingException", "Busy"),
    ],
)
def test_reset_that_fails_can_be_repeated(
    cloud: Cloud, operation: str, refused: str, expected: str
) -> None:
    cloud.deploy("channel")
    cloud.ask("acquire", key="a")
    first = cloud.ask("stream_key", key="a")["streamKey"]
    cloud.emulator.faults.add(operation, Refuse(refused), forever=True)
    assert code(cloud.ask("reset_stream_key", key="a")) == expected
    cloud.emulator.faults.clear()
    assert cloud.ask("reset_stream_key", key="a")["streamKey"] != first


def test_reset_refuses_what_is_not_there(cloud: Cloud) -> None:
    cloud.deploy("channel")
    assert code(cloud.ask("reset_stream_key", key="a")) == "UnknownKey"
    cloud.ask("acquire", key="a")
    for verb, stop, wrong in (("reset_stream_key", "yes", "stop"), ("stream_key", True, "request")):
        assert cloud.ask(verb, key="a", stop=stop)["error"]["field"] == wrong


def test_list_shows_all_members_page_by_page(cloud: Cloud) -> None:
    cloud.monkeypatch.setattr(verbs, "PAGE", 2)
    arns = {cloud.ask("acquire", key=key)["arn"] for key in "abc"}
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {}
    while True:
        reply = cloud.ask("list", **page)
        found += reply["members"]
        if "nextPage" not in reply:
            break
        page = {"page": reply["nextPage"]}

    assert {each["arn"] for each in found} == arns
    assert sorted(each["key"] for each in found) == ["a", "b", "c"]
    assert all(each["usedAt"].startswith("2027-01-15T08:") for each in found)


@pytest.mark.parametrize(
    "page",
    [
        7,
        "",
        "no page",
        base64.urlsafe_b64encode(b"{").decode(),
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b'{"pk": {"S": "a"}}').decode(),
        base64.urlsafe_b64encode(b'{"pk": {"S": ""}, "sk": {"S": "b"}}').decode(),
        base64.urlsafe_b64encode(b'{"pk": {"S": "a"}, "sk": {"S": "b"}, "x": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b'{"pk": {"S": "\\ud800"}, "sk": {"S": "b"}}').decode(),
        base64.urlsafe_b64encode(
            f'{{"pk": {{"S": "{"a" * 1025}"}}, "sk": {{"S": "b"}}}}'.encode()
        ).decode(),
    ],
)
def test_pages_that_nobody_was_given(cloud: Cloud, page: object) -> None:
    assert code(cloud.ask("list", page=page)) == "InvalidRequest"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({}, "key"),
        ({"key": None}, "key"),
        ({"key": 7}, "key"),
        ({"key": ""}, "key"),
        ({"key": "x" * 257}, "key"),
        ({"key": "\ud83c"}, "key"),
        ({"key": "a", "kye": "b"}, "request"),
    ],
)
@pytest.mark.parametrize("verb", ["acquire", "get", "touch"])
def test_wrong_requests_change_nothing(
    cloud: Cloud, verb: str, request_: dict[str, Any], field: str
) -> None:
    before = list(cloud.dynamodb.asked)
    reply = cloud.ask(verb, **request_)

    assert code(reply) == "InvalidRequest"
    assert reply["error"]["field"] == field
    assert cloud.dynamodb.asked == before


@pytest.mark.parametrize("key", ["x" * 256, "\N{PARTY POPPER}" * 256, "\0", " ", "../..", "key#a"])
def test_any_text_is_a_key(cloud: Cloud, key: str) -> None:
    made = cloud.ask("acquire", key=key)
    assert cloud.ask("get", key=key)["arn"] == made["arn"]
    assert cloud.ask("list")["members"][0]["key"] == key


def test_wrong_releases(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    assert code(cloud.ask("release", key="a")) == "InvalidRequest"
    assert code(cloud.ask("release", key="a", arn=made["arn"], force="yes")) == "InvalidRequest"
    assert code(cloud.ask("release", key="b", arn=made["arn"])) == "UnknownKey"
    assert cloud.ask("get", key="a")["arn"] == made["arn"]


@pytest.mark.parametrize("event", [None, [], "acquire", 7])
@pytest.mark.usefixtures("cloud")
def test_requests_that_are_no_objects(event: object) -> None:
    assert code(answer.handler(event, Context(f"{ANSWERS}:get"))) == "InvalidRequest"


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":other", ":7", ":token", ":stream_key"])
def test_function_trusts_only_the_alias_it_was_invoked_by(cloud: Cloud, qualifier: str) -> None:
    with pytest.raises(answer.FleetError, match="alias of a verb"):
        answer.handler({"key": "a", "verb": "acquire"}, Context(f"{ANSWERS}{qualifier}"))
    assert cloud.members() == []


def test_who_may_get_cannot_acquire(cloud: Cloud) -> None:
    for event in ({"key": "a"}, {"key": "a", "verb": "acquire"}, {"acquire": {"key": "a"}}):
        assert "error" in answer.handler(event, Context(f"{ANSWERS}:get"))
    assert cloud.members() == []


@pytest.mark.parametrize(
    "key",
    [
        "#",
        "key#a",
        "fleet",
        "ready",
        "own",
        "-",
        "\0",
        "a\0b",
        "\n",
        " ",
        "\u2028",
        "é",
        "e\u0301",
        "\U0001f3a5",
        "\U0001f3a5" * 256,
        "x" * 256,
        "%23",
        "${AWS::StackId}",
    ],
)
def test_keys_of_any_text_are_told_apart(cloud: Cloud, key: str) -> None:
    """Also from what the table calls its other rows."""
    made = cloud.ask("acquire", key=key)
    other = cloud.ask("acquire", key="another")

    assert made["created"]
    assert cloud.ask("get", key=key)["arn"] == made["arn"] != other["arn"]
    listed = {each["key"]: each["arn"] for each in cloud.ask("list")["members"]}
    assert listed == {key: made["arn"], "another": other["arn"]}
    assert cloud.ask("release", key=key, arn=made["arn"])["deleted"]
    assert code(cloud.ask("get", key=key)) == "UnknownKey"


@pytest.mark.parametrize("key", ["", "x" * 257, "\ud800", "a\udfff", None, 7, ["a"], {"S": "a"}])
def test_keys_that_are_none(cloud: Cloud, key: object) -> None:
    assert code(cloud.ask("acquire", key=key)) == "InvalidRequest"
    assert cloud.members() == cloud.rows() == []
