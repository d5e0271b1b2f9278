"""Create, update, replace, roll back and delete: nothing leaks, doubles or is lost."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from ivs_constructs.testing.emulator import (
    Call,
    Emulator,
    FaultKind,
    Refuse,
    Reset,
    ServerError,
    Throttle,
)

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import index, lifecycle
    from ivs_constructs._lambda.ivs_handler.specs import CUSTOM_RESOURCES
    from tests.unit.handler.conftest import CloudFormation, Stack
else:
    from ivs_handler import index, lifecycle
    from ivs_handler.specs import CUSTOM_RESOURCES

from tests.unit.handler.conftest import BEGAN, Context, Countdown

# boto3 ships no types.
Untyped = Any

AMBIGUOUS: list[FaultKind] = [
    ServerError(after_effect=True),
    ServerError(),
    Reset(after_effect=True),
    Reset(),
    Throttle(),
]
CREATES = {
    "Custom::IVSStage": {"Name": "a"},
    "Custom::IVSEncoderConfiguration": {"Video": {"Width": "1280", "Height": "720"}},
    "Custom::IVSStorageConfiguration": {"S3": {"BucketName": "recordings"}},
    "Custom::IVSIngestConfiguration": {"IngestProtocol": "RTMPS", "Attributes": {"a": "b"}},
    "Custom::IVSFailoverSlateConfiguration": {"MinSlateDisplaySeconds": "4"},
}
Operations = Callable[[], list[str]]

STACK_TAG = "ivs-constructs:stack"
LOGICAL_TAG = "ivs-constructs:logical"
ID_TAG = "ivs-constructs:id"
REQUEST_TAG = "ivs-constructs:request"


def arns(emulator: Emulator) -> list[str]:
    return [each.arn for each in emulator.resources()]


def tags_like(stack: Stack, **other: str) -> dict[str, str]:
    """The tags of the stack's resource, or others."""
    own = {
        STACK_TAG: stack.delivered["StackId"],
        LOGICAL_TAG: stack.logical_id,
        ID_TAG: stack.physical_id,
        REQUEST_TAG: "request-0",
    }
    return {**own, **{f"ivs-constructs:{name}": value for name, value in other.items()}}


