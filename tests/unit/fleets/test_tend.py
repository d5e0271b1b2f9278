"""What tends a fleet, and what CloudFormation asks of it, over HTTP."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from ivs_constructs._lambda.ivs_handler import wire
from ivs_constructs.fleets.function import aws, cloudformation, members, tend
from ivs_constructs.fleets.function.settings import CLAIM_TAG, FLEET_TAG, TEMPLATE_TAG
from ivs_constructs.testing.emulator.faults import Refuse, ServerError, Throttle
from tests.unit.fleets.conftest import FLEET, STACK, TABLE, TENDS, Cloud, Context

KINDS = pytest.mark.parametrize("kind", ["stage", "channel"])


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The last report of a run."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found: dict[str, Any] = [line for line in lines if "_aws" in line][-1]
    return found


def go_live(cloud: Cloud, arn: str) -> None:
    if cloud.kind == "stage":
        cloud.emulator.start_publishing(arn, participant_id="p")
    else:
        cloud.emulator.go_live(arn)


def end(cloud: Cloud, arn: str) -> None:
    if cloud.kind == "stage":
        cloud.emulator.stop_publishing(arn, "p")
    else:
        cloud.emulator.end_stream(arn)


@KINDS
def test_idle_members_go_and_others_stay(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    cloud.ask("acquire", key="idle")
    live = cloud.ask("acquire", key="live")
    used = cloud.ask("acquire", key="used")
    go_live(cloud, live["arn"])
    cloud.time.now += 3700
    cloud.ask("touch", key="used")
    cloud.tend()

    assert {each.arn for each in cloud.members()} == {live["arn"], used["arn"]}
    assert len(cloud.rows()) == 2


@KINDS
def test_session_between_two_runs_counts_as_use(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    made = cloud.ask("acquire", key="a")
    cloud.time.now += 3000
    go_live(cloud, made["arn"])
    cloud.time.now += 100
    end(cloud, made["arn"])
    cloud.time.now += 1000
    cloud.tend()
    looked = len(cloud.emulator.calls)
    cloud.tend()

    # Noted, so that the second run looks at lists alone.
    assert all(call.operation.startswith("List") for call in cloud.emulator.calls[looked:])
    assert cloud.ask("get", key="a")["arn"] == made["arn"]
    cloud.time.now += 3700
    cloud.tend()
    assert cloud.members() == []


@KINDS
def test_live_by_the_newest_look_stays(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    made = cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    looks = "GetStage" if kind == "stage" else "GetStream"
    # Somebody comes after the lists were read.
    undo = cloud.emulator.on_call(
        lambda call: go_live(cloud, made["arn"]) if call.operation == looks else None
    )
    cloud.tend()
    undo()
    assert len(cloud.members()) == 1


def test_member_that_is_asked_for_at_the_last_moment_stays(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    undo = cloud.emulator.on_call(
        lambda call: cloud.ask("touch", key="a") if call.operation == "ListStageSessions" else None
    )
    cloud.tend()
    undo()
    assert len(cloud.members()) == len(cloud.rows()) == 1


def test_idle_after_none_keeps_members(cloud: Cloud) -> None:
    cloud.deploy(idle_after=None)
    cloud.ask("acquire", key="a")
    cloud.time.now += 10**8
    cloud.tend()
    assert len(cloud.members()) == 1


@KINDS
def test_orphans_go_and_foreign_ones_stay(
    cloud: Cloud, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.deploy(kind)
    service = "ivs-realtime" if kind == "stage" else "ivs"
    create = getattr(cloud.client(service), f"create_{kind}")
    create(tags={FLEET_TAG: FLEET, CLAIM_TAG: f"{int(cloud.time.now) - 600:x}-lost"})
    create(tags={FLEET_TAG: FLEET, CLAIM_TAG: "no time"})
    create(tags={FLEET_TAG: "another"})
    create(tags={"team": "video"})
    create()
    cloud.tend()

    assert cloud.members() == []
    assert len(cloud.emulator.resources(kind.capitalize())) == 3
    found = report(capsys)
    assert found["orphans"] == 2
    assert found["OldestOrphan"] > 600


@KINDS
def test_what_own_code_makes_is_taken_on(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    service = "ivs-realtime" if kind == "stage" else "ivs"
    made = getattr(cloud.client(service), f"create_{kind}")(tags={FLEET_TAG: FLEET})
    cloud.tend()
    [listed] = cloud.ask("list")["members"]

    assert listed["arn"] == made[kind]["arn"]
    assert "key" not in listed
    assert cloud.fleet()["size"] == {"N": "1"}
    cloud.tend()
    assert len(cloud.rows()) == 1
    cloud.time.now += 3700
    cloud.tend()
    assert cloud.members() == cloud.rows() == []
    assert cloud.fleet()["size"] == {"N": "0"}


@pytest.mark.parametrize("kind", ["stage", "channel"])
def test_all_pages_of_members_are_read(cloud: Cloud, kind: str) -> None:
    cloud.monkeypatch.setattr(members, "_PAGE", 1)
    cloud.deploy(kind)
    client = cloud.client("ivs-realtime" if kind == "stage" else "ivs")
    made = [getattr(client, f"create_{kind}")(tags={FLEET_TAG: FLEET}) for _ in range(3)]
    cloud.tend()

    listed = cloud.ask("list")["members"]
    assert {each["arn"] for each in listed} == {each[kind]["arn"] for each in made}


def test_rows_without_members_go(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.client("ivs-realtime").delete_stage(arn=made["arn"])
    cloud.tend()
    assert len(cloud.rows()) == 1
    cloud.time.now += 60
    cloud.tend()
    assert report(capsys)["forgotten"] == 1
    assert cloud.rows() == []


def test_members_that_lists_do_not_show_yet_stay(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.emulator.list_lag = 5
    cloud.ask("acquire", key="b")
    cloud.time.now += 60
    cloud.tend()
    assert len(cloud.rows()) == 2


def test_ready_members_are_made_and_surplus_ones_removed(cloud: Cloud) -> None:
    cloud.deploy(ready=3)
    cloud.tend()
    assert len(cloud.members()) == len(cloud.rows()) == 3
    cloud.time.now += 10_000
    cloud.tend()
    assert len(cloud.members()) == 3
    cloud.deploy(ready=1)
    cloud.tend()
    assert len(cloud.members()) == len(cloud.rows()) == 1
    assert cloud.fleet()["size"] == {"N": "1"}


def test_refill_ends_where_the_fleet_is_full(cloud: Cloud) -> None:
    cloud.deploy(ready=3, max_size=2)
    cloud.tend()
    assert len(cloud.members()) == len(cloud.rows()) == 2


def test_refill_ends_where_a_create_fails(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.deploy(ready=2)
    cloud.emulator.faults.add("CreateStage", Refuse("AccessDeniedException"))
    cloud.tend()
    assert report(capsys)["failures"] == {"AccessDeniedException": 1}
    assert cloud.members() == cloud.rows() == []


@KINDS
def test_template_reaches_members(
    cloud: Cloud, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.deploy(kind, ready=1)
    idle = cloud.ask("acquire", key="idle")
    live = cloud.ask("acquire", key="live")
    cloud.tend()
    [ready] = {each.arn for each in cloud.members()} - {idle["arn"], live["arn"]}
    go_live(cloud, live["arn"])
    client = cloud.client("ivs-realtime" if kind == "stage" else "ivs")
    client.tag_resource(resourceArn=idle["arn"], tags={"moderated": "yes"})
    cloud.deploy(kind, ready=1, create={"name": "two"}, update={"name": "two"}, tags={"team": "b"})
    reply = cloud.cloudformation("Update")

    assert reply is not None
    assert (reply["Status"], reply["Data"]) == ("SUCCESS", {"Stale": "1"})
    assert report(capsys)["stale"] == [live["arn"]]
    members = {each.arn: each for each in cloud.members()}
    assert members[idle["arn"]].data["name"] == "two"
    assert members[idle["arn"]].tags["team"] == "b"
    assert members[idle["arn"]].tags["moderated"] == "yes"
    assert members[live["arn"]].data["name"] == "one"
    assert ready not in members
    assert len(members) == 3
    end(cloud, live["arn"])
    cloud.tend()
    assert {each.data["name"] for each in cloud.members()} == {"two"}
    assert len({each.tags[TEMPLATE_TAG] for each in cloud.members()}) == 1
    calls = len(cloud.emulator.calls)
    cloud.tend()
    assert all(each.operation.startswith("List") for each in cloud.emulator.calls[calls:])


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException"])
def test_member_that_cannot_take_the_template_is_told_of(
    cloud: Cloud, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.deploy(create={"name": "two"}, update={"name": "two"})
    cloud.emulator.faults.add("UpdateStage", Refuse(code))
    cloud.tend()
    assert report(capsys)["stale"] == [made["arn"]]
    cloud.emulator.faults.add("UpdateStage", Refuse("AccessDeniedException"))
    cloud.tend()
    assert report(capsys)["failures"] == {"AccessDeniedException": 1}


def test_member_that_goes_live_meanwhile_keeps_its_template(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.deploy(create={"name": "two"}, update={"name": "two"})
    undo = cloud.emulator.on_call(
        lambda call: go_live(cloud, made["arn"]) if call.operation == "GetStage" else None
    )
    cloud.tend()
    undo()
    assert report(capsys)["stale"] == [made["arn"]]


def test_second_run_leaves_the_first_alone(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    ran: list[int] = []

    def again(_: object) -> None:
        if not ran:
            ran.append(1)
            cloud.tend()

    undo = cloud.emulator.on_call(again)
    cloud.tend()
    undo()
    assert "another run is at it" in capsys.readouterr().out
    assert cloud.members() == []


def test_run_is_paced_and_ends_in_time(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    for key in range(10):
        cloud.ask("acquire", key=str(key))
    cloud.time.now += 3700
    began = cloud.time.now
    tend.handler({}, Context(TENDS, seconds=23))
    assert not report(capsys)["complete"]
    assert 0 < len(cloud.members()) < 10
    assert cloud.time.now - began < 23
    cloud.tend()
    assert cloud.members() == cloud.rows() == []
    deletes = [each.started for each in cloud.emulator.calls if each.operation == "DeleteStage"]
    apart = [(b - a).total_seconds() for a, b in pairwise(deletes)]
    # Those of the second run begin anew.
    assert sorted(apart)[1] >= 0.39


def test_run_that_is_not_the_only_one_any_more_stops(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in "abc":
        cloud.ask("acquire", key=key)
    cloud.time.now += 3700

    def slow(call: Any) -> None:  # noqa: ANN401 (a call)
        if call.operation == "GetStage":
            # Meanwhile another one took over.
            cloud.time.now += 200
            row = {**cloud.fleet(), "tender": {"S": "another"}}
            row["tender_until"] = {"N": f"{cloud.time.now + 90:.3f}"}
            cloud.client("dynamodb").put_item(TableName=TABLE, Item=row)

    undo = cloud.emulator.on_call(slow)
    cloud.tend()
    undo()
    assert not report(capsys)["complete"]
    assert len(cloud.members()) == 2


def test_long_run_says_that_it_is_the_only_one(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    undo = cloud.emulator.on_call(lambda _: setattr(cloud.time, "now", cloud.time.now + 30))
    cloud.tend()
    undo()
    assert report(capsys)["complete"]
    assert cloud.members() == []


def test_failures_are_counted_and_left_to_the_next_run(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in "ab":
        cloud.ask("acquire", key=key)
    cloud.time.now += 3700
    cloud.emulator.faults.add("DeleteStage", Refuse("AccessDeniedException"))
    cloud.tend()
    found = report(capsys)
    assert found["Failures"] == 1
    assert found["removed"] == 2
    assert len(cloud.members()) == 1
    cloud.tend()
    assert cloud.members() == []


@pytest.mark.parametrize("operation", ["ListStages", "GetStage", "ListStageSessions"])
def test_reads_that_fail(cloud: Cloud, operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    cloud.emulator.faults.add(operation, Refuse("AccessDeniedException"))
    cloud.tend()
    assert report(capsys)["failures"] == {"AccessDeniedException": 1}
    cloud.tend()
    assert cloud.members() == []


@pytest.mark.parametrize("operation", ["GetStream", "DeleteChannel"])
def test_reads_of_channels_that_fail(
    cloud: Cloud, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.deploy("channel")
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    cloud.emulator.faults.add(operation, Refuse("AccessDeniedException"))
    cloud.tend()
    assert report(capsys)["failures"] == {"AccessDeniedException": 1}


def hindered(cloud: Cloud, operation: str, nth: int = 1) -> None:
    """Let a write to the table be refused once."""
    real = aws.send
    seen: list[str] = []

    def send(call: Any) -> Any:  # noqa: ANN401 (a call)
        text = f"{call.operation} {call.parameters.get('UpdateExpression', '')}"
        if text.startswith(operation):
            seen.append(text)
            if len(seen) == nth:
                cloud.dynamodb.next = [(400, b'{"__type": "ValidationException"}')]
        return real(call)

    cloud.monkeypatch.setattr(aws, "send", send)


@pytest.mark.parametrize(
    "operation", ["UpdateItem ADD #size :difference", "UpdateItem SET #tender_until = :zero"]
)
def test_table_that_fails_ends_no_run(
    cloud: Cloud, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.client("ivs-realtime").delete_stage(arn=made["arn"])
    # A size that is wrong, so that there is something to correct.
    row = {**cloud.fleet(), "size": {"N": "7"}}
    cloud.client("dynamodb").put_item(TableName=TABLE, Item=row)
    hindered(cloud, operation)
    cloud.tend()
    assert report(capsys)["failures"] == {"ValidationException": 1}


def test_size_is_not_corrected_where_rows_went_meanwhile(cloud: Cloud) -> None:
    row = {**cloud.fleet(), "size": {"N": "7"}}
    cloud.client("dynamodb").put_item(TableName=TABLE, Item=row)
    real = aws.send

    def send(call: Any) -> Any:  # noqa: ANN401 (a call)
        if call.parameters.get("UpdateExpression", "").startswith("ADD #size :difference"):
            cloud.monkeypatch.setattr(aws, "send", real)
            made = cloud.ask("acquire", key="b")
            cloud.ask("release", key="b", arn=made["arn"])
        return real(call)

    cloud.monkeypatch.setattr(aws, "send", send)
    cloud.tend()
    assert cloud.fleet()["size"] == {"N": "7"}
    cloud.tend()
    assert cloud.fleet()["size"] == {"N": "0"}


# CloudFormation


def test_create_opens_the_fleet_and_fills_it(cloud: Cloud) -> None:
    assert cloud.fleet()["state"] == {"S": "OPEN"}
    cloud.deploy(ready=2)
    reply = cloud.cloudformation("Create")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert reply["PhysicalResourceId"] == FLEET
    assert len(cloud.members()) == 2


def test_denied_at_first_is_denied_for_a_while_only(cloud: Cloud) -> None:
    cloud.dynamodb.next = [(400, b'{"__type": "AccessDeniedException"}')] * 5
    reply = cloud.cloudformation("Create")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    cloud.dynamodb.next = [(400, b'{"__type": "AccessDeniedException"}')] * 1000
    reply = cloud.cloudformation("Create")
    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "fleet 'Stack/Rooms': UpdateItem failed: AccessDeniedException" in reply["Reason"]
    cloud.dynamodb.next.clear()


@KINDS
def test_delete_leaves_nothing(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind, ready=1)
    cloud.tend()
    for key in "abc":
        cloud.ask("acquire", key=key)
    service = "ivs-realtime" if kind == "stage" else "ivs"
    create = getattr(cloud.client(service), f"create_{kind}")
    create(tags={FLEET_TAG: FLEET})
    create(tags={FLEET_TAG: "another"})
    reply = cloud.cloudformation("Delete")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.members() == cloud.rows() == []
    assert len(cloud.emulator.resources(kind.capitalize())) == 1
    assert "signature" not in json.dumps({**reply, "path": ""})


def test_delete_of_a_fleet_that_never_opened_waits_for_nobody(cloud: Cloud) -> None:
    cloud.client("dynamodb").delete_item(
        TableName=TABLE, Key={"pk": {"S": "fleet"}, "sk": {"S": "-"}}
    )
    began = cloud.time.now
    reply = cloud.cloudformation("Delete")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.time.now - began < 10


@KINDS
def test_delete_fails_naming_what_is_live_and_goes_on(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    live = [cloud.ask("acquire", key=f"live {each}")["arn"] for each in range(6)]
    for arn in live:
        go_live(cloud, arn)
    cloud.ask("acquire", key="idle")
    reply = cloud.cloudformation("Delete")

    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert f"6 {kind}s of the fleet left (6 in use)" in reply["Reason"]
    assert sum(arn in reply["Reason"] for arn in live) == 5
    assert "and 1 more" in reply["Reason"]
    assert "live 0" not in reply["Reason"]
    assert {each.arn for each in cloud.members()} == set(live)
    for arn in live:
        end(cloud, arn)
    reply = cloud.cloudformation("Delete")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.members() == []


@KINDS
def test_delete_waits_for_what_is_live(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    arn = cloud.ask("acquire", key="live")["arn"]
    go_live(cloud, arn)
    ends = cloud.time.now + 300

    def passes(_: object) -> None:
        if cloud.time.now > ends:
            undo()
            end(cloud, arn)

    undo = cloud.emulator.on_call(passes)
    reply = cloud.cloudformation("Delete", in_use="WAIT")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.time.now > ends


@KINDS
def test_delete_stops_what_is_live(cloud: Cloud, kind: str) -> None:
    cloud.deploy(kind)
    arn = cloud.ask("acquire", key="live")["arn"]
    if kind == "stage":
        go_live(cloud, arn)
    else:
        cloud.emulator.go_live(arn, reconnects=True)
    reply = cloud.cloudformation("Delete", in_use="STOP")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.members() == []


def test_unknown_policy_is_the_careful_one(cloud: Cloud) -> None:
    go_live(cloud, cloud.ask("acquire", key="live")["arn"])
    reply = cloud.cloudformation("Delete", in_use="EVERYTHING")
    assert reply is not None
    assert reply["Status"] == "FAILED"


def test_delete_that_takes_longer_is_handed_on(cloud: Cloud) -> None:
    arn = cloud.ask("acquire", key="live")["arn"]
    go_live(cloud, arn)
    assert cloud.cloudformation("Delete", in_use="WAIT", seconds=120) is None
    [invoked] = cloud.invoked
    assert TENDS.rpartition(":")[2] in invoked["path"]
    assert invoked["headers"]["X-Amz-Invocation-Type"] == "Event"
    event = invoked["event"]
    assert event["RequestType"] == "Delete"
    end(cloud, arn)
    tend.handler(event, Context(TENDS))
    assert cloud.replies[-1]["Status"] == "SUCCESS"


def test_delete_fails_in_time_for_cloudformation(cloud: Cloud) -> None:
    go_live(cloud, cloud.ask("acquire", key="live")["arn"])
    # Most of the hour is over: each round is a number of calls.
    began = cloud.time.now - 2400
    reply = cloud.cloudformation("Delete", in_use="WAIT", IvsConstructsBegan=began)
    invocations = 1
    while reply is None:
        before = len(cloud.replies)
        tend.handler(cloud.invoked[-1]["event"], Context(TENDS))
        reply = cloud.replies[-1] if len(cloud.replies) > before else None
        invocations += 1
    assert reply["Status"] == "FAILED"
    assert invocations == 2
    assert 3300 < cloud.time.now - began < 3600


def test_handing_on_that_fails_is_answered(cloud: Cloud) -> None:
    go_live(cloud, cloud.ask("acquire", key="live")["arn"])
    cloud.lambdas.next = [(403, b'{"Message": "no"}')]
    reply = cloud.cloudformation("Delete", in_use="WAIT", seconds=120)
    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "Invoke failed" in reply["Reason"]


def test_what_cannot_be_deleted_is_named_with_the_reason(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    cloud.emulator.faults.add(
        "DeleteStage", Refuse("AccessDeniedException", "no way"), forever=True
    )
    reply = cloud.cloudformation("Delete", IvsConstructsBegan=cloud.time.now - 3000)
    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "no way" in reply["Reason"]
    assert made["arn"] in reply["Reason"]


def test_delete_without_time_says_so(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    reply = cloud.cloudformation("Delete", IvsConstructsBegan=cloud.time.now - 3590)
    assert reply is not None
    assert reply["Status"] == "FAILED"
    cloud.cloudformation("Delete")
    cloud.cloudformation("Create")
    reply = cloud.cloudformation("Delete", IvsConstructsBegan=cloud.time.now - 3590)
    assert reply is not None
    assert "before it was certain" in reply["Reason"]


def test_delete_goes_on_although_a_row_changes(cloud: Cloud) -> None:
    made = cloud.ask("acquire", key="a")
    undo = cloud.emulator.on_call(
        lambda call: (
            cloud.ask("release", key="a", arn=made["arn"])
            if call.operation == "GetStage" and len(cloud.emulator.calls) < 8
            else None
        )
    )
    reply = cloud.cloudformation("Delete")
    undo()
    assert reply is not None
    assert reply["Status"] == "SUCCESS"


def test_create_that_comes_twice_does_not_keep_a_fleet_open(cloud: Cloud) -> None:
    go_live(cloud, cloud.ask("acquire", key="live")["arn"])
    opened: list[int] = []

    def late(call: Any) -> None:  # noqa: ANN401 (a call)
        if call.operation == "GetStage" and not opened:
            opened.append(1)
            cloud.cloudformation("Create")

    undo = cloud.emulator.on_call(late)
    cloud.cloudformation("Delete")
    undo()
    assert cloud.fleet()["state"] == {"S": "CLOSED"}


def test_update_opens_again_and_goes_on_later(cloud: Cloud) -> None:
    go_live(cloud, cloud.ask("acquire", key="a")["arn"])
    cloud.cloudformation("Delete")
    reply = cloud.cloudformation("Update")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.fleet()["state"] == {"S": "OPEN"}


def test_update_that_takes_longer_is_handed_on(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.emulator.faults.add("ListStages", Throttle(), forever=True)
    assert cloud.cloudformation("Update", seconds=120) is None
    assert cloud.invoked[-1]["event"]["RequestType"] == "Update"
    # At the end of the hour it is over: the schedule goes on with it.
    reply = cloud.cloudformation("Update", IvsConstructsBegan=cloud.time.now - 3400)
    assert reply is not None
    assert (reply["Status"], reply["Data"]) == ("SUCCESS", {})


def test_update_tries_again_what_failed(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.deploy(create={"name": "two"}, update={"name": "two"})
    cloud.emulator.faults.add("UpdateStage", Refuse("AccessDeniedException"))
    reply = cloud.cloudformation("Update")
    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert [each.data["name"] for each in cloud.members()] == ["two"]


def test_unknown_requests_are_answered(cloud: Cloud) -> None:
    reply = cloud.cloudformation("Restart")
    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "RequestType must be" in reply["Reason"]


def test_crash_is_answered_and_tells_nothing(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(_: object) -> None:
        raise RuntimeError("secret")

    cloud.monkeypatch.setattr(aws, "send", crash)
    reply = cloud.cloudformation("Delete")
    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "internal error RuntimeError" in reply["Reason"]
    assert "secret" not in reply["Reason"] + capsys.readouterr().out


def test_reply_is_delivered_again_and_then_given_up(cloud: Cloud) -> None:
    cloud.s3.next = [(503, b""), (0, b"")]
    reply = cloud.cloudformation("Create")
    assert reply is not None
    cloud.s3.next = [(403, b"")] * 1000
    with pytest.raises(cloudformation.UndeliveredError) as raised:
        cloud.cloudformation("Create")
    assert "signature" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.amazonaws.com/a",
        "https://example.com/a",
        "https://bucket.s3.amazonaws.com.example.com/a",
        "https://bucket.s3.amazonaws.com@example.com/a",
        "https://169.254.169.254/a",
        "",
        7,
        None,
        {"s3": "amazonaws.com"},
    ],
)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_nothing_is_done_for_who_replies_elsewhere(cloud: Cloud, kind: str, url: object) -> None:
    made = cloud.ask("acquire", key="a")
    before = cloud.fleet()
    with pytest.raises(cloudformation.AddressError) as raised:
        cloud.cloudformation(kind, ResponseURL=url)
    assert str(raised.value) == "the event has no ResponseURL that CloudFormation would send"
    assert cloud.fleet() == before
    assert [each.arn for each in cloud.members()] == [made["arn"]]


def test_address_is_judged_as_by_the_provider() -> None:
    assert cloudformation._S3.pattern == wire._S3.pattern


def test_reply_fits() -> None:
    text = cloudformation.body({"StackId": "s" * 500}, "i" * 300, "ä" * 10_000, {})
    assert len(text) <= cloudformation.LARGEST_REPLY * 3
    assert json.loads(text)["Reason"].startswith("ä")


def test_server_errors_are_met_again(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.time.now += 3700
    cloud.emulator.faults.add("DeleteStage", ServerError())
    cloud.tend()
    assert cloud.members() == []


# Requests that CloudFormation did not send


def alive(cloud: Cloud) -> bool:
    return cloud.fleet()["state"] == {"S": "OPEN"} and len(cloud.members()) == 1


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("StackId", STACK.replace("Rooms", "Other")),
        ("StackId", STACK[:-1]),
        ("StackId", f"{STACK}0"),
        ("StackId", None),
        ("LogicalResourceId", "Others"),
        ("LogicalResourceId", None),
    ],
)
def test_request_about_something_else_changes_nothing(
    cloud: Cloud,
    kind: str,
    name: str,
    value: Any,  # noqa: ANN401 (JSON)
) -> None:
    cloud.ask("acquire", key="a")
    with pytest.raises(cloudformation.ForeignError, match="not this fleet's"):
        cloud.cloudformation(kind, in_use="STOP", **{name: value})
    assert alive(cloud)
    assert len(cloud.replies) == 1


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"]
)
def test_delete_that_cloudformation_does_not_wait_for(cloud: Cloud, status: str) -> None:
    """Whoever may invoke the function knows the ids, and has an address of Amazon S3."""
    cloud.ask("acquire", key="a")
    cloud.status = status
    reply = cloud.cloudformation("Delete", in_use="STOP")

    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert "CloudFormation does not wait for this Delete; nothing was changed" in reply["Reason"]
    assert alive(cloud)


def test_create_that_cloudformation_does_not_wait_for(cloud: Cloud) -> None:
    """It would open the fleet again while it is being deleted."""
    assert cloud.cloudformation("Delete")
    cloud.status = "DELETE_IN_PROGRESS"
    reply = cloud.cloudformation("Create")

    assert reply is not None
    assert reply["Status"] == "FAILED"
    assert cloud.fleet()["state"] == {"S": "CLOSED"}


def test_what_cloudformation_shows_may_be_late(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    cloud.status = ("CREATE_COMPLETE", "CREATE_COMPLETE", "DELETE_IN_PROGRESS")
    reply = cloud.cloudformation("Delete")

    assert reply is not None
    assert reply["Status"] == "SUCCESS"
    assert cloud.members() == []


def answer_of(code: str, status: int) -> tuple[int, bytes]:
    return status, f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        # A policy of the organization may deny it: then no stack there could ever be deleted.
        ([answer_of("AccessDenied", 403)], "SUCCESS"),
        ([answer_of("Throttling", 400)] * 3, "SUCCESS"),
        ([answer_of("InternalFailure", 500), (0, b"")], "SUCCESS"),
        ([answer_of("ValidationError", 400)] * 3, "SUCCESS"),
        ([answer_of("ValidationError", 400)] * 40, "FAILED"),
        # Somebody who may only invoke the function could cause these.
        ([answer_of("Throttling", 400)] * 2000, "FAILED"),
        ([answer_of("InternalFailure", 500)] * 2000, "FAILED"),
    ],
)
def test_cloudformation_that_does_not_say(
    cloud: Cloud, answers: list[tuple[int, bytes]], status: str
) -> None:
    cloud.ask("acquire", key="a")
    cloud.formation.next = list(answers)
    reply = cloud.cloudformation("Delete")
    cloud.formation.next.clear()

    assert reply is not None
    assert reply["Status"] == status
    assert (cloud.members() == []) == (status == "SUCCESS")


def test_request_that_was_handed_on_is_judged_again(cloud: Cloud) -> None:
    cloud.ask("acquire", key="a")
    assert cloud.cloudformation("Delete", seconds=60) is None
    event = cloud.invoked[-1]["event"]
    cloud.shown[:] = ["DELETE_COMPLETE"]
    cloud.send(event)

    assert cloud.replies[-1]["Status"] == "FAILED"