@pytest.mark.parametrize(("kind", "properties"), CREATES.items())
def test_whole_life(
    stack: Stack, emulator: Emulator, kind: str, properties: dict[str, Any]
) -> None:
    stack.type = kind

    made = stack.create(**properties, Tags=[{"Key": "team", "Value": "live"}])
    [resource] = emulator.resources()
    updated = stack.update(properties, **properties)

    assert made["Status"] == "SUCCESS", made
    assert made["PhysicalResourceId"] == updated["PhysicalResourceId"]
    assert made["PhysicalResourceId"].startswith("ivsc1-")
    assert made["Data"]["Arn"] == updated["Data"]["Arn"] == resource.arn
    assert resource.tags == {
        "team": "live",
        STACK_TAG: stack.delivered["StackId"],
        LOGICAL_TAG: "R",
        ID_TAG: resource.tags[ID_TAG],
        REQUEST_TAG: "request-1",
    }
    assert made["PhysicalResourceId"].split(":") == [
        resource.tags[ID_TAG].split(" ")[0],
        resource.arn.rpartition("/")[2],
    ]
    assert stack.delete(**properties)["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_values_reach_the_api_with_their_types(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"

    video = {"Width": "640", "Height": "360", "Framerate": "29.97", "Bitrate": "1000000"}
    stack.create(Name="e", Video=video)

    [encoder] = emulator.resources()
    assert encoder.data["video"] == {
        "width": 640,
        "height": 360,
        "framerate": 29.97,
        "bitrate": 1_000_000,
    }


def test_stage_has_its_endpoints(stack: Stack, emulator: Emulator) -> None:
    data = stack.create()["Data"]

    [stage] = emulator.resources()
    endpoints = stage.data["endpoints"]
    assert data == {
        "Arn": stage.arn,
        "ActiveSessionId": "",
        "EventsEndpoint": endpoints["events"],
        "WhipEndpoint": endpoints["whip"],
        "RtmpEndpoint": endpoints["rtmp"],
        "RtmpsEndpoint": endpoints["rtmps"],
    }


def test_ingest_shows_no_stream_key(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSIngestConfiguration"

    reply = stack.create(IngestProtocol="RTMPS", RedundantIngest="true")

    [ingest] = emulator.resources()
    assert reply["Data"] == {"Arn": ingest.arn, "ParticipantId": ingest.data["participantId"]}
    assert ingest.data["streamKey"] not in str(reply)


def test_attribute_behind_a_missing_member_is_empty() -> None:
    [stage] = [each for each in CUSTOM_RESOURCES if each.name == "Stage"]

    assert lifecycle._outputs(stage, {"arn": "x"})["WhipEndpoint"] == ""


# Create


@pytest.mark.parametrize(("kind", "properties"), CREATES.items())
@pytest.mark.parametrize("fault", AMBIGUOUS, ids=str)
def test_ambiguous_create_is_resolved_by_listing(
    stack: Stack, emulator: Emulator, kind: str, properties: dict[str, Any], fault: FaultKind
) -> None:
    stack.type = kind
    emulator.faults.add(kind.replace("Custom::IVS", "Create"), fault)

    reply = stack.create(**properties)

    assert reply["Status"] == "SUCCESS", reply
    assert arns(emulator) == [reply["Data"]["Arn"]]


@pytest.mark.parametrize("fault", AMBIGUOUS, ids=str)
def test_create_that_never_answers_ends_and_leaves_what_delete_sweeps(
    stack: Stack, emulator: Emulator, operations: Operations, fault: FaultKind
) -> None:
    emulator.faults.add("CreateStage", fault, forever=True)

    reply = stack.create()

    effect = getattr(fault, "after_effect", False)
    assert reply["Status"] == ("SUCCESS" if effect else "FAILED")
    assert reply["PhysicalResourceId"].startswith("ivsc1-")
    if not isinstance(fault, Throttle):
        # Sent once a round, never again by the SDK, and never again if it can be found.
        assert operations().count("CreateStage") == (1 if effect else lifecycle.ROUNDS)
    assert stack.delete()["Status"] == "SUCCESS"
    assert emulator.resources() == []


@pytest.mark.parametrize(
    "code", ["ValidationException", "ServiceQuotaExceededException", "PendingVerification"]
)
def test_refused_create_is_told_at_once(
    stack: Stack, emulator: Emulator, operations: Operations, code: str
) -> None:
    emulator.faults.add("CreateStage", Refuse(code, "because of the moon"), forever=True)

    reply = stack.create()

    assert reply["Status"] == "FAILED"
    assert "because of the moon" in reply["Reason"]
    assert code in reply["Reason"]
    assert "Stage 'App/Live/It'" in reply["Reason"]
    assert operations().count("CreateStage") == 1
    assert stack.delete()["Status"] == "SUCCESS"


@pytest.mark.parametrize("lag", [1, 2])
def test_list_may_lag_after_an_ambiguous_create(
    stack: Stack, emulator: Emulator, operations: Operations, lag: int
) -> None:
    emulator.list_lag = lag
    emulator.faults.add("CreateStage", Reset(after_effect=True))

    reply = stack.create()

    assert operations().count("CreateStage") == 1
    assert arns(emulator) == [reply["Data"]["Arn"]]


def test_delete_finds_what_is_listed_late(stack: Stack, emulator: Emulator) -> None:
    stack.create()
    emulator.list_lag = 2

    stack.delete()

    assert emulator.resources() == []


def test_delete_finds_what_was_replaced_shortly_before(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    stack.create(Name="a")
    stack.update({"Name": "a"}, Name="b")
    emulator.list_lag = 1000

    assert stack.delete(Name="b")["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_delete_waits_for_what_is_made_meanwhile(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    first = stack.create()
    [made] = emulator.resources()

    def make(call: Call) -> None:
        # A duplicate of the Create; nobody else removes what it makes.
        if call.operation == "DeleteStage":
            forget()
            words = made.tags[ID_TAG].split(" ")
            at = datetime.fromisoformat(BEGAN).timestamp() + 5
            tags = {**made.tags, ID_TAG: f"{words[0]} another {at}"}
            realtime.create_stage(tags=tags)

    realtime.create_stage(tags={**made.tags, ID_TAG: f"{made.tags[ID_TAG].split(' ')[0]} x 1.0"})
    forget = emulator.on_call(make)

    assert stack.delete()["Status"] == "SUCCESS"
    assert first["Data"]["Arn"] not in arns(emulator)
    assert emulator.resources() == []


@pytest.mark.parametrize("shown", ["", "R-1J0XQ8ZB4K2M"])
def test_delete_with_an_invented_id_that_is_not_shown(
    stack: Stack, emulator: Emulator, shown: str
) -> None:
    stack.create()
    stack.cloudformation.shown = ("DELETE_IN_PROGRESS", shown)

    assert stack.delete("R-1J0XQ8ZB4K2M")["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_resource_that_is_listed_although_it_is_gone_is_not_adopted(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    first = stack.create()["Data"]["Arn"]
    for _ in range(3):
        realtime.list_stages()
    emulator.list_lag = 2
    realtime.delete_stage(arn=first)
    assert [each["arn"] for each in realtime.list_stages()["stages"]] == [first]

    second = stack.create()["Data"]["Arn"]

    assert arns(emulator) == [second]


def test_duplicate_adopts(stack: Stack, emulator: Emulator, cloudformation: CloudFormation) -> None:
    first = stack.create(Name="a")
    cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    second = stack.deliver(stack.delivered)

    assert second["Data"] == first["Data"]
    assert len(emulator.resources()) == 1


def test_adoption_looks_at_all_pages(stack: Stack, emulator: Emulator, realtime: Untyped) -> None:
    for _ in range(60):
        realtime.create_stage()
    stack.create()
    stack.cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    stack.deliver(stack.delivered)

    assert len(emulator.resources()) == 61


# Several deliveries


def another(stack: Stack, realtime: Untyped, *former: str) -> str:
    """What a duplicate makes; tells its physical id."""
    mark = stack.physical_id.partition(":")[0]
    tags = tags_like(stack) | {ID_TAG: " ".join([mark, "twin", "0", *former])}
    arn: str = realtime.create_stage(tags=tags)["stage"]["arn"]
    return f"{mark}:{arn.rpartition('/')[2]}"


def test_what_lost_is_removed_by_who_made_it(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    stack.create()
    stack.delete()
    twins: list[str] = []

    def twin(call: Call) -> None:
        # The duplicate makes its stage while this one is about to, and is answered first.
        if call.operation == "CreateStage":
            forget()
            twins.append(another(stack, realtime))
            stack.cloudformation.shown = ("CREATE_COMPLETE", twins[0])

    forget = emulator.on_call(twin)
    stack.create()

    [left] = emulator.resources()
    assert left.arn.endswith(twins[0].partition(":")[2])


def test_twin_that_made_it_meanwhile_is_adopted(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    def twin(call: Call) -> None:
        if call.operation == "CreateStage":
            forget()
            tags = {**cast("dict[str, str]", call.parameters["tags"])}
            tags[ID_TAG] = tags[ID_TAG].replace(tags[ID_TAG].split(" ")[1], "another")
            realtime.create_stage(tags=tags)

    def is_own(call: Call) -> bool:
        return call.operation == "CreateStage" and "another" not in str(call.parameters["tags"])

    forget = emulator.on_call(twin)
    emulator.faults.add(is_own, ServerError())

    reply = stack.create()

    assert arns(emulator) == [reply["Data"]["Arn"]]


def test_try_after_a_kill_knows_what_it_created_itself(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    own = stack.create()["Data"]["Arn"]
    # The process was killed before it replied, and a duplicate created one that comes first.
    [made] = emulator.resources()
    mark, nonce, *_ = made.tags[ID_TAG].split(" ")
    tags = {**made.tags, ID_TAG: made.tags[ID_TAG].replace(nonce, "twin")}
    twin = ""
    while not twin or twin > own:
        if twin:
            realtime.delete_stage(arn=twin)
        twin = realtime.create_stage(tags=tags)["stage"]["arn"]
    stack.cloudformation.shown = ("CREATE_IN_PROGRESS", "")

    def answered() -> None:
        stack.cloudformation.shown = ("CREATE_COMPLETE", f"{mark}:{twin.rpartition('/')[2]}")

    stack.cloudformation.on_reply = answered
    stack.retry()

    assert arns(emulator) == [twin]


def test_lost_answer_is_waited_for_although_a_twin_is_listed(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    emulator.list_lag = 2

    def twin(call: Call) -> None:
        if call.operation == "CreateStage":
            forget()
            tags = {**cast("dict[str, str]", call.parameters["tags"])}
            tags[ID_TAG] = tags[ID_TAG].replace(tags[ID_TAG].split(" ")[1], "another")
            realtime.create_stage(tags=tags)
            for _ in range(3):
                realtime.list_stages()

    def is_own(call: Call) -> bool:
        return call.operation == "CreateStage" and "another" not in str(call.parameters["tags"])

    forget = emulator.on_call(twin)
    emulator.faults.add(is_own, Reset(after_effect=True))
    reply = stack.create()

    [own] = [each for each in emulator.resources() if "another" not in each.tags[ID_TAG]]
    assert reply["Data"]["Arn"] == own.arn


def test_nobody_says_whose_reply_was_taken(stack: Stack, emulator: Emulator) -> None:
    def fall_silent() -> None:
        stack.cloudformation.describes = [(403, "AccessDenied")] * 1000

    stack.cloudformation.on_reply = fall_silent

    reply = stack.create()

    assert arns(emulator) == [reply["Data"]["Arn"]]


def test_whose_reply_was_taken_is_not_shown_in_time(stack: Stack, emulator: Emulator) -> None:
    def show_nothing_new() -> None:
        stack.cloudformation.shown = ("CREATE_IN_PROGRESS", "")

    stack.cloudformation.on_reply = show_nothing_new

    reply = stack.create()

    assert arns(emulator) == [reply["Data"]["Arn"]]


def test_what_lost_and_cannot_be_removed_is_logged(
    stack: Stack, emulator: Emulator, realtime: Untyped, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.create()
    winner = another(stack, realtime)

    def take_another() -> None:
        stack.cloudformation.shown = ("CREATE_COMPLETE", winner)

    stack.cloudformation.on_reply = take_another
    emulator.faults.add("DeleteStage", Refuse("ValidationException"))
    stack.create()

    assert '"operation": "confirm"' in capsys.readouterr().out
    assert len(emulator.resources()) == 3


MOVED_ON: list[tuple[str, str] | None] = [
    None,
    ("DELETE_IN_PROGRESS", ""),
    ("DELETE_COMPLETE", ""),
    ("CREATE_FAILED", "R-1J0XQ8ZB4K2M"),
]


@pytest.mark.parametrize("shown", MOVED_ON)
def test_create_that_takes_place_too_late_is_undone(
    stack: Stack, emulator: Emulator, shown: tuple[str, str] | None
) -> None:
    def move_on(call: Call) -> None:
        if call.operation == "CreateStage":
            stack.cloudformation.shown = shown

    emulator.on_call(move_on)
    stack.create()

    assert emulator.resources() == []


def test_what_was_answered_and_then_replaced_stays(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    def replace(call: Call) -> None:
        # The next Update is done before this one asks whose reply was taken.
        if call.operation == "CreateStage" and not seen:
            seen.append(call.operation)
            stack.cloudformation.on_reply = answered

    def answered() -> None:
        stack.physical_id = stack.cloudformation.replies[-1]["PhysicalResourceId"]
        newer = another(stack, realtime, stack.physical_id)
        stack.cloudformation.shown = ("UPDATE_COMPLETE", newer)

    seen: list[str] = []
    emulator.on_call(replace)
    reply = stack.create()

    assert reply["Data"]["Arn"] in arns(emulator)
    assert len(arns(emulator)) == 2


@pytest.mark.parametrize("copies", [0, 1])
def test_what_a_killed_try_made_is_removed_by_the_next_one(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
    copies: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_confirm", lambda *_, **__: None)
        stack.create()
    [made] = emulator.resources()
    for _ in range(copies):
        realtime.create_stage(tags=made.tags)
    # Another delivery was answered first.
    stack.cloudformation.shown = ("CREATE_COMPLETE", another(stack, realtime))

    stack.retry()

    # Of two that look alike nobody knows which one is whose.
    assert len(arns(emulator)) == 1 + 2 * copies


def test_duplicates_at_the_same_time_leave_what_was_answered_first(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation
) -> None:
    together = threading.Barrier(3)

    def wait(call: Call) -> None:
        if call.operation == "CreateStage":
            together.wait(5)

    emulator.on_call(wait)
    cloudformation.shown = ("CREATE_IN_PROGRESS", "")
    event = stack.event("Create", {})
    twins = [
        threading.Thread(target=index.handler, args=(event, Context(300, str(turn))))
        for turn in range(3)
    ]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join(20)

    assert arns(emulator) == [cloudformation.replies[0]["Data"]["Arn"]]


# Update


def test_update_touches_nothing_that_only_looks_like_its_own(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    own = stack.create()["Data"]["Arn"]
    [made] = emulator.resources()
    for _ in range(4):
        realtime.create_stage(tags=made.tags)
    before = [each for each in emulator.resources() if each.arn != own]

    reply = stack.update({}, Name="b")

    assert reply["Data"]["Arn"] == own
    assert [each for each in emulator.resources() if each.arn != own] == before


def test_update_converges_and_clears(stack: Stack, realtime: Untyped) -> None:
    storage = realtime.create_storage_configuration(s3={"bucketName": "recordings"})
    arn = storage["storageConfiguration"]["arn"]
    recording = {
        "StorageConfigurationArn": arn,
        "MediaTypes": ["AUDIO_ONLY"],
        "RecordParticipantReplicas": "false",
        "HlsConfiguration": {
            "ParticipantRecordingHlsConfiguration": {"TargetSegmentDurationSeconds": "3"}
        },
        "ThumbnailConfiguration": {
            "ParticipantThumbnailConfiguration": {
                "RecordingMode": "INTERVAL",
                "TargetIntervalSeconds": "9",
            }
        },
    }
    full = {"Name": "a", "AutoParticipantRecordingConfiguration": recording}
    stack.create(**full)
    plain = realtime.create_stage()["stage"]["autoParticipantRecordingConfiguration"]

    def now() -> dict[str, Any]:
        return dict(realtime.get_stage(arn=stack_arn)["stage"])

    stack_arn = realtime.list_stages()["stages"][0]["arn"]
    assert now()["autoParticipantRecordingConfiguration"]["mediaTypes"] == ["AUDIO_ONLY"]
    less = {"AutoParticipantRecordingConfiguration": {"StorageConfigurationArn": arn}}
    stack.update(full, **less)
    assert now()["name"] == ""
    assert now()["autoParticipantRecordingConfiguration"] == {
        **plain,
        "storageConfigurationArn": arn,
    }
    stack.update(less, Name="b")
    assert now()["name"] == "b"
    assert now()["autoParticipantRecordingConfiguration"] == plain


def test_update_of_nothing_notes_the_request_alone(
    stack: Stack, operations: Operations, emulator: Emulator
) -> None:
    stack.create(Name="a")
    before = len(emulator.calls)

    stack.update({"Name": "a"}, Name="a")

    assert operations()[before:] == ["GetStage", "TagResource"]
    tags: Any = emulator.calls[-1].parameters["tags"]
    assert set(tags) == {REQUEST_TAG}


def test_update_sets_tags_of_the_user_only(
    stack: Stack,
    emulator: Emulator,
) -> None:
    both = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    stack.create(Tags=both)

    def users() -> dict[str, str]:
        [stage] = emulator.resources()
        own = {key for key in stage.tags if key.startswith("ivs-constructs:")}
        assert own == {STACK_TAG, LOGICAL_TAG, ID_TAG, REQUEST_TAG}
        return {key: value for key, value in stage.tags.items() if key not in own}

    stack.update({"Tags": both}, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}])

    assert users() == {"b": "2", "c": "3"}
    stack.update({})
    assert users() == {}


def test_duplicate_of_what_was_rolled_back_changes_nothing(
    stack: Stack, emulator: Emulator
) -> None:
    a, b = {"Name": "a"}, {"Name": "b", "Tags": [{"Key": "k", "Value": "v"}]}
    stack.create(**a)
    stack.update(a, **b)
    rolled_back = stack.delivered
    stack.update(b, **a)
    rollback = stack.delivered
    before = emulator.resources()
    # The rollback has not been answered: the same is shown as while the Update was waited for.
    stack.cloudformation.shown = ("UPDATE_IN_PROGRESS", stack.physical_id)

    assert STALE in stack.deliver(rolled_back)["Reason"]
    stack.cloudformation.shown = ("UPDATE_IN_PROGRESS", stack.physical_id)
    assert stack.deliver(rollback)["Status"] == "SUCCESS"
    assert emulator.resources() == before
    assert before[0].data["name"] == "a"


def test_requests_that_are_remembered_fit_into_a_tag(stack: Stack, emulator: Emulator) -> None:
    stack.create(Name="0")
    ids: list[str] = []
    for turn in range(1, 10):
        ids.insert(0, str(uuid.uuid4()))
        stack.cloudformation.shown = ("UPDATE_IN_PROGRESS", stack.physical_id)
        event = stack.event("Update", {"Name": str(turn)}, RequestId=ids[0])
        assert stack.deliver(event)["Status"] == "SUCCESS"
        [stage] = emulator.resources()
        remembered = stage.tags[REQUEST_TAG]
        assert remembered.split()[: turn + 1][:6] == [*ids, "request-1"][:6]
        assert len(remembered) <= 256


@pytest.mark.parametrize("tag", [None, "", "what somebody wrote", "x" * 256, "x " * 128])
def test_requests_that_somebody_forgot_do_not_hinder(
    stack: Stack, emulator: Emulator, realtime: Untyped, tag: str | None
) -> None:
    arn = stack.create(Name="a")["Data"]["Arn"]
    if tag is None:
        realtime.untag_resource(resourceArn=arn, tagKeys=[REQUEST_TAG])
    else:
        realtime.tag_resource(resourceArn=arn, tags={REQUEST_TAG: tag})

    assert stack.update({"Name": "a"}, Name="b")["Status"] == "SUCCESS"
    [stage] = emulator.resources()
    assert stage.data["name"] == "b"
    assert stage.tags[REQUEST_TAG].split()[0] == "request-2"


@pytest.mark.parametrize("began", [None, "2026-11-29T00:00:09Z"])
def test_update_that_is_overtaken_while_it_waits_stops(
    stack: Stack, emulator: Emulator, began: str | None
) -> None:
    stack.create(Name="a")
    # Until the fifth attempt so much time passes that CloudFormation is asked again.
    for nth in range(1, 6):
        emulator.faults.add("TagResource", Throttle(), nth=nth)

    def move_on(call: Call) -> None:
        if call.operation == "TagResource":
            if began:
                stack.cloudformation.began = began
            else:
                stack.cloudformation.shown = ("UPDATE_COMPLETE", stack.physical_id)

    emulator.on_call(move_on)
    reply = stack.update({"Name": "a"}, Name="b")

    assert STALE in reply["Reason"]
    [stage] = emulator.resources()
    assert stage.data["name"] == "a"


def test_create_that_is_overtaken_while_it_waits_makes_nothing(
    stack: Stack, emulator: Emulator
) -> None:
    for nth in range(1, 6):
        emulator.faults.add("CreateStage", Throttle(), nth=nth)

    def move_on(call: Call) -> None:
        if call.operation == "CreateStage":
            stack.cloudformation.shown = ("CREATE_FAILED", "R-1J0XQ8ZB4K2M")

    emulator.on_call(move_on)

    assert STALE in stack.create()["Reason"]
    assert emulator.resources() == []


def test_view_that_is_older_than_one_seen_does_not_count(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation
) -> None:
    stack.create(Name="a")
    cloudformation.shown = ("UPDATE_IN_PROGRESS", stack.physical_id)
    cloudformation.began = "2026-11-29T00:00:01Z"
    views = iter(["2026-11-29T00:00:01Z"])

    def look(_: object) -> None:
        # From the second look on the Create is shown again.
        if next(views, None) is None:
            cloudformation.shown = ("CREATE_IN_PROGRESS", "")
            cloudformation.began = BEGAN

    cloudformation.on_question = look

    assert STALE in stack.deliver(stack.delivered)["Reason"]
    assert len(emulator.resources()) == 1


def test_late_delivery_ends_before_cloudformation_does(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation
) -> None:
    cloudformation.began = "2026-11-28T23:50:00Z"
    stack.seconds = 840
    emulator.faults.add("CreateStage", Throttle(), forever=True)

    assert "CreateStage" in stack.create(ServiceTimeout="900")["Reason"]
    # Ten minutes of the fifteen were over.
    assert Countdown.latest.now() < datetime.fromisoformat(BEGAN).timestamp() + 300


def test_tags_are_swapped_within_the_limit(stack: Stack, emulator: Emulator) -> None:
    old, new = (
        {"Tags": [{"Key": f"{name}{turn}", "Value": ""} for turn in range(46)]} for name in "ab"
    )
    stack.create(**old)

    assert stack.update(old, **new)["Status"] == "SUCCESS"
    [stage] = emulator.resources()
    assert len(stage.tags) == 50


def test_tags_of_aws_are_left_alone(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    stack.create(Tags=[{"Key": "old", "Value": "1"}])
    # No user may set such a tag, nor remove it.
    [record] = emulator._account.records.values()
    record.data["tags"]["aws:cloudformation:stack-name"] = "Live"

    assert stack.update({})["Status"] == "SUCCESS"

    [untagged] = [call.parameters for call in emulator.calls if "tagKeys" in call.parameters]
    assert untagged["tagKeys"] == ["old"]


@pytest.mark.parametrize("operation", ["GetStage", "UpdateStage", "TagResource"])
def test_call_that_is_refused_is_told(stack: Stack, emulator: Emulator, operation: str) -> None:
    stack.create()
    emulator.faults.add(operation, Refuse("ValidationException", "no"))

    assert f"{operation} failed: ValidationException: no" in stack.update({}, Name="b")["Reason"]


@pytest.mark.parametrize("times", [2, None])
def test_list_that_meets_a_conflict_is_repeated(
    stack: Stack, emulator: Emulator, times: int | None
) -> None:
    stack.create()
    for _ in range(times or 1):
        emulator.faults.add("ListStages", Refuse("ConflictException"), forever=not times)

    reply = stack.delete()

    assert (reply["Status"] == "SUCCESS") == bool(times)
    if not times:
        assert "ListStages failed: ConflictException" in reply["Reason"]
        assert "permission" not in reply["Reason"]


def test_changed_immutable_property_replaces(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    old, new = {"Name": "a"}, {"Name": "b"}
    first = stack.create(**old)
    second = stack.update(old, **new)

    assert first["PhysicalResourceId"] != second["PhysicalResourceId"]
    assert arns(emulator) == [first["Data"]["Arn"], second["Data"]["Arn"]]
    # What CloudFormation does at clean-up.
    assert stack.delete(first["PhysicalResourceId"], **old)["Status"] == "SUCCESS"
    assert arns(emulator) == [second["Data"]["Arn"]]


def test_rollback_adopts_the_old_one_again(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    old, new = {"Name": "a"}, {"Name": "b"}
    first = stack.create(**old)
    second = stack.update(old, **new)
    third = stack.update(new, **old)

    assert third["PhysicalResourceId"] == first["PhysicalResourceId"]
    assert third["Data"] == first["Data"]
    stack.delete(second["PhysicalResourceId"], **new)
    assert arns(emulator) == [first["Data"]["Arn"]]


def test_replacement_that_nobody_heard_of_is_swept(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    old, new = {"Name": "a"}, {"Name": "b"}
    first = stack.create(**old)
    known = stack.physical_id
    stack.update(old, **new)
    # The answer was lost: CloudFormation goes on with the first, and rolls back.
    stack.physical_id = known
    stack.update(new, **old)

    assert arns(emulator) == [first["Data"]["Arn"]]


def test_failed_replacement_keeps_the_old_id(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    first = stack.create(Name="a")
    emulator.faults.add("CreateEncoderConfiguration", Refuse("ServiceQuotaExceededException"))

    failed = stack.update({"Name": "a"}, Name="b")

    assert failed["Status"] == "FAILED"
    assert failed["PhysicalResourceId"] == first["PhysicalResourceId"]


def test_update_without_old_properties(stack: Stack, emulator: Emulator) -> None:
    stack.create()

    assert stack.update(None, Name="b")["Status"] == "SUCCESS"
    assert emulator.resources()[0].data["name"] == "b"


def test_update_makes_anew_what_is_gone(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    first = stack.create()
    realtime.delete_stage(arn=first["Data"]["Arn"])

    second = stack.update({})

    assert arns(emulator) == [second["Data"]["Arn"]]


def test_what_iam_denies_because_it_is_gone_is_gone(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    first = stack.create()
    realtime.delete_stage(arn=first["Data"]["Arn"])
    emulator.faults.add("GetStage", Refuse("AccessDeniedException"), forever=True)

    assert stack.delete()["Status"] == "SUCCESS"


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_what_is_described_late_is_not_gone(stack: Stack, emulator: Emulator, kind: str) -> None:
    first = stack.create(Name="a")
    for nth in range(1, 4):
        emulator.faults.add("GetStage", Refuse("ResourceNotFoundException"), nth=nth)

    reply = stack.delete() if kind == "delete" else stack.update({"Name": "a"}, Name="b")

    assert reply["Status"] == "SUCCESS"
    assert arns(emulator) == ([] if kind == "delete" else [first["Data"]["Arn"]])


def test_what_an_update_changes_is_sent_though_it_is_described_already(
    stack: Stack, emulator: Emulator
) -> None:
    stack.create(Name="a", Tags=[{"Key": "team", "Value": "a"}])

    # As if the description were of before the update that is rolled back.
    reply = stack.update(
        {"Name": "b", "Tags": [{"Key": "team", "Value": "b"}]},
        Name="a",
        Tags=[{"Key": "team", "Value": "a"}],
    )

    assert reply["Status"] == "SUCCESS"
    sent = [call.parameters for call in emulator.calls]
    assert any(each.get("name") == "a" for each in sent[3:])
    assert any("team" in str(each.get("tags")) for each in sent[3:])


def test_update_sends_nothing_that_somebody_else_has_set_meanwhile(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    arn = stack.create(Name="a")["Data"]["Arn"]
    realtime.update_stage(arn=arn, name="b")
    seen: list[str] = []

    def set_it(call: Call) -> None:
        seen.append(call.operation)
        if seen.count("GetStage") == 2:
            forget()
            realtime.update_stage(arn=arn, name="a")

    forget = emulator.on_call(set_it)

    assert stack.update({"Name": "a"}, Name="a")["Status"] == "SUCCESS"
    # The test's own two.
    assert [call.operation for call in emulator.calls].count("UpdateStage") == 2


def test_update_makes_anew_what_is_gone_when_it_is_tagged(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    first = stack.create()["Data"]["Arn"]

    def vanish(call: Call) -> None:
        if call.operation == "TagResource":
            forget()
            realtime.delete_stage(arn=first)

    forget = emulator.on_call(vanish)
    second = stack.update({}, Name="b")["Data"]["Arn"]

    assert arns(emulator) == [second] != [first]


def test_update_that_finds_it_deleted_meanwhile_says_so(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
) -> None:
    arn = stack.create()["Data"]["Arn"]
    seen: list[str] = []

    def vanish(call: Call) -> None:
        seen.append(call.operation)
        if seen.count("GetStage") == 2:
            forget()
            realtime.delete_stage(arn=arn)

    forget = emulator.on_call(vanish)

    assert f"{arn} was deleted by somebody else" in stack.update({}, Name="b")["Reason"]


def test_update_of_ingest(stack: Stack, emulator: Emulator, realtime: Untyped) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    stage = realtime.create_stage()["stage"]["arn"]
    base = {"IngestProtocol": "RTMPS"}
    full = {**base, "StageArn": stage, "RedundantIngest": "true"}
    first = stack.create(**full)
    second = stack.update(full, **base)

    [ingest] = emulator.resources("IngestConfiguration")
    assert first["Data"]["Arn"] == second["Data"]["Arn"] == ingest.arn
    assert (ingest.data["stageArn"], ingest.data["redundantIngest"]) == ("", False)


@pytest.mark.parametrize(
    "operation", ["ListStages", "GetStage", "UpdateStage", "TagResource", "UntagResource"]
)
@pytest.mark.parametrize("fault", AMBIGUOUS, ids=str)
def test_safe_calls_are_repeated(
    stack: Stack, emulator: Emulator, operation: str, fault: FaultKind
) -> None:
    old = {"Name": "a", "Tags": [{"Key": "a", "Value": "1"}]}
    stack.create(**old)
    emulator.faults.add(operation, fault)

    reply = stack.update(old, Name="b", Tags=[{"Key": "b", "Value": "1"}])

    assert reply["Status"] == "SUCCESS", reply


# A permission that is not there yet

DENIED = [
    Refuse("AccessDeniedException", "no", status=403),
    Refuse("AccessDenied", "no", status=400),
    Refuse("UnauthorizedOperation", "no", status=400),
    Refuse("ForbiddenForSomeReason", "no", status=403),
]


@pytest.mark.parametrize("refusal", DENIED)
@pytest.mark.parametrize("operation", ["ListStages", "CreateStage", "GetStage", "UpdateStage"])
def test_permission_may_come_late(
    stack: Stack, emulator: Emulator, operation: str, refusal: Refuse
) -> None:
    for _ in range(3):
        emulator.faults.add(operation, refusal)

    assert stack.create()["Status"] == "SUCCESS"
    assert stack.update({}, Name="b")["Status"] == "SUCCESS"
    assert stack.delete()["Status"] == "SUCCESS"
    assert emulator.resources() == []


@pytest.mark.parametrize("refusal", DENIED)
@pytest.mark.parametrize(
    "operation", ["ListStages", "GetStage", "UpdateStage", "TagResource", "DeleteStage"]
)
def test_permission_that_never_comes_is_told(
    stack: Stack, emulator: Emulator, operation: str, refusal: Refuse
) -> None:
    stack.create()
    emulator.faults.add(operation, refusal, forever=True)

    act = {"ListStages": stack.create, "DeleteStage": stack.delete}
    reply = act[operation]() if operation in act else stack.update({}, Name="b")

    assert reply["Status"] == "FAILED"
    assert reply["PhysicalResourceId"] == stack.physical_id
    assert f"{operation} failed: {refusal.code}: no" in reply["Reason"]
    assert f"lacks a permission that {operation} needs" in reply["Reason"]


def test_create_that_is_denied_leaves_nothing(
    stack: Stack, emulator: Emulator, operations: Operations
) -> None:
    emulator.faults.add("CreateStage", DENIED[0], forever=True)

    assert "lacks a permission that CreateStage needs" in stack.create()["Reason"]
    assert operations().count("CreateStage") > 1
    assert emulator.resources() == []


@pytest.mark.parametrize("kind", ["create", "update", "delete"])
def test_guard_that_is_denied_may_come_late(
    stack: Stack,
    emulator: Emulator,
    cloudformation: CloudFormation,
    kind: str,
) -> None:
    if kind != "create":
        stack.create()
    cloudformation.describes = [(403, "AccessDenied")] * 3

    act: dict[str, Callable[[], dict[str, Any]]] = {
        "create": stack.create,
        "update": partial(stack.update, {}),
        "delete": stack.delete,
    }

    assert act[kind]()["Status"] == "SUCCESS"
    assert cloudformation.describes == []
    assert bool(emulator.resources()) == (kind != "delete")


def test_guard_that_is_never_permitted_does_not_hinder(
    stack: Stack,
    emulator: Emulator,
    cloudformation: CloudFormation,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cloudformation.describes = [(403, "AccessDenied")] * 10_000

    assert stack.create(Name="a")["Status"] == "SUCCESS"
    assert stack.update({"Name": "a"}, Name="b")["Status"] == "SUCCESS"
    assert stack.delete(Name="b")["Status"] == "SUCCESS"

    assert emulator.resources() == []
    noted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ("DescribeStackResource", "AccessDenied") in {
        (each["operation"], each["outcome"]) for each in noted
    }


def test_patience_with_what_is_denied_ends(
    stack: Stack, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = lifecycle.Clock.sleep

    def noted(clock: lifecycle.Clock, seconds: float) -> None:
        slept.append(seconds)
        sleep(clock, seconds)

    monkeypatch.setattr(lifecycle.Clock, "sleep", noted)
    emulator.faults.add("CreateStage", DENIED[0], forever=True)

    assert "lacks a permission" in stack.create()["Reason"]
    assert 60 < sum(slept) <= lifecycle.GRACE_SECONDS


def test_account_that_is_not_verified_is_told_at_once(
    stack: Stack, emulator: Emulator, operations: Operations
) -> None:
    emulator.account_unverified = True

    reply = stack.create()

    assert "PendingVerification" in reply["Reason"]
    assert "permission" not in reply["Reason"]
    assert operations().count("CreateStage") == 1


# Delete


@pytest.mark.parametrize("foreign", ["", "2026/11/21/[$LATEST]0123456789abcdef", "R-1A2B3C"])
def test_delete_with_a_foreign_id_sweeps_the_logical_resource(
    stack: Stack, emulator: Emulator, foreign: str
) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    stack.create(Name="a")
    stack.update({"Name": "a"}, Name="b")
    stack.cloudformation.shown = ("DELETE_IN_PROGRESS", foreign)

    reply = stack.delete(foreign)

    assert reply["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_delete_keeps_another_id_of_the_same_resource(stack: Stack, emulator: Emulator) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    first = stack.create(Name="a")
    stack.update({"Name": "a"}, Name="b")

    stack.delete(first["PhysicalResourceId"], Name="a")

    assert [each.data["name"] for each in emulator.resources()] == ["b"]


@pytest.mark.parametrize("missing", [STACK_TAG, LOGICAL_TAG])
@pytest.mark.parametrize("foreign", [True, False])
def test_nothing_foreign_is_touched(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
    missing: str,
    foreign: bool,
) -> None:
    made = stack.create()
    tags = tags_like(stack)
    other = realtime.create_stage(name="same", tags={**tags, missing: "other"})["stage"]["arn"]
    bare = realtime.create_stage(tags={k: v for k, v in tags.items() if k != missing})

    stack.update({}, Name="same")
    stack.physical_id = "foreign" if foreign else stack.physical_id
    stack.delete()

    assert arns(emulator) == [other, bare["stage"]["arn"]]
    assert made["Data"]["Arn"] not in arns(emulator)


def test_delete_of_what_is_gone_is_a_success(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
) -> None:
    arn = stack.create()["Data"]["Arn"]

    def vanish(call: Call) -> None:
        if call.operation == "DeleteStage":
            forget()
            realtime.delete_stage(arn=arn)

    forget = emulator.on_call(vanish)

    assert stack.delete()["Status"] == "SUCCESS"
    assert stack.delete()["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_delete_that_is_refused_keeps_the_id(stack: Stack, emulator: Emulator) -> None:
    stack.create()
    emulator.faults.add("DeleteStage", Refuse("ValidationException", "no"))

    reply = stack.delete()

    assert reply["Status"] == "FAILED"
    assert "DeleteStage failed: ValidationException: no" in reply["Reason"]
    assert reply["PhysicalResourceId"] == stack.physical_id


@pytest.mark.parametrize("tag", [STACK_TAG, LOGICAL_TAG])
@pytest.mark.parametrize("value", [None, "edited"])
def test_edited_tag_is_told_instead_of_a_leak(
    stack: Stack, emulator: Emulator, realtime: Untyped, tag: str, value: str | None
) -> None:
    arn = stack.create()["Data"]["Arn"]
    if value is None:
        realtime.untag_resource(resourceArn=arn, tagKeys=[tag])
    else:
        realtime.tag_resource(resourceArn=arn, tags={tag: value})

    for reply in (stack.update({}), stack.delete()):
        assert reply["Status"] == "FAILED"
        assert f"Stage {arn} does not have the tags" in reply["Reason"]
        assert f"{LOGICAL_TAG}=R" in reply["Reason"]
    assert arns(emulator) == [arn]


@pytest.mark.parametrize("count", [0, 40])
def test_ingest_takes_few_calls_whatever_the_account_holds(
    stack: Stack, emulator: Emulator, realtime: Untyped, operations: Operations, count: int
) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    own, other = (realtime.create_stage()["stage"]["arn"] for _ in range(2))
    for _ in range(count):
        realtime.create_ingest_configuration(name="a", ingestProtocol="RTMPS", stageArn=other)
    before = len(emulator.calls)

    properties = {"Name": "a", "IngestProtocol": "RTMPS", "StageArn": own}
    stack.create(**properties)
    stack.delete(**properties)

    assert operations()[before:] == [
        "ListIngestConfigurations",
        "CreateIngestConfiguration",
        "GetIngestConfiguration",
        "ListIngestConfigurations",
        "DeleteIngestConfiguration",
    ]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException"])
def test_tags_of_ingests_are_asked_for_one_by_one(
    stack: Stack,
    emulator: Emulator,
    realtime: Untyped,
    code: str,
) -> None:
    stack.type = "Custom::IVSIngestConfiguration"
    realtime.create_ingest_configuration(ingestProtocol="RTMPS")
    emulator.faults.add("ListTagsForResource", Refuse(code))

    reply = stack.create(IngestProtocol="RTMPS")

    # One that is gone meanwhile is none of ours; not to be told is an error.
    assert (reply["Status"] == "SUCCESS") == (code == "ResourceNotFoundException")


# The guard


STALE = "CloudFormation does not wait for it any more"


@pytest.mark.parametrize(
    "shown", [None, "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"]
)
def test_late_create_makes_nothing(stack: Stack, emulator: Emulator, shown: str | None) -> None:
    stack.create()
    late = stack.delivered
    stack.delete()
    stack.cloudformation.shown = None if shown is None else (shown, stack.physical_id)

    reply = stack.deliver(late)

    assert reply["Status"] == "FAILED"
    assert STALE in reply["Reason"]
    assert emulator.resources() == []


def test_late_create_does_not_undo_an_update(stack: Stack, emulator: Emulator) -> None:
    stack.create(Name="a")
    late = stack.delivered
    stack.update({"Name": "a"}, Name="b")

    assert STALE in stack.deliver(late)["Reason"]
    assert emulator.resources()[0].data["name"] == "b"


@pytest.mark.parametrize("shown", ["UPDATE_COMPLETE", "CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_late_update_makes_nothing(stack: Stack, emulator: Emulator, shown: str) -> None:
    stack.type = "Custom::IVSEncoderConfiguration"
    stack.create(Name="a")
    first = stack.physical_id
    stack.update({"Name": "a"}, Name="b")
    late = {**stack.delivered, "PhysicalResourceId": first}
    stack.delete()
    stack.delete(first)
    stack.cloudformation.shown = (shown, stack.physical_id)

    assert STALE in stack.deliver(late)["Reason"]
    assert emulator.resources() == []


@pytest.mark.parametrize("shown", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_rollback_is_in_progress(stack: Stack, shown: str) -> None:
    stack.create()
    stack.cloudformation.shown = (shown, stack.physical_id)

    event = stack.event("Update", {"Name": "b"}, OldResourceProperties={})

    assert stack.deliver(event)["Status"] == "SUCCESS"


@pytest.mark.parametrize(("status", "code"), [(400, "Throttling"), (500, "InternalFailure")])
def test_guard_that_cannot_be_asked_does_not_hinder(
    stack: Stack, emulator: Emulator, cloudformation: CloudFormation, status: int, code: str
) -> None:
    cloudformation.describes = [(status, code)] * 10

    assert stack.create()["Status"] == "SUCCESS"
    cloudformation.describes = [(status, code)] * 10
    assert stack.delete()["Status"] == "SUCCESS"
    assert emulator.resources() == []


def test_guard_asks_for_this_resource(stack: Stack, cloudformation: CloudFormation) -> None:
    stack.create()

    assert {
        (asked["Action"], asked["StackName"], asked["LogicalResourceId"])
        for asked in cloudformation.asked
    } == {("DescribeStackResource", stack.delivered["StackId"], "R")}


@pytest.mark.parametrize("shown", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_late_delete_spares_what_lives_again(stack: Stack, emulator: Emulator, shown: str) -> None:
    stack.create()
    stack.delete()
    late = stack.delivered
    again = stack.create()
    stack.cloudformation.shown = (shown, stack.physical_id)

    stack.deliver(late)

    assert arns(emulator) == [again["Data"]["Arn"]]


def test_delete_that_is_overtaken_spares_what_lives_again(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    stack.create()
    stack.cloudformation.shown = ("DELETE_IN_PROGRESS", stack.physical_id)
    late = stack.event("Delete", {})

    def twin(call: Call) -> None:
        # A duplicate deletes it, and the same is made again, before this one looks for more.
        if call.operation == "ListStages":
            forget()
            realtime.create_stage(tags=tags_like(stack))
            stack.cloudformation.shown = ("CREATE_COMPLETE", another(stack, realtime))

    forget = emulator.on_call(twin)
    reply = stack.deliver(late)

    assert STALE in reply["Reason"]
    assert len(arns(emulator)) == 3


def test_duplicate_of_an_earlier_life_leaves_the_new_one(stack: Stack, emulator: Emulator) -> None:
    stack.create(Name="a")
    former = stack.delivered
    stack.delete()
    second = stack.create(Name="b")
    # CloudFormation waits for the second one, and takes no other reply.
    stack.cloudformation.shown = ("CREATE_IN_PROGRESS", "")

    def answered() -> None:
        stack.cloudformation.shown = ("CREATE_COMPLETE", second["PhysicalResourceId"])

    stack.cloudformation.on_reply = answered
    stack.deliver(former)

    [stage] = emulator.resources()
    assert stage.data["name"] == "b"


def test_create_that_is_overtaken_by_an_update_changes_nothing(
    stack: Stack, emulator: Emulator, realtime: Untyped
) -> None:
    stack.type = "Custom::IVSFailoverSlateConfiguration"
    emulator.states.set_polls("FailoverSlateConfiguration", 3)
    seen: list[int] = []

    def overtake(call: Call) -> None:
        # A duplicate answers with what this one has made, and then it is updated.
        if call.operation == "GetFailoverSlateConfiguration":
            seen.append(call.index)
            if len(seen) == 3:
                [arn] = arns(emulator)
                tags = {"a": "2", REQUEST_TAG: "request-2 request-1"}
                realtime.tag_resource(resourceArn=arn, tags=tags)
                [slate] = emulator.resources()
                made = slate.tags[ID_TAG].split()[0]
                own = slate.arn.rpartition("/")[2]
                stack.cloudformation.shown = ("UPDATE_COMPLETE", f"{made}:{own}")

    emulator.on_call(overtake)
    reply = stack.create(Tags=[{"Key": "a", "Value": "1"}])

    assert STALE in reply["Reason"]
    assert emulator.resources()[0].tags["a"] == "2"


@pytest.mark.parametrize("foreign", ["", "R-1J0XQ8ZB4K2M"])
def test_late_delete_with_a_foreign_id_spares_what_lives_again(
    stack: Stack, emulator: Emulator, foreign: str
) -> None:
    again = stack.create()

    stack.delete(foreign)

    assert arns(emulator) == [again["Data"]["Arn"]]


@pytest.mark.parametrize(
    "shown", [("CREATE_IN_PROGRESS", ""), ("UPDATE_IN_PROGRESS", "ivsc1-another")]
)
def test_late_delete_spares_what_is_being_made_again(
    stack: Stack, emulator: Emulator, shown: tuple[str, str]
) -> None:
    stack.create()
    stack.delete()
    late = stack.delivered
    again = stack.create()
    # It is there, but CloudFormation has not heard of it.
    stack.cloudformation.shown = shown

    stack.deliver(late)

    assert arns(emulator) == [again["Data"]["Arn"]]


def test_delete_after_the_stack_is_gone_sweeps(stack: Stack, emulator: Emulator) -> None:
    stack.create()
    stack.cloudformation.shown = None

    assert stack.delete(stack.physical_id)["Status"] == "SUCCESS"
    assert emulator.resources() == []


# Time


def test_no_create_without_time(stack: Stack, emulator: Emulator) -> None:
    stack.seconds = 30

    reply = stack.create()

    assert "not enough time was left for CreateStage" in reply["Reason"]
    assert emulator.resources() == []


def test_search_ends_with_the_time(stack: Stack, emulator: Emulator) -> None:
    stack.seconds = 45
    emulator.faults.add("CreateStage", ServerError(), forever=True)

    assert "time" in stack.create()["Reason"]
    assert emulator.resources() == []


def test_no_call_without_time(stack: Stack, emulator: Emulator) -> None:
    stack.seconds = 10

    assert "no time was left" in stack.delete()["Reason"]
    assert emulator.calls == []
